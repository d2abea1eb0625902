import Desk
import Protocol

/// What clients do.
extension World {
  func makeClients() {
    for number in 0..<plan.conversations {
      let customer = Person(id: "c\(number)", role: .customer, name: "Customer \(number)")
      conversations.append(Conversation(customer: customer, skill: number == 0 ? "billing" : ""))
      for _ in 0..<plan.clientsEach { add(.customer(conversation: number), customer) }
    }
    for number in 0..<plan.visitors {
      add(.visitor(number), Person(id: "v\(number)", role: .customer, name: "Visitor \(number)"))
    }
    for number in 0..<2 { add(.agent(number), Person(id: "a\(number)", role: .agent, name: "Agent \(number)")) }
  }

  private func add(_ kind: SimulatedClient.Kind, _ person: Person) {
    clients.append(SimulatedClient(kind: kind, person: person, node: dice.below(nodes.count)))
    schedule(.clientActs(client: clients.count - 1), in: dice.below(plan.clientPause * 2))
  }

  /// The client begins its next operation.
  func act(_ client: Int) {
    guard clients[client].current == nil else { return }
    guard let wish = nextWish(client) else {
      // Not now; perhaps later.
      if !isCalm { schedule(.clientActs(client: client), in: pause(of: client)) }
      return
    }
    clients[client].operation += 1
    clients[client].current = SimulatedClient.Current(wish: wish, called: now, attempts: 0)
    record(wish, client)
    attempt(client)
  }

  private func nextWish(_ client: Int) -> ClientWish? {
    switch clients[client].kind {
    case .agent(let number): isCalm || staysAway(client) ? nil : agentWish(client, number)
    case .visitor(let number): isCalm ? nil : visitorWish(client, number)
    case .customer(let number): customerWish(client, number)
    }
  }

  private func customerWish(_ client: Int, _ number: Int) -> ClientWish? {
    let conversation = conversations[number]
    if isCalm, clients[client].lastWords == 0 { return nil }
    guard let session = conversation.session else {
      return .open(
        OpenRequest(
          id: "open-\(conversation.opened)", channel: "web", skill: conversation.skill, intent: "", priority: 0,
          attributes: []))
    }
    if isCalm {
      clients[client].lastWords -= 1
      return clients[client].lastWords == 1 ? say(session, client) : .read(session)
    }
    let roll = dice.below(100)
    if roll < (plan.leaseReads ? 40 : 60) { return say(session, client) }
    if roll < 97 || conversation.isClosing { return .read(session) }
    conversations[number].isClosing = true
    return .close(session)
  }

  private func say(_ session: SessionID, _ client: Int) -> ClientWish {
    clients[client].messages += 1
    let id = (client + 1) * 100_000 + clients[client].messages
    let size = plan.tinyLimits ? dice.below(120) : 4 + dice.below(24)
    return .send(
      session, id: String(id), body: Array(repeating: UInt8(ascii: "a") + UInt8(id % 26), count: size))
  }

  private func visitorWish(_ client: Int, _ number: Int) -> ClientWish? {
    if let session = clients[client].visit { return deskDice.chance(permille: 250) ? .close(session) : nil }
    clients[client].messages += 1
    return .open(
      OpenRequest(
        id: "visit-\(clients[client].messages)", channel: "web",
        skill: deskDice.chance(permille: 500) ? "billing" : "", intent: "",
        priority: Int32(deskDice.below(3)), attributes: []))
  }

  /// An agent whose node has died comes back at once, or after a while, in time or too late.
  private func staysAway(_ client: Int) -> Bool { hasLost(client) && deskDice.chance(permille: 600) }

  private func pause(of client: Int) -> Int {
    if case .agent = clients[client].kind { return deskDice.below(1_500 * plan.agentGrace) }
    return deskDice.below(plan.clientPause * 2)
  }

