import Desk
import Kernel
import Node
import Protocol

/// The node's end of a client's connection, in the node's process: the machine that a gateway runs, too.
final class GatewayConnection {
  let client: Int
  var endpoint: ServerEndpoint
  /// What came while the process stood still, and whether the stream has ended since.
  var waiting: [UInt8] = []
  var hasEnded = false
  /// When the last piece reaches the client.
  var lastPiece = 0
  /// When it is looked at next.
  var wakesAt = Int.max

  init(_ client: Int, _ endpoint: consuming ServerEndpoint) {
    self.client = client
    self.endpoint = endpoint
  }
}

extension World {
  /// The bounds are those that are shipped. The periods fit a story of seconds.
  static func gatewayRules(_ plan: Plan) -> ConnectionRules {
    var settings = GatewaySettings()
    settings.times.heartbeat = 1_000
    settings.times.hello = plan.electionTime / 100
    settings.times.close = plan.electionTime / 500
    return ConnectionRules(settings)
  }

  private func moment(of node: SimulatedNode) -> Moment {
    let time = time(of: node)
    return Moment(instant: time.now, wall: time.timeOfDay)
  }

  /// The system takes a connection even for a process that stands still.
  /// - Returns: its number.
  func accept(_ client: Int, at node: SimulatedNode) -> UInt64 {
    links += 1
    lives[links] = node.life
    let connection = GatewayConnection(
      client,
      ServerEndpoint(id: ConnectionID(sink: 0, number: links), rules: gatewayRules, now: moment(of: node)))
    node.connections[links] = connection
    watch(links, connection, at: node)
    return links
  }

  // MARK: What clients send

  func arrive(_ bytes: [UInt8], on number: UInt64, at node: SimulatedNode) {
    guard let connection = node.connections[number] else {
      // Nobody knows the connection: the client is told so, if there is somebody to tell it.
      if node.isRunning { resetClient(of: number, at: node) }
      return
    }
    if node.isFrozen {
      connection.waiting += bytes
      return
    }
    mix(8, node.place)
    withAddressBudget(of: node, connection) { $0.receive(bytes, now: moment(of: node)) }
    serve(number, connection, at: node)
  }

  /// All clients come from one address, as those of an office do.
  private func withAddressBudget(
    of node: SimulatedNode, _ connection: GatewayConnection, _ body: (inout ServerEndpoint) -> Void
  ) {
    if let budget = node.addressBudget { connection.endpoint.addressBudget = budget }
    body(&connection.endpoint)
    node.addressBudget = connection.endpoint.addressBudget
  }

  private func serve(_ number: UInt64, _ connection: GatewayConnection, at node: SimulatedNode) {
    if connection.endpoint.takeToken() != nil {
      // One in a hundred is told that too many wait.
      let verdict: Verdict =
        !isCalm && wireDice.chance(permille: 10)
        ? .busy
        : .accepted(
          Claims(
            person: clients[connection.client].person, desk: clients[connection.client].desk, priority: 2,
            expiresAtMilliseconds: tokenEnd(number, at: node)))
      let name = address(of: node).name
      withAddressBudget(of: node, connection) {
        $0.decide(verdict, node: name, members: node.members, now: moment(of: node))
      }
    }
    let requests = connection.endpoint.takeRequests()
    flush(number, connection, from: node)
    guard !requests.isEmpty else { return }
    if node.isAstray {
      // What is said to another cluster is none of this one's: the client is to look for a node of its own.
      resetClient(of: number, at: node)
      return schedule(.endsUp(node: node.place, connection: number), in: 1)
    }
    give(.requests(requests), to: node)
  }

  /// In every fourth story tokens end after some seconds, and clients have new ones.
  private func tokenEnd(_ number: UInt64, at node: SimulatedNode) -> UInt64 {
    seed % 4 == 3 ? time(of: node).timeOfDay + 2_000 + number % 8 * 500 : .max
  }

  /// The client's stream has ended.
  func streamEnds(_ number: UInt64, at node: SimulatedNode) {
    guard let connection = node.connections[number] else { return }
    if node.isFrozen {
      connection.hasEnded = true
      return
    }
    node.connections[number] = nil
    connection.endpoint.disconnected()
    let requests = connection.endpoint.takeRequests()
    if !requests.isEmpty, !node.isAstray { give(.requests(requests), to: node) }
  }

