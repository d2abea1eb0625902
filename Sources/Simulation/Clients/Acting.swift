import Desk
import Protocol

/// What clients do.
extension World {
  func makeClients() {
    for number in 0..<plan.conversations {
      let customer = Person(id: "c\(number)", role: .customer, name: "Customer \(number)")
      conversations.append(Conversation(customer: customer, desk: nil, skill: number == 0 ? "billing" : ""))
      for _ in 0..<plan.clientsEach { add(.customer(conversation: number), customer) }
    }
    for number in 0..<plan.visitors {
      add(.visitor(number), Person(id: "v\(number)", role: .customer, name: "Visitor \(number)"))
    }
    for number in 0..<2 { add(.agent(number), Person(id: "a\(number)", role: .agent, name: "Agent \(number)")) }
    if plan.hasDesks { makeDesk() }
    if plan.erases { makeKeeper() }
    if plan.watches { makeWatcher() }
    if plan.setsPolicies { makePlanner() }
    if plan.setsTimers { makeTimekeeper() }
    if plan.hasTeams { makeTeam() }
    if plan.calls { makeCaller() }
  }

  private func add(_ kind: SimulatedClient.Kind, _ person: Person) {
    add(
      kind, person, of: nil, first: dice.below(nodes.count), connects: dice.below(20_000),
      acts: dice.below(plan.clientPause * 2))
  }

  /// - Parameters:
  ///   - first: the node that it comes to.
  ///   - connects: microseconds until it does; `acts`: until it wants something.
  func add(
    _ kind: SimulatedClient.Kind, _ person: Person, of desk: DeskName?, first: Int, connects: Int, acts: Int
  ) {
    let endpoint = clientEndpoint(first: first, number: clients.count)
    clients.append(SimulatedClient(kind: kind, person: person, desk: desk, endpoint: endpoint))
    schedule(.clientConnects(client: clients.count - 1), in: connects)
    schedule(.clientActs(client: clients.count - 1), in: acts)
  }

  /// The client begins its next operation.
  func act(_ client: Int) {
    guard clients[client].current == nil else { return }
    guard
      let wish = prying(client) ?? question(client) ?? operation(client) ?? wordOnOffer(client) ?? teamWish(
        client)
        ?? nextWish(client)
    else {
      // Not now; perhaps later.
      if !isCalm { schedule(.clientActs(client: client), in: pause(of: client)) }
      return
    }
    clients[client].operation += 1
    let frame = wish.frame(clients[client].operation)
    clients[client].current = SimulatedClient.Current(
      wish: wish, id: frame.id ?? "", called: now, since: checks.lastCommitted)
    if !isAcross(wish, client) { record(wish, client) }
    attempt(frame, wish, client)
  }

  private func nextWish(_ client: Int) -> ClientWish? {
    switch clients[client].kind {
    case .agent(let number): isCalm || staysAway(client) ? nil : agentWish(client, number)
    case .visitor(let number): isCalm ? nil : visitorWish(client, number)
    case .customer(let number): customerWish(client, number)
    case .keeper: keeperWish(client)
    case .watcher: watcherWish(client)
    case .planner: plannerWish(client)
    case .timekeeper: timekeeperWish(client)
    // All that they want is of teams.
    case .lead, .monitor: nil
    case .founder: isDeskKnown || isCalm ? nil : .createDesk(Self.secondDesk)
    }
  }

