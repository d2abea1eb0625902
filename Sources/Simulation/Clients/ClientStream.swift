import Desk
import Kernel
import Node
import Protocol

/// A client's end of its connection: the state that the SDK's clients have, too. It has one connection at a time, says what
/// has no answer again on the next one, and chooses by itself where that leads.
extension World {
  private var clientTime: Instant { Instant(nanoseconds: UInt64(now) * 1_000 + 1_000_000_000) }

  func clientEndpoint(first place: Int, number: Int) -> ClientEndpoint {
    let urls = nodes.indices.map { address(of: nodes[(place + $0) % nodes.count]).clientURL }
    let settings = ClientSettings(
      urls: urls,
      backoff: Backoff(
        first: .microseconds(plan.electionTime / 4), base: .microseconds(plan.electionTime / 2),
        longest: .microseconds(plan.electionTime)),
      receipts: plan.receipts,
      patience: .microseconds(2 * plan.electionTime + dice.below(3 * plan.electionTime)))
    var endpoint = ClientEndpoint(settings: settings, seed: seed &* 1_000 &+ UInt64(number))
    endpoint.isWatched = true
    return endpoint
  }

  // MARK: The connection

  func connect(_ client: Int) {
    guard clients[client].link == nil else { return }
    let url = clients[client].endpoint.url
    guard let node = nodes.first(where: { address(of: $0).clientURL == url }), node.isRunning else {
      return isOver(client, "nobody listens there")
    }
    let number = accept(client, at: node)
    clients[client].link = SimulatedClient.Link(place: node.place, number: number)
    clients[client].endpoint.connected(token: clients[client].person.id, at: clientTime)
    speak(client)
  }

  /// The connection is gone, or could not be made; another one follows.
  private func isOver(_ client: Int, _ why: String) {
    clients[client].link = nil
    guard let wait = clients[client].endpoint.disconnected(why) else {
      // Whoever waits for an answer was told.
      return carryOut(client)
    }
    schedule(
      .clientConnects(client: client), in: 100 + Int(wait.nanoseconds / 1_000) + absence(of: client))
    carryOut(client)
  }

  /// An agent whose connection has ended comes back at once, or after a while, in time or too late.
  private func absence(of client: Int) -> Int {
    if case .agent = clients[client].kind {
      guard !isCalm, deskDice.chance(permille: 600) else { return 0 }
      return deskDice.below(1_500 * plan.agentGrace)
    }
    guard plan.queueGrace > 0, !isCalm, absenceDice.chance(permille: 300) else { return 0 }
    return absenceDice.below(3_000 * plan.queueGrace)
  }

  /// The end of a client's stream reaches it.
  func loses(_ client: Int, _ number: UInt64) {
    guard clients[client].link?.number == number else { return }
    isOver(client, "the connection ended")
  }

  /// Bytes that nobody waits for are answered by the end of the connection.
  func resetClient(of number: UInt64, at node: SimulatedNode) {
    for client in clients.indices where clients[client].link?.number == number {
      schedule(.endsDown(client: client, connection: number), in: 100 + wireDice.below(1_000))
    }
  }

  /// The process of a node has ended, and with it the connections to it. Not every client hears of it at once: where the
  /// whole machine is gone, only silence tells.
  func endConnections(to node: SimulatedNode) {
    for client in clients.indices {
      guard let link = clients[client].link, link.place == node.place else { continue }
      if wireDice.chance(permille: 750) {
        schedule(.endsDown(client: client, connection: link.number), in: 100 + wireDice.below(20_000))
      }
    }
  }

  /// The client leaves its node for another one, with what it has said still on its way.
  func move(_ client: Int, to place: Int) {
    guard clients[client].link?.place != place else { return }
    clients[client].endpoint.move(to: address(of: nodes[place]).clientURL)
    speak(client)
  }

  // MARK: Words

  func submit(_ frame: SentFrame, patience: Int?, _ client: Int) {
    do {
      let deadline = patience.map { clientTime + .microseconds(Int64($0)) }
      try clients[client].endpoint.submit(frame, deadline: deadline, at: clientTime)
    } catch {
      return fail("client \(client) cannot ask \(frame.type): \(error)")
    }
    speak(client)
  }

  /// Sends what the client has to say, and tells whoever waits what it has heard.
  private func speak(_ client: Int) {
    if clients[client].endpoint.takeWantsToken() {
      clients[client].endpoint.renew(token: clients[client].person.id, at: clientTime)
    }
    for sighting in clients[client].endpoint.takeSightings() { look(sighting, client) }
    let pieces = cut(clients[client].endpoint.takeBytes())
    if var link = clients[client].link {
      for piece in pieces {
        link.lastPiece = max(now + 100 + wireDice.below(1_000) + link.lag, link.lastPiece + 1)
        enter(.bytesUp(node: link.place, connection: link.number, piece), at: link.lastPiece)
      }
      clients[client].link = link
      if clients[client].endpoint.wantsEnd {
        enter(.endsUp(node: link.place, connection: link.number), at: max(link.lastPiece, now) + 1)
        return isOver(client, "left")
      }
    }
    carryOut(client)
  }

  func hear(_ bytes: [UInt8], _ client: Int, on number: UInt64) {
    guard clients[client].link?.number == number else { return }
    clients[client].endpoint.receive(bytes, at: clientTime)
    speak(client)
  }

  private func carryOut(_ client: Int) {
    for action in clients[client].endpoint.takeTold() { told(action, client) }
    let deadline = clients[client].endpoint.deadline
    guard deadline < .distantFuture else { return }
    let due = max(now + 1, now + Int((deadline - clientTime).nanoseconds / 1_000) + 1)
    guard due < clients[client].wakesAt else { return }
    clients[client].wakesAt = due
    enter(.clientWakes(client: client), at: due)
  }

  func wakes(_ client: Int) {
    guard clients[client].wakesAt <= now else { return }
    clients[client].wakesAt = .max
    if clients[client].endpoint.deadline <= clientTime { clients[client].endpoint.tick(at: clientTime) }
    speak(client)
  }
}
