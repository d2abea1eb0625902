import Raft

/// Who belongs to the group, and who leads it.
extension Scenario {
  /// - Returns: nil when it is another kind of command.
  mutating func changeGroup(_ name: String, _ words: inout Words) throws(ScenarioError) -> [String]? {
    switch name {
    case "member":
      let id = words.take("at") ? try running(&words) : try leader()
      let change = try membershipChange(&words)
      return answer(to: cluster.change(id) { $0.changeMembership(change) })
    case "transfer":
      let id = try running(&words)
      let target = try words.nodeIfAny()
      return answer(to: cluster.change(id) { $0.transferLeadership(to: target) }, wanted: target)
    case "resign":
      let id = try running(&words)
      _ = cluster.change(id) { $0.resign() }
      return []
    case "priority":
      let id = try running(&words)
      let word = try words.next("a priority")
      guard let priority = CampaignPriority(rawValue: word) else {
        throw ScenarioError("\(word) is no priority: normal or low")
      }
      _ = cluster.change(id) { $0.priority = priority }
      return []
    case "reluctant":
      let id = try running(&words)
      let reluctant = words.isEmpty ? [] : try words.nodes()
      _ = cluster.change(id) { $0.reluctant = reluctant }
      return []
    default: return nil
    }
  }

  private func membershipChange(_ words: inout Words) throws(ScenarioError) -> MembershipChange {
    var change = MembershipChange()
    repeat {
      let action = try words.next("add, learner, remove or demote")
      switch action {
      case "add": change.add += try words.nodes()
      case "learner": change.addLearners += try words.nodes()
      case "remove": change.remove += try words.nodes()
      case "demote": change.demote += try words.nodes()
      default: throw ScenarioError("\(action) is none of add, learner, remove and demote")
      }
    } while !words.isEmpty
    return change
  }

  private func answer(to outcome: MembershipChange.Outcome?) -> [String] {
    switch outcome {
    case .appended: []
    case .unchanged: ["unchanged"]
    case .notLeader(let leader): ["not the leader, that is \(leader.map { "\($0)" } ?? "unknown")"]
    case .busy(let reason): ["busy: \(reason)"]
    case .refused(let reason): ["refused: \(reason)"]
    case nil: ["down"]
    }
  }

  private func answer(to outcome: RaftNode.TransferOutcome?, wanted: NodeID?) -> [String] {
    switch outcome {
    case .begun(let target): target == wanted ? [] : ["to \(target)"]
    case .alreadyLeading: ["leads already"]
    case .notLeader(let leader): ["not the leader, that is \(leader.map { "\($0)" } ?? "unknown")"]
    case .noTarget(let reason): ["no target: \(reason)"]
    case nil: ["down"]
    }
  }
}