  private func agentWish(_ client: Int, _ number: Int) -> ClientWish {
    if plan.handsOn, dice.chance(permille: 300), let session = dice.pick(chats(of: number, client)) {
      let target: TransferSession.Target =
        dice.chance(permille: 500)
        ? .skill(dice.pick(["", "billing"]) ?? "") : .agent(AgentID("a\(1 - number)"))
      return .transfer(session, id: "t\(clients[client].operation)", to: target)
    }
    let status: AgentStatus = [.online, .online, .away, .offline][dice.below(4)]
    return .status(
      status, skills: number == 0 ? [SkillWeight(skill: "billing")] : nil, capacity: UInt32(1 + dice.below(3)))
  }

  /// The sessions that an agent has by the word of its node, which may be old.
  private func chats(of number: Int, _ client: Int) -> [SessionID] {
    nodes[clients[client].node].desk.sessions(of: AgentID("a\(number)"))
  }

  // MARK: Attempts

  private func attempt(_ client: Int) {
    guard let current = clients[client].current else { return }
    clients[client].current?.attempts += 1
    let tag = UInt32(clients[client].operation)
    tell(
      "request",
      [
        "node": .number(UInt64(clients[client].node + 1)), "client": .number(UInt64(client)),
        "what": .text("\(current.wish)"),
      ])
    if let link = connection(of: client) {
      send(current.wish.body, tag: tag, client, on: link, in: 100 + dice.below(1_000))
    }
    // A client that connects anew sends again what it has no answer to, and the first may still be on its way.
    if !isCalm, !current.wish.isStatus, dice.chance(permille: 20) {
      let other = nodes[dice.below(nodes.count)]
      let delay = dice.below(60_000)
      if other.isRunning {
        let link = open(client, at: other)
        send(current.wish.body, tag: tag, client, on: link, in: delay)
        hangUp(client, link, in: delay + 2 * plan.electionTime)
      }
    }
    schedule(
      .clientLosesPatience(client: client, attempt: clients[client].operation << 16 | current.attempts + 1),
      in: 2 * plan.electionTime + dice.below(3 * plan.electionTime))
  }

  func losePatience(_ client: Int, _ attempt: Int) {
    guard let current = clients[client].current,
      attempt == clients[client].operation << 16 | current.attempts
    else { return }
    moveOn(client)
  }

  /// To another node, or to another operation.
  private func moveOn(_ client: Int) {
    guard let current = clients[client].current else { return }
    // In the end a client does not go on asking who will never be there again.
    let places = isCalm ? nodes.filter(\.isRunning).map(\.place) : Array(nodes.indices)
    clients[client].node = dice.pick(places) ?? clients[client].node
    if !isCalm, current.attempts >= 4 {
      tally.operationsUnanswered += 1
      if case .close(let session) = current.wish { closed(session, false) }
      if case .visitor = clients[client].kind { clients[client].visit = nil }
      return finish(client)
    }
    attempt(client)
  }

  private func finish(_ client: Int) {
    clients[client].current = nil
    clients[client].operation += 1
    schedule(.clientActs(client: client), in: dice.below(isCalm ? 20_000 : plan.clientPause))
  }

  // MARK: Answers

