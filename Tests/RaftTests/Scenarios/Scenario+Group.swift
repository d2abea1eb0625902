import Raft

/// Who belongs to the group, and who leads it.
extension Scenario {
  /// - Returns: nil when it is another kind of command.
  mutating func changeGroup(_ name: String, _ words: inout Words) throws(ScenarioError) -> [String]? { nil }
}
