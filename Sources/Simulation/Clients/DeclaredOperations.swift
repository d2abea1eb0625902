import Desk
import Kernel

/// People do whatever is declared for them: any operation of sessions, with any values that it takes, and some of it again.
extension World {
  /// - Returns: nil: not now.
  func operation(_ client: Int) -> ClientWish? {
    guard plan.performs, !isCalm, clients[client].link != nil, performDice.chance(permille: 200) else {
      return nil
    }
    if let last = clients[client].lastPerformed, performDice.chance(permille: 300) {
      return .perform(last.operation, id: last.id)
    }
    let role = Roles(clients[client].person.role)
    let types = Operations.ofSessions.values.filter { type in
      // Those two have a place of their own in what people do, and so has what teams do.
      type.allowed.contains(role) && type.number != Close.number && type.number != Transfer.number
        && type.since < .ninth
    }
    guard let type = performDice.pick(types.sorted { $0.number < $1.number }),
      let session = performDice.pick(sessionsToPerform(in: client))
    else { return nil }
    var random = SeededGenerator(seed: UInt64(performDice.below(1 << 30)))
    clients[client].performed += 1
    let wish: any SessionOperation = type.sample(in: session, &random)
    // The id of before for something else is a conflict, as long as it is remembered.
    let isOld = performDice.chance(permille: 50)
    let id = isOld ? clients[client].lastPerformed?.id : nil
    clients[client].lastPerformed = (wish, id ?? "p\(client)-\(clients[client].performed)")
    return clients[client].lastPerformed.map { .perform($0.operation, id: $0.id) }
  }

  /// Mostly its own ones; sometimes what is not its business.
  private func sessionsToPerform(in client: Int) -> [SessionID] {
    if performDice.chance(permille: 100) { return histories.map(\.session) }
    switch clients[client].kind {
    case .customer(let number): return conversations[number].session.map { [$0] } ?? []
    case .visitor: return clients[client].visit.map { [$0] } ?? []
    case .agent(let number): return chats(of: number, client)
    case .founder, .keeper, .watcher, .planner, .timekeeper, .lead, .monitor: return []
    }
  }
}
