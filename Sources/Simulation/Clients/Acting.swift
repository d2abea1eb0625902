import Desk

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
        OpenSession(
          customer: conversation.customer, requestID: "open-\(conversation.opened)", channel: "web",
          skill: conversation.skill, intent: "", priority: 0, attributes: [],
          owner: nodes[clients[client].node].server))
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
      OpenSession(
        customer: clients[client].person, requestID: "visit-\(clients[client].messages)", channel: "web",
        skill: deskDice.chance(permille: 500) ? "billing" : "", intent: "",
        priority: Int32(deskDice.below(3)), attributes: [], owner: nodes[clients[client].node].server))
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
    let node = nodes[clients[client].node]
    return .status(
      SetAgentStatus(
        agent: AgentID("a\(number)"), name: "Agent \(number)", status: status,
        skills: number == 0 ? [SkillWeight(skill: "billing")] : nil, capacity: UInt32(1 + dice.below(3)),
        presence: Presence(server: node.server, connection: 0)))
  }

  /// The sessions that an agent has by the word of its node, which may be old.
  private func chats(of number: Int, _ client: Int) -> [SessionID] {
    nodes[clients[client].node].desk.sessions(of: AgentID("a\(number)"))
  }

  // MARK: Attempts

  private func attempt(_ client: Int) {
    guard let current = clients[client].current else { return }
    clients[client].current?.attempts += 1
    let request = ClientRequest(
      client: client, operation: clients[client].operation, person: clients[client].person, wish: current.wish)
    if case .agent = clients[client].kind { connect(client, to: clients[client].node) }
    schedule(.request(node: clients[client].node, request), in: 100 + dice.below(1_000))
    // A link between client and node can double what it carries, when the client connects anew and sends again.
    if !isCalm, dice.chance(permille: 20) {
      schedule(.request(node: dice.below(nodes.count), request), in: dice.below(60_000))
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

  func hear(_ answer: ClientAnswer, _ client: Int) {
    guard let current = clients[client].current, answer.operation == clients[client].operation else { return }
    tell("answer", ["client": .number(UInt64(client)), "what": .text("\(answer.body)")])
    switch (current.wish, answer.body) {
    case (_, .tryAgain):
      schedule(
        .clientLosesPatience(
          client: client, attempt: clients[client].operation << 16 | current.attempts), in: 20_000)
      return
    case (.open, .done(.opened(let session, _))):
      if case .customer(let number) = clients[client].kind, conversations[number].session == nil {
        conversations[number].session = session
        conversations[number].isClosing = false
      }
      if case .visitor = clients[client].kind { clients[client].visit = session }
    case (.send(let session, _, _), .done(.stored(let stored, let sequence, _, _))) where stored == session:
      returned(client) { $0.position = Int(sequence.rawValue) }
    case (.send(let session, _, _), .done(.refused(.sessionClosed))):
      returned(client) { $0.isRefused = true }
      closed(session, true)
    case (.read, .read(let elements)):
      returned(client) { $0.elements = elements }
    case (.close(let session), .done(.done)):
      closed(session, true)
      if case .visitor = clients[client].kind { clients[client].visit = nil }
    case (.status, .done(.done)): break
    case (.transfer, .done(.done)): tally.handovers += 1
    case (.transfer, .done(.refused(.forbidden))), (.transfer, .done(.refused(.sessionClosed))),
      (.transfer, .done(.refused(.agentUnavailable))),
      (.transfer, .done(.refused(.noSuchAgent))):
      break
    default:
      return fail("client \(client) hears \(answer.body) to \(current.wish)")
    }
    tally.operationsDone += 1
    finish(client)
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
