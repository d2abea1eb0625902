import Desk
import Node
import Protocol

/// Clients' connections to nodes: a client has one at a time, requests and answers take their time on it, and it ends with
/// the process of its node.
extension World {
  /// The connection to the client's node: the one that it has, or a new one.
  func connection(of client: Int) -> SimulatedClient.Link? {
    let place = clients[client].node
    if let link = clients[client].link, link.place == place, link.life == nodes[place].life {
      return link
    }
    hangUp(client)
    guard nodes[place].isRunning else { return nil }
    let link = open(client, at: nodes[place])
    clients[client].link = link
    if case .customer(let number) = clients[client].kind, let session = conversations[number].session {
      resume(session, client, link)
    }
    return link
  }

  /// A connection of its own, with nobody behind it once it was used.
  func open(_ client: Int, at node: SimulatedNode) -> SimulatedClient.Link {
    links += 1
    lives[links] = node.life
    owners[links] = client
    return SimulatedClient.Link(place: node.place, life: node.life, number: links)
  }

  /// Whoever comes back to a session asks for what was said since, as the protocol's clients do.
  private func resume(_ session: SessionID, _ client: Int, _ link: SimulatedClient.Link) {
    let after = clients[client].heard[session] ?? .zero
    hearings[link.number, default: Hearing()].resumes(session, after: after)
    send(.resume(session, after: after), tag: 0, client, on: link, in: 100)
  }

  func send(
    _ body: Protocol.ClientRequest.Body, tag: UInt32, _ client: Int, on link: SimulatedClient.Link,
    in delay: Int
  ) {
    let request = Protocol.ClientRequest(
      connection: ConnectionID(sink: 0, number: link.number), tag: tag, person: clients[client].person,
      body: body)
    // What is sent on one connection arrives in order.
    let time = max(now + max(delay, 1), (lastArrivals[link.number] ?? 0) + 1)
    lastArrivals[link.number] = time
    agenda.enter(.request(node: link.place, life: link.life, request), at: time)
  }

  /// The client's connection ends. Its node hears of that, if it lives to hear it.
  func hangUp(_ client: Int) {
    guard let link = clients[client].link else { return }
    clients[client].link = nil
    hangUp(client, link, in: 100 + deskDice.below(1_000))
  }

  func hangUp(_ client: Int, _ link: SimulatedClient.Link, in delay: Int) {
    hearings[link.number] = nil
    send(.disconnected, tag: 0, client, on: link, in: delay)
  }

  /// The process of a node has ended, and with it the connections to it.
  func connectionMayEnd(_ client: Int, with node: SimulatedNode) {
    guard let link = clients[client].link, link.place == node.place else { return }
    hearings[link.number] = nil
  }

  func hasLost(_ client: Int) -> Bool {
    guard let link = clients[client].link else { return false }
    return nodes[link.place].life != link.life
  }

  // MARK: What comes back

  func deliver(_ delivery: Delivery, from node: SimulatedNode) {
    switch delivery {
    case .reply(let connection, let tag, let reply): carry(.reply(tag, reply), to: connection, from: node)
    case .message(let session, let message, let connections):
      for connection in connections { carry(.message(session, message), to: connection, from: node) }
    case .event(let session, let event, let connections):
      for connection in connections { carry(.event(session, event), to: connection, from: node) }
    case .goaway, .disperse: break
    }
  }

  private func carry(_ word: Word, to connection: ConnectionID, from node: SimulatedNode) {
    guard let client = owners[connection.number] else { return }
    // In order, as on one connection.
    let time = max(now + 100 + dice.below(1_000), (lastWords[connection.number] ?? 0) + 1)
    lastWords[connection.number] = time
    agenda.enter(.word(client: client, connection: connection.number, life: node.life, word), at: time)
  }
}

/// What a node says to a client on its connection.
enum Word {
  case reply(UInt32, Reply)
  case message(SessionID, Transcribed)
  case event(SessionID, SessionEvent)
}
