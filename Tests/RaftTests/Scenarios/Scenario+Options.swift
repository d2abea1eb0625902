import Raft

extension RaftConfiguration {
  /// Sets what `name=value` says.
  mutating func set(_ assignment: String) throws(ScenarioError) {
    let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw ScenarioError("\(assignment) is not an option (name=value)") }
    if let path = RaftConfiguration.switches[parts[0]] {
      guard ["on", "off"].contains(parts[1]) else { throw ScenarioError("\(parts[0]) is on or off") }
      self[keyPath: path] = parts[1] == "on"
    } else if let path = RaftConfiguration.numbers[parts[0]] {
      guard let value = Int(parts[1]) else { throw ScenarioError("\(parts[1]) is not a number") }
      self[keyPath: path] = value
    } else if parts[0] == "mistake" {
      guard let mistake = DeliberateMistakes.named.first(where: { $0.name == parts[1] }) else {
        throw ScenarioError("there is no mistake \(parts[1])")
      }
      mistakes.insert(mistake.mistake)
    } else {
      throw ScenarioError("there is no option \(parts[0])")
    }
  }

  private static var switches: [String: WritableKeyPath<RaftConfiguration, Bool>] {
    [
      "preVote": \.preVote, "checkQuorum": \.checkQuorum, "leaseReads": \.leaseReads, "rejoining": \.rejoining,
    ]
  }

  private static var numbers: [String: WritableKeyPath<RaftConfiguration, Int>] {
    [
      "electionTicks": \.electionTicks, "heartbeatTicks": \.heartbeatTicks, "maxAppendBytes": \.maxAppendBytes,
      "maxInflightMessages": \.maxInflightMessages, "maxInflightBytes": \.maxInflightBytes,
      "maxUncommittedBytes": \.maxUncommittedBytes, "snapshotChunkBytes": \.snapshotChunkBytes,
      "maxWaitingReads": \.maxWaitingReads, "maxRetainedBytes": \.maxRetainedBytes,
    ]
  }
}
