internal import Kernel

/// What one entry has no room to give: agents who have room, and somebody whom they may serve. From level 9 on those agents are
/// remembered; whoever else is free has nobody to serve. Below it lines are: see `DeskState.unservedLines`.
extension DeskState {
  /// An agent was not given all that it may serve, perhaps.
  mutating func noteUnserved(_ id: AgentID) {
    guard level >= VirtualArrival.since, firstWaiting(for: id) != nil,
      let load = agentTable.read(id, { $0.load(at: level) })
    else { return }
    unserved.insert(load)
  }

  /// Goes on with what entries had no room to give, the least loaded first.
  ///
  /// - Parameters:
  ///   - given: sessions that the command has given to agents so far: the first one is free, the others need room in the entry.
  ///   - limit: so many agents are looked at, at the most.
  mutating func serveUnserved(_ given: inout Int, limit: Int, into effects: inout [Effect]) {
    var looked = 0
    while looked < limit, mayGive(given), let next = unserved.first {
      looked += 1
      if pullOne(for: next.agent, into: &effects) {
        countGiven(&given)
      } else {
        unserved.remove(next)
      }
    }
  }

  /// Whether the command may give one more who waits to an agent: one is free, the others need room in the entry.
  func mayGive(_ given: Int) -> Bool { given == 0 || pullRoom > 0 }

  mutating func countGiven(_ given: inout Int) {
    if given > 0 { pullRoom -= 1 }
    given += 1
  }
}