  private func customerWish(_ client: Int, _ number: Int) -> ClientWish? {
    let conversation = conversations[number]
    // Nothing can be said in a desk that nobody has created.
    if isCalm, conversation.desk != nil, !isDeskKnown { clients[client].lastWords = 0 }
    if isCalm, clients[client].lastWords == 0 { return nil }
    if !isCalm, let past = conversation.past, pastDice.chance(permille: 150) { return .read(past) }
    guard let session = conversation.session else {
      return .open(
        OpenRequest(
          id: "open-\(conversation.opened)", channel: "web", skill: conversation.skill, intent: "", priority: 0,
          attributes: []))
    }
    if !clients[client].follows.contains(session), dice.chance(permille: 900) { return .join(session) }
    if isCalm {
      clients[client].lastWords -= 1
      return clients[client].lastWords == 1 ? say(session, client) : .read(session)
    }
    if plan.talks, clients[client].messages < 400 {
      return dice.chance(permille: 950) ? say(session, client) : .read(session)
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

  /// An agent who is not connected mostly has nothing to say.
  private func staysAway(_ client: Int) -> Bool {
    clients[client].link == nil && deskDice.chance(permille: 600)
  }

  private func pause(of client: Int) -> Int {
    if case .agent = clients[client].kind { return deskDice.below(1_500 * plan.agentGrace) }
    return deskDice.below(plan.clientPause * 2)
  }

  private func agentWish(_ client: Int, _ number: Int) -> ClientWish {
    if let words = agentWords(client, number) { return words }
    if plan.handsOn, dice.chance(permille: 300), let session = dice.pick(chats(of: number, client)) {
      let target: Transfer.Target =
        dice.chance(permille: 500)
        ? .skill("billing") : .agent(AgentID("a\(1 - number)"))
      return .transfer(session, id: "t\(clients[client].operation)", to: target)
    }
    let status: AgentStatus = [.online, .online, .away, .offline][dice.below(4)]
    return .status(
      status, skills: number == 0 ? [SkillWeight(skill: "billing")] : nil, capacity: UInt32(1 + dice.below(3)))
  }

  /// The sessions that an agent has by the word of its node, which may be old.
  func chats(of number: Int, _ client: Int) -> [SessionID] {
    guard let link = clients[client].link else { return [] }
    return nodes[link.place].state.agent(AgentID("a\(number)"), in: desk(of: client))?.chats ?? []
  }

  // MARK: Attempts

  private func attempt(_ frame: SentFrame, _ wish: ClientWish, _ client: Int) {
    tell("request", ["client": .number(UInt64(client)), "what": .text("\(wish)")])
    // A client that connects anew sends again what it has no answer to, and the first may still be on its way.
    let leaves = !isCalm && dice.chance(permille: 40)
    if leaves { clients[client].link?.lag = dice.below(60_000) }
    if case .join(let session) = wish { clients[client].shown[session.text]?.beginsAnew() }
    // A part of a long conversation may be lost with all its files: who reads it is told to ask again for ever.
    let isLong = if case .read = wish { plan.talks } else { false }
    let patience = isCalm && !isLong ? nil : 6 * plan.electionTime + dice.below(8 * plan.electionTime)
    submit(frame, patience: patience, client)
    if leaves { move(client, to: dice.below(nodes.count)) }
  }

  private func finish(_ client: Int) {
    clients[client].current = nil
    // Those who talk much are customers: of agents' words no more are remembered than they say in a while.
    let isAgent = if case .agent = clients[client].kind { true } else { false }
    let pause = isAgent ? max(plan.clientPause, 30_000) : plan.clientPause
    schedule(.clientActs(client: client), in: dice.below(isCalm ? 20_000 : pause))
  }

  // MARK: Answers

  /// The answer to a request, by whatever connection and however often it was asked.
  func answered(_ outcome: ClientAction.Outcome, _ id: String, _ client: Int) {
    guard let current = clients[client].current, current.id == id else {
      return fail("client \(client) hears \(outcome) to \(id), which it has not asked")
    }
    tell("answer", ["client": .number(UInt64(client)), "what": .text("\(outcome)")])
    if let problem = heardAcross(current.wish, outcome, client) { return fail("client \(client) \(problem)") }
    switch (current.wish, outcome) {
    // Of another desk, or of one that is not there yet.
    case (_, .failed(.refused("not_found", _))) where plan.hasDesks && isAcross(current.wish, client):
      break
    case (_, .failed(.refused("not_found", _))) where hasLeft(current.wish):
      // What became of what was asked nobody can say any more.
      if let session = current.wish.session { closed(session, true) }
      if case .visitor = clients[client].kind { clients[client].visit = nil }
    case (.read, .failed(.refused("busy", _))): break
    case (.createDesk, .done), (.createDesk, .failed(.refused("upgrading", _))): break
    case (.erase, .done): tally.erasures += 1
    case (.watch(let session), .history):
      tally.watched += 1
      if !nodes.contains(where: \.isAstray) {
        checks.audits.wasShown(session, to: clients[client].person)
      }
    case (.watch, .failed(.refused(let code, _))) where ["not_found", "busy"].contains(code): break
    case (.erase, .failed(.refused(let code, _))) where ["conflict", "upgrading", "busy"].contains(code): break
    case (.arrange, .done):
      tally.arranged += 1
      if isCalm, case .arrange(let operation as SetTimers, _) = current.wish, operation.rules == Self.noTimers {
        clients[client].lastWords = 0
      }
    case (.arrange, .failed(.refused(let code, _)))
    where ["conflict", "upgrading", "busy", "precondition_failed"].contains(code): break
    case (_, .failed(.timedOut)):
      tally.operationsUnanswered += 1
      if case .close(let session) = current.wish { closed(session, false) }
      if case .visitor = clients[client].kind { clients[client].visit = nil }
      return finish(client)
    case (.open, .opened(let snapshot)):
      guard let session = SessionID(text: snapshot.session) else {
        return fail("client \(client) opens session \(snapshot.session)")
      }
      clients[client].follows.insert(session)
      if case .customer(let number) = clients[client].kind, conversations[number].session == nil {
        conversations[number].session = session
        conversations[number].isClosing = false
      }
      if case .visitor = clients[client].kind { clients[client].visit = session }
    case (.join(let session), .joined):
      clients[client].follows.insert(session)
      clients[client].shown[session.text]?.beginsAnew()
    case (.join, .failed(.refused(let code, _))) where code == Failure.Code.sessionClosed.rawValue: break
    case (.send(let session, _, _), .acknowledged(let proof)) where proof.session == session.text:
      returned(client) { $0.position = Int(proof.sequence) }
    case (.send(let session, _, _), .failed(.refused(let code, _)))
    where code == Failure.Code.sessionClosed.rawValue:
      returned(client) { $0.isRefused = true }
      closed(session, true)
    case (.send, .failed(.refused("forbidden", _))) where clients[client].person.role == .agent:
      // The session was given to somebody else; what was said before that may be on its way.
      break
    case (.read, .history(let page)):
      if page.more {
        // Of a long conversation an archive may have only the first part yet, and says so.
        guard plan.talks else { return fail("client \(client) reads a page, and there is more") }
        break
      }
      returned(client) {
        $0.elements = page.messages.map { SessionHistory.element(of: $0.id) }
        $0.isCut = !page.isComplete
      }
      if !page.isComplete { tally.cutReads += 1 }
      tally.reads += 1
    case (.sessions(let limit), .answer(let answer)):
      guard let own = answer.record as? OwnSessions else { return fail("client \(client) hears \(answer)") }
      answered(own, limit: limit, since: current.since, client)
    case (.close(let session), .done):
      closed(session, true)
      if case .visitor = clients[client].kind { clients[client].visit = nil }
    case (.status, .done): break
    case (.transfer, .done): tally.handovers += 1
    case (.transfer, .failed(.refused(let code, _)))
    where ["forbidden", "session_closed", "busy", "not_found"].contains(code): break
    case (.notes(let session), .answer(let answer)), (.participants(let session), .answer(let answer)):
      if let problem = judge(answer.record, of: session, since: current.since, client) {
        return fail("client \(client) \(problem)")
      }
    case (.notes, .failed(.refused(let code, _))) where ["forbidden", "not_found", "busy"].contains(code): break
    case (.participants, .failed(.refused(let code, _)))
    where ["forbidden", "not_found", "busy"].contains(code): break
    case (.perform, .done): tally.performed += 1
    case (.perform, .failed(.refused(let code, _)))
    where ["forbidden", "session_closed", "not_found", "conflict", "busy", "upgrading", "taken", "too_large"]
      .contains(code):
      break
    default:
      return fail("client \(client) hears \(outcome) to \(current.wish)")
    }
    tally.operationsDone += 1
    finish(client)
  }

  /// It is about a session that has left the state.
  private func hasLeft(_ wish: ClientWish) -> Bool {
    wish.session.map { checks.oracle.over[$0] != nil || checks.oracle.erased.contains($0) } ?? false
  }

  private func closed(_ session: SessionID, _ isClosed: Bool) {
    for number in conversations.indices where conversations[number].session == session {
      conversations[number].isClosing = false
      if isClosed {
        conversations[number].past = session
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