  /// Something reaches a client on one of its connections.
  func hear(_ word: Word, _ client: Int, on connection: UInt64) {
    tell(
      "word",
      ["client": .number(UInt64(client)), "connection": .number(connection), "what": .text("\(word)")])
    if let problem = follow(word, client, on: connection) {
      return fail("client \(client) \(problem) (connection \(connection))")
    }
    guard case .reply(let tag, let reply) = word, let current = clients[client].current,
      tag == UInt32(clients[client].operation)
    else { return }
    tell("answer", ["client": .number(UInt64(client)), "what": .text("\(reply)")])
    switch (current.wish, reply) {
    case (_, .failed(let failure)) where failure.retryAfterMilliseconds != nil:
      schedule(
        .clientLosesPatience(
          client: client, attempt: clients[client].operation << 16 | current.attempts), in: 20_000)
      return
    case (.open, .opened(let summary)):
      if case .customer(let number) = clients[client].kind, conversations[number].session == nil {
        conversations[number].session = summary.session
        conversations[number].isClosing = false
      }
      if case .visitor = clients[client].kind { clients[client].visit = summary.session }
    case (.send(let session, _, _), .acknowledged(let stored, let sequence, _)) where stored == session:
      returned(client) { $0.position = Int(sequence.rawValue) }
    case (.send(let session, _, _), .failed(let failure)) where failure.code == .sessionClosed:
      returned(client) { $0.isRefused = true }
      closed(session, true)
    case (.read, .history(_, let messages, let more)):
      if more { return fail("client \(client) reads a page, and there is more") }
      returned(client) { $0.elements = messages.map { Int($0.id) ?? 0 } }
      tally.reads += 1
    case (.close(let session), .done):
      closed(session, true)
      if case .visitor = clients[client].kind { clients[client].visit = nil }
    case (.status, .done): break
    case (.transfer, .done): tally.handovers += 1
    case (.transfer, .failed(let failure))
    where [.forbidden, .sessionClosed, .busy, .notFound].contains(failure.code):
      break
    default:
      return fail("client \(client) hears \(reply) to \(current.wish)")
    }
    tally.operationsDone += 1
    finish(client)
  }

  /// - Returns: what is wrong with what was told and when; nil: nothing.
  private func follow(_ word: Word, _ client: Int, on connection: UInt64) -> String? {
    guard var hearing = hearings[connection] ?? (clients[client].link?.number == connection ? Hearing() : nil)
    else { return nil }
    defer { hearings[connection] = hearing }
    var problem: String?
    switch word {
    case .reply(_, .opened(let summary)): hearing.opened(summary.session, at: summary.sequence)
    case .reply(_, .resumed(let session, let recovered)): hearing.resumed(session, recovered: recovered)
    case .reply(_, .missed(let session, let messages)):
      for message in messages where problem == nil { problem = hearing.told(session, message.sequence) }
    case .reply(_, .acknowledged(let session, let sequence, _)):
      problem = hearing.acknowledged(session, sequence)
    case .message(let session, let message): problem = hearing.told(session, message.sequence)
    case .reply(_, .joined), .reply(_, .done), .reply(_, .history), .reply(_, .failed), .event: break
    }
    if case .customer(let number) = clients[client].kind, let session = conversations[number].session,
      let highest = hearing.highest(session)
    {
      clients[client].heard[session] = highest
    }
    return problem
  }

  private func closed(_ session: SessionID, _ isClosed: Bool) {
    for number in conversations.indices where conversations[number].session == session {
      conversations[number].isClosing = false
      if isClosed {
        conversations[number].session = nil
        conversations[number].opened += 1
      }
    }
  }

  // MARK: History

  private func record(_ wish: ClientWish, _ client: Int) {
    let action: SessionHistory.Action
    let session: SessionID
    switch wish {
    case .send(let target, let id, _): (session, action) = (target, .append(Int(id) ?? 0))
    case .read(let target): (session, action) = (target, .read)
    default: return
    }
    let place: Int
    if let known = histories.firstIndex(where: { $0.session == session }) {
      place = known
    } else {
      place = histories.count
      histories.append(SessionHistory(session: session))
    }
    histories[place].records.append(
      SessionHistory.Record(client: client, action: action, called: now))
    clients[client].current?.record = place << 32 | (histories[place].records.count - 1)
  }

  private func returned(_ client: Int, _ change: (inout SessionHistory.Record) -> Void) {
    guard let record = clients[client].current?.record else { return }
    histories[record >> 32].records[record & 0xFFFF_FFFF].returned = now
    change(&histories[record >> 32].records[record & 0xFFFF_FFFF])
  }
}
