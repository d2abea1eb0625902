import Desk
import NIOCore
import Peering
internal import Protocol
import Raft
import Wire

/// Typing and reading, past the log.
extension ReplicaCore {
  /// A client of this node types, or has read. Whoever is no part of the session signals nothing, and is not told so.
  func signal(_ session: SessionID, _ kind: Signal.Kind, by person: Person, from connection: ConnectionID) {
    guard let owner = desk.owner(of: session), !owner.isClosed, desk.maySend(person, session: session) else {
      return
    }
    if case .read(let sequence) = kind, sequence > desk.session(session)?.sequence ?? .zero { return }
    let signal = Signal(
      session: session, person: person, kind: kind, server: server, sink: connection.sink,
      connection: connection.number)
    if owner.server == server {
      signals.add(signal)
    } else if signalsToOwners[owner.server, default: []].count < SignalGate.limit {
      signalsToOwners[owner.server, default: []].append(signal)
    }
  }

  /// From a peer: for this node as the owner, or relayed by the owner.
  func take(_ received: [Signal]) {
    for signal in received {
      if signal.isRelayed {
        tell(signal)
      } else if desk.owner(of: signal.session)?.server == server {
        signals.add(signal)
      }
    }
  }

  /// Once in a few ticks, so that one frame tells many.
  func relaySignals() {
    for owner in signalsToOwners.keys.sorted() {
      guard let batch = signalsToOwners.removeValue(forKey: owner) else { continue }
      send(batch, to: NodeID(owner.rawValue))
    }
    guard !signals.isEmpty else { return }
    let passed = signals.take(now)
    if passed.isEmpty { return }
    for member in members where member.id != server.rawValue { send(passed, to: NodeID(member.id)) }
    for signal in passed { tell(signal) }
  }

  private func send(_ batch: [Signal], to node: NodeID) {
    let pieces = Bundles.cut(
      batch, maxCount: .max, maxBytes: options.maxFrameBytes, bytes: { SignalCodec.mostBytes(of: $0) })
    for piece in pieces {
      // Not sent: it would be old when there is a connection again.
      _ = network.send(.signal, to: node, lane: .control) { SignalCodec.encode(piece, into: &$0) }
    }
  }

  private func tell(_ signal: Signal) {
    var connections = followers.connections(of: signal.session)
    if signal.server == server {
      connections.removeAll { $0.sink == signal.sink && $0.number == signal.connection }
    }
    guard !connections.isEmpty else { return }
    let event: SessionEvent
    switch signal.kind {
    case .typing(let isOn): event = .typing(by: signal.person.id, name: signal.person.name, isOn: isOn)
    case .read(let sequence): event = .read(by: signal.person.id, sequence)
    }
    fanOut(connections) { .event(signal.session, event, to: $0) }
  }
}
