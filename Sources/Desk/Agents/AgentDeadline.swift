/// When an agent's chats go to others, in the order in which that happens.
struct AgentDeadline: Comparable, Sendable {
  /// ms since 1970.
  var time: UInt64
  var agent: AgentID

  static func < (left: AgentDeadline, right: AgentDeadline) -> Bool {
    left.time != right.time ? left.time < right.time : left.agent < right.agent
  }
}
