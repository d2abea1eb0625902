import Raft

/// Time, and what clients want.
extension Scenario {
  /// - Returns: nil when it is another kind of command.
  mutating func work(_ name: String, _ words: inout Words) throws(ScenarioError) -> [String]? {
    switch name {
    case "tick":
      let who = words.take("all") ? cluster.ids : try members(&words)
      let count = words.take("times") ? Int(try words.number("a number of ticks")) : 1
      for _ in 0..<count { for id in who { tick(id) } }
      return []
    case "elect":
      return elect(try running(&words))
    case "timeout":
      // Until its election timer runs out: it may be back in its old role by then.
      let id = try running(&words)
      let limit = 4 * 2 * cluster[id].configuration.electionTicks
      for _ in 0..<limit {
        let asked = cluster.votesAskedFor
        let role = cluster[id].raft?.role
        tick(id)
        if cluster.votesAskedFor > asked || cluster[id].raft?.role != role { return [] }
      }
      return ["node \(id) does not campaign"]
    case "propose":
      let id = try running(&words)
      let payloads = words.takeAll().map { Payload(checksum: UInt32($0.utf8.count), data: Array($0.utf8)) }
      let outcome = cluster.change(id) { $0.propose(payloads) }
      return outcome == .appended ? [] : [outcome.map { "\($0)" } ?? "down"]
    case "read":
      let id = try running(&words)
      let context = try words.number("the number of the read")
      return cluster.read(id, context: context) ? [] : ["not asked"]
    case "snapshot":
      let id = try running(&words)
      let tail = words.take("keep") ? Int(try words.number("a number of entries")) : 0
      let made = cluster.snapshotsMade
      cluster.makeSnapshot(id, keeping: tail)
      return cluster.snapshotsMade > made ? [] : ["no snapshot is made"]
    default: return nil
    }
  }

  /// Whoever can speak with the node takes its connection to the old leader for lost, so that it does not refuse
  /// to vote; then the node campaigns until it leads.
  private mutating func elect(_ id: NodeID) -> [String] {
    for other in cluster.ids where !cluster.cut.contains([id, other]) && !cluster.cut.contains([other, id]) {
      _ = cluster.change(other) { $0.leaderConnectionLost() }
    }
    for _ in 0..<400 where cluster[id].raft?.role != .leader { tick(id) }
    return cluster[id].raft?.role == .leader ? [] : ["node \(id) does not come to lead"]
  }

  private func members(_ words: inout Words) throws(ScenarioError) -> [NodeID] {
    let ids = try words.nodes()
    for id in ids { try check(id) }
    return ids
  }
}