  /// What came while the process stood still, in the order of the connections.
  func replaySockets(_ node: SimulatedNode) {
    for number in node.connections.keys.sorted() {
      guard node.isUp, let connection = node.connections[number] else { continue }
      let bytes = connection.waiting
      connection.waiting = []
      if !bytes.isEmpty { arrive(bytes, on: number, at: node) }
      if connection.hasEnded { streamEnds(number, at: node) }
    }
  }

  // MARK: What the node says

  func deliver(_ batches: [[Delivery]], from node: SimulatedNode) {
    var touched: [UInt64] = []
    func tell(_ number: UInt64, _ delivery: Delivery) {
      guard let connection = node.connections[number] else { return callerHears(delivery) }
      connection.endpoint.take(delivery, members: node.members, now: moment(of: node))
      if touched.last != number { touched.append(number) }
    }
    for batch in batches {
      for delivery in mistake == .acksOvertake ? Self.acksFirst(batch) : batch {
        switch delivery {
        case .reply(let connection, _, _), .goaway(let connection, _, _, _):
          tell(connection.number, delivery)
        case .message(_, _, let connections), .event(_, _, let connections):
          for connection in connections { tell(connection.number, delivery) }
        case .disperse(let reason, let spread):
          for number in node.connections.keys.sorted() {
            tell(number, .disperse(reason: reason, withinMilliseconds: wireDice.below(spread)))
          }
        }
      }
    }
    for number in touched {
      if let connection = node.connections[number] { flush(number, connection, from: node) }
    }
  }

  /// As a gateway would have them that writes answers to requests at once, and gathers the rest.
  private static func acksFirst(_ batch: [Delivery]) -> [Delivery] {
    func isAck(_ delivery: Delivery) -> Bool {
      if case .reply(_, _, .acknowledged) = delivery { true } else { false }
    }
    return batch.filter(isAck) + batch.filter { !isAck($0) }
  }

  private func flush(_ number: UInt64, _ connection: GatewayConnection, from node: SimulatedNode) {
    let client = connection.client
    func later() -> Int {
      connection.lastPiece = max(now + 100 + wireDice.below(1_000), connection.lastPiece + 1)
      return connection.lastPiece
    }
    for piece in cut(connection.endpoint.takeBytes()) {
      enter(.bytesDown(client: client, connection: number, piece), at: later())
    }
    switch connection.endpoint.takeEnding() {
    case nil, .awaitingClose: break
    case .refused, .finished, .dropped:
      enter(.endsDown(client: client, connection: number), at: later())
      schedule(.endsUp(node: node.place, connection: number), in: 1)
    }
    watch(number, connection, at: node)
  }

  /// As a network does: mostly whole, now and then in two.
  func cut(_ bytes: [UInt8]) -> [[UInt8]] {
    if bytes.isEmpty { return [] }
    guard bytes.count > 1, wireDice.chance(permille: 80) else { return [bytes] }
    let place = wireDice.draw(1...bytes.count - 1)
    return [Array(bytes[..<place]), Array(bytes[place...])]
  }

  // MARK: Time

  private func watch(_ number: UInt64, _ connection: GatewayConnection, at node: SimulatedNode) {
    let deadline = connection.endpoint.deadline
    guard deadline < .distantFuture else { return }
    let wait = (deadline - time(of: node).now).nanoseconds
    let due = now + max(1, Int(wait / 1_000) + 1)
    guard due < connection.wakesAt else { return }
    connection.wakesAt = due
    enter(.gatewayWakes(node: node.place, connection: number), at: due)
  }

  func gatewayWakes(_ number: UInt64, at node: SimulatedNode) {
    guard let connection = node.connections[number], connection.wakesAt <= now else { return }
    connection.wakesAt = .max
    if node.isFrozen {
      connection.wakesAt = now + 20_000
      return enter(.gatewayWakes(node: node.place, connection: number), at: now + 20_000)
    }
    if connection.endpoint.deadline <= time(of: node).now { connection.endpoint.tick(now: moment(of: node)) }
    serve(number, connection, at: node)
  }
}
