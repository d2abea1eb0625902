import Desk
import Kernel
import TestFrames

@testable import Protocol

/// A client and its node in one thread, with a stream of bytes between them that is cut into pieces, delayed and broken
/// as a seed says. The node knows one session.
final class Loopback {
  private final class Node {
    var endpoint: ServerEndpoint
    init(_ endpoint: consuming ServerEndpoint) { self.endpoint = endpoint }
  }

  private struct Piece {
    var due: Instant
    var bytes: [UInt8]
  }

  static let session = SessionID(rawValue: 4096)
  private static let start = Instant(nanoseconds: 5_000_000_000)
  private static let members = [
    MemberAddress(id: 1, name: "node1", peerAddress: "p:1", clientURL: "ws://h:1")
  ]

  private(set) var client: ClientEndpoint
  private var generator: SeededGenerator
  private var node: Node?
  private var connections: UInt64 = 0
  /// Whether the connection is told what is said in the session: since it has opened or resumed it.
  private var isSubscribed = false
  private var reconnectsAt: Instant? = start
  private var toNode: [Piece] = []
  private var toClient: [Piece] = []
  private var deliveries: [(due: Instant, delivery: Delivery)] = []
  private(set) var now = start

  /// What the node keeps of the session.
  private(set) var messages: [Transcribed] = []
  private(set) var told: [ClientAction] = []
  private(set) var losses = 0
  private(set) var renewals = 0
  /// How long a token lasts, in milliseconds; nil: for ever.
  private let tokenLife: UInt64?

  init(seed: UInt64, tokenLife: UInt64? = nil) {
    self.tokenLife = tokenLife
    generator = SeededGenerator(seed: seed)
    client = ClientEndpoint(
      settings: ClientSettings(
        urls: ["ws://h:1"], backoff: Backoff(first: .milliseconds(40), base: .milliseconds(80))),
      seed: seed &+ 1)
  }

  func chance(_ outOf: UInt64) -> Bool { generator.next() % outOf == 0 }

  func draw(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }

  private var moment: Moment { Moment(instant: now, wall: now.milliseconds) }

  /// A millisecond passes.
  func step() throws {
    now += .milliseconds(1)
    if let reconnectsAt, reconnectsAt <= now { connect() }
    while let piece = toNode.first, piece.due <= now {
      toNode.removeFirst()
      node?.endpoint.receive(piece.bytes, now: moment)
      serve()
    }
    while let next = deliveries.first, next.due <= now {
      deliveries.removeFirst()
      node?.endpoint.take(next.delivery, members: Self.members, now: moment)
    }
    while let piece = toClient.first, piece.due <= now {
      toClient.removeFirst()
      client.receive(piece.bytes, at: now)
    }
    if let node, node.endpoint.deadline <= now { node.endpoint.tick(now: moment) }
    if client.deadline <= now { client.tick(at: now) }
    if let node { send(node.endpoint.takeBytes(), over: &toClient) }
    if client.takeWantsToken() {
      renewals += 1
      client.renew(token: "t\(renewals)", at: now)
    }
    send(client.takeBytes(), over: &toNode)
    told += client.takeTold()
    if client.wantsEnd { breakOff() }
  }

  func submit(_ frame: SentFrame) throws { try client.submit(frame, at: now) }

  /// Somebody else says something in the session.
  func say(_ body: String) {
    append(id: "other\(messages.count)", sender: agent, body: Array(body.utf8))
  }

  /// The stream ends, with all that is on its way.
  func breakOff() {
    guard let node else { return }
    losses += 1
    node.endpoint.disconnected()
    self.node = nil
    toNode = []
    toClient = []
    deliveries = []
    if let wait = client.disconnected() { reconnectsAt = now + wait }
  }

  private func connect() {
    reconnectsAt = nil
    connections += 1
    isSubscribed = false
    node = Node(
      ServerEndpoint(
        id: ConnectionID(sink: 0, number: connections), rules: ConnectionRules(GatewaySettings(limits: .off)),
        now: moment))
    client.connected(token: "t", at: now)
  }

  /// In pieces of any size, each later than the one before.
  private func send(_ bytes: [UInt8], over wire: inout [Piece]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = min(rest.count, 1 + draw(chance(3) ? 4 : 200))
      let due = max(wire.last?.due ?? now, now + .milliseconds(draw(8)))
      wire.append(Piece(due: due, bytes: Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
  }

  // MARK: The node

  private func serve() {
    guard let node else { return }
    if node.endpoint.takeToken() != nil {
      node.endpoint.decide(
        .accepted(
          Claims(person: customer, expiresAtMilliseconds: tokenLife.map { moment.wall + $0 } ?? .max)),
        node: "node1", members: Self.members, now: moment)
    }
    for request in node.endpoint.takeRequests() { answer(request) }
  }

  private func answer(_ request: ClientRequest) {
    func reply(_ reply: Reply) { deliver(.reply(request.connection, tag: request.tag, reply)) }
    switch request.body {
    case .open:
      isSubscribed = true
      reply(.opened(summary(Self.session.rawValue)))
    case .send(let session, let id, let body):
      let known = messages.first { $0.id == id }
      let message = known ?? append(id: id, sender: request.person, body: body)
      reply(.acknowledged(session, message.sequence, time: message.time))
    case .resume(let session, let after):
      isSubscribed = true
      reply(.resumed(session, recovered: true))
      reply(.missed(session, messages.filter { $0.sequence > after }))
    default: break
    }
  }

  @discardableResult
  private func append(id: String, sender: Person, body: [UInt8]) -> Transcribed {
    let message = Transcribed(
      sequence: Sequence(UInt64(messages.count + 1)), id: id, sender: sender, kind: .text, body: body, time: 7)
    messages.append(message)
    if sender != customer, isSubscribed, let node {
      deliver(.message(Self.session, message, to: [node.endpoint.id]))
    }
    return message
  }

  private func deliver(_ delivery: Delivery) {
    let due = max(deliveries.last?.due ?? now, now + .milliseconds(draw(5)))
    deliveries.append((due, delivery))
  }
}
