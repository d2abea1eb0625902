/// Which desks there are.
extension ReplicatedState {
  /// - Returns: nil: there is no desk of that name.
  package func settings(of desk: DeskName) -> DeskSettings? {
    number(of: desk).flatMap { number in look(number) { $0.settings } }
  }

  /// The next one behind that of the last desk which is not in use; nil: there are as many desks as there may be. One that was
  /// in use is given again after all others alone, so that what is still under way for a deleted desk finds none.
  var freeNumber: DeskNumber? {
    for step in 0..<DeskNumber.most {
      let place = (Int(lastNumber.rawValue) + step) % DeskNumber.most
      if place >= others.count || others[place].isVacant { return DeskNumber(UInt16(place + 1)) }
    }
    return nil
  }

  /// Enters a desk under its number, which is not in use.
  mutating func put(_ desk: DeskState) {
    let place = Int(desk.number.rawValue) - 1
    while others.count <= place { others.append(.vacant(DeskNumber(UInt16(others.count + 1)))) }
    others[place] = desk
    if !desk.isDeleted { names[desk.settings.name] = desk.number }
    if let duty = desk.duty { duties.insert(duty) }
  }

  /// Nobody finds it from now on. What it holds goes as time passes.
  mutating func beginDeletion(of number: DeskNumber) {
    guard let place = place(of: number) else { return }
    names[others[place].settings.name] = nil
    change(number) { $0.isDeleted = true }
    deletedOfLate.append(number)
  }

  /// A part of a deleted desk goes, and with the last part its number is free.
  mutating func deleteMore(of number: DeskNumber) {
    guard change(number, evenDeleted: true, { $0.dropPart() }) == true else { return }
    let place = Int(number.rawValue) - 1
    if let duty = others[place].duty { duties.remove(duty) }
    others[place] = .vacant(number)
    while others.last?.isVacant == true { others.removeLast() }
  }
}

extension DeskState {
  /// Holds a place in the table.
  static func vacant(_ number: DeskNumber) -> DeskState {
    DeskState(vacant: number)
  }

  /// One piece of the agents or of the sessions: some milliseconds of work at the most. What was kept to find them goes with
  /// it; nobody looks there any more.
  /// - Returns: nothing is left.
  fileprivate mutating func dropPart() -> Bool {
    if let shard = agentTable.firstFilled {
      for agent in agentTable.shards[shard].values { forgetPresences(of: agent) }
      agentTable.drop(shard)
    } else if let shard = sessionTable.firstFilled {
      forgetEnds(inShard: shard)
      sessionTable.drop(shard)
      requestTable.drop(shard)
      customers.drop(shard)
      over.drop(shard)
    }
    return agentTable.count == 0 && sessionTable.count == 0
  }

  private mutating func forgetPresences(of agent: Agent) {
    let place = AgentPlace(desk: number, agent: agent.id)
    for presence in agent.presences {
      servers.present[presence.server]?.remove(place)
      if servers.present[presence.server]?.isEmpty == true { servers.present[presence.server] = nil }
    }
  }
}
