import Desk
import Kernel
import Protocol
import Raft

/// What a team does with conversations: agents take, invite, leave and write notes; supervisors look on, whisper and take over.
extension World {
  /// In each note, and in nothing that customers may see.
  static let noteMark = "for us alone"

  func makeTeam() {
    func add(_ kind: SimulatedClient.Kind, _ person: Person) {
      self.add(
        kind, person, of: nil, first: teamDice.below(nodes.count), connects: teamDice.below(20_000),
        acts: teamDice.below(plan.clientPause * 2))
    }
    // The same person as an agent, by another token.
    add(.lead, Person(id: "a1", role: .supervisor, name: "Agent 1"))
    add(.monitor, Person(id: "monitor", role: .supervisor, name: "Monitor"))
  }

  /// - Returns: nil: not now.
  func teamWish(_ client: Int) -> ClientWish? {
    guard plan.hasTeams, !isCalm, clients[client].desk == nil, let link = clients[client].link,
      nodes[link.place].state.level >= .ninth
    else { return nil }
    switch clients[client].kind {
    case .customer(let number):
      guard teamDice.chance(permille: 80), let session = conversations[number].session else { return nil }
      return .participants(session)
    case .agent(let number):
      guard teamDice.chance(permille: 500) else { return nil }
      return agentsWish(client, number)
    case .lead, .monitor: return supervisorsWish(client)
    case .visitor, .keeper, .planner, .timekeeper, .watcher, .founder: return nil
    }
  }

  private func agentsWish(_ client: Int, _ number: Int) -> ClientWish? {
    guard let link = clients[client].link else { return nil }
    let state = nodes[link.place].state
    let other = AgentID("a\(1 - number)")
    let own = chats(of: number, client)
    let invited = state.agent(AgentID("a\(number)"), in: .main)?.invitations ?? []
    switch teamDice.below(10) {
    case 0, 1:
      // By the word of its node, which may be old.
      let waiting = conversations.filter { $0.desk == nil }.compactMap(\.session) + clients.compactMap(\.visit)
      return teamDice.pick(waiting).map { perform(Claim(session: $0), client) }
    case 2, 3: return teamDice.pick(own).map { perform(Invite(session: $0, agent: other.rawValue), client) }
    case 4: return teamDice.pick(invited + own).map { perform(Leave(session: $0), client) }
    case 5:
      let note = teamDice.chance(permille: 500) ? note() : nil
      return teamDice.pick(own).map {
        perform(Transfer(session: $0, agent: other.rawValue, note: note), client)
      }
    case 6: return teamDice.pick(own + invited).map { .notes($0) }
    case 7: return anything(client, own + invited)
    default: return teamDice.pick(own + invited).map { perform(WriteNote(session: $0, body: note()), client) }
    }
  }

  private func supervisorsWish(_ client: Int) -> ClientWish? {
    let all = conversations.filter { $0.desk == nil }.flatMap { [$0.session, $0.past] }.compactMap(\.self)
    guard let session = teamDice.pick(all) else { return nil }
    let isLead = if case .lead = clients[client].kind { true } else { false }
    switch teamDice.below(10) {
    case 0, 1: return perform(isLead ? TakeOver(session: session) : Watch(session: session), client)
    case 2: return perform(isLead ? Invite(session: session, agent: "a0") : Watch(session: session), client)
    case 3: return perform(Unwatch(session: session), client)
    case 4, 5: return perform(Whisper(session: session, body: note()), client)
    case 6: return .participants(session)
    case 7: return anything(client, [session])
    case 8: return perform(WriteNote(session: session, body: note()), client)
    default: return .notes(session)
    }
  }

  /// Any operation of teams with any values that it takes, or what was asked for last, again.
  private func anything(_ client: Int, _ sessions: [SessionID]) -> ClientWish? {
    if let last = clients[client].lastPerformed, teamDice.chance(permille: 500) {
      return .perform(last.operation, id: last.id)
    }
    let role = Roles(clients[client].person.role)
    let types = Operations.ofSessions.values.filter { $0.since >= .ninth && $0.allowed.contains(role) }
    guard let type = teamDice.pick(types.sorted { $0.number < $1.number }),
      let session = teamDice.pick(sessions)
    else { return nil }
    var random = SeededGenerator(seed: UInt64(teamDice.below(1 << 30)))
    let wish: any SessionOperation = type.sample(in: session, &random)
    return perform(wish, client)
  }

  private func perform(_ operation: any SessionOperation, _ client: Int) -> ClientWish {
    clients[client].performed += 1
    let id = "n\(client)-\(clients[client].performed)"
    clients[client].lastPerformed = (operation, id)
    return .perform(operation, id: id)
  }

  private func note() -> [UInt8] { Array("\(Self.noteMark) \(teamDice.below(1_000_000))".utf8) }
}
