import Desk
import Kernel
import Protocol
import Raft

/// Typing and reading on their way: at the node of the client, what goes to the owners; at the owner, what is to be told.
struct EphemeralEvents {
  private var own = EventCoalescer()
  private var toOwners: [ServerID: [Signal]] = [:]

  /// What waits for one owner at most; more is dropped, as such events may be.
  private static let limit = EventCoalescer.limit

  mutating func add(_ event: Signal) { own.add(event) }

  mutating func add(_ event: Signal, for owner: ServerID) {
    guard toOwners[owner, default: []].count < Self.limit else { return }
    toOwners[owner, default: []].append(event)
  }

  /// In the order of the owners.
  mutating func takeForOwners() -> [(ServerID, [Signal])] {
    guard !toOwners.isEmpty else { return [] }
    defer { toOwners = [:] }
    return toOwners.keys.sorted().map { ($0, toOwners[$0] ?? []) }
  }

  mutating func takeOwn(_ now: Instant) -> [Signal] { own.isEmpty ? [] : own.take(now) }
}

/// Typing and reading, past the log.
extension Node {
  /// A client of this node types, or has read. Whoever is no part of the session is not heard, and is not told so.
  mutating func tell(
    _ kind: Signal.Kind, in session: SessionID, by person: Person, from connection: ConnectionID
  ) {
    guard let owner = state.owner(of: session), !owner.isClosed, state.maySend(person, session: session) else {
      return
    }
    if case .read(let sequence) = kind, sequence > state.sequence(of: session) ?? .zero { return }
    let event = Signal(
      session: session, person: person, kind: kind, server: server, sink: connection.sink,
      connection: connection.number)
    if owner.server == server { events.add(event) } else { events.add(event, for: owner.server) }
  }

  /// From a peer: for this node as the owner, or relayed by the owner.
  mutating func takeEvents(_ received: [Signal]) {
    for event in received {
      if event.isRelayed {
        show(event)
      } else if state.owner(of: event.session)?.server == server {
        events.add(event)
      }
    }
  }

  /// Once in a few ticks, so that one frame tells many.
  mutating func relayEvents() {
    // Not sent: it would be old when there is a connection again.
    for (owner, batch) in events.takeForOwners() { send(batch, to: NodeID(owner.rawValue)) }
    let passed = events.takeOwn(now)
    if passed.isEmpty { return }
    for member in group.members where member.id != server.rawValue {
      send(passed, to: NodeID(member.id))
    }
    for event in passed { show(event) }
  }

  private mutating func send(_ batch: [Signal], to node: NodeID) {
    let pieces = Bundles.cut(
      batch, maxCount: .max, maxBytes: configuration.maxFrameBytes, bytes: { $0.mostBytes })
    for piece in pieces { send(.signals(piece), to: node) }
  }

  private mutating func show(_ event: Signal) {
    let own = event.server == server ? ConnectionID(sink: event.sink, number: event.connection) : nil
    let connections = subscriptions.connections(of: event.session, but: own)
    guard !connections.isEmpty else { return }
    let told: SessionEvent
    switch event.kind {
    case .typing(let isOn): told = .typing(by: event.person.id, name: event.person.name, isOn: isOn)
    case .read(let sequence): told = .read(by: event.person.id, sequence)
    }
    fanOut(connections) { .event(event.session, told, to: $0) }
  }
}
