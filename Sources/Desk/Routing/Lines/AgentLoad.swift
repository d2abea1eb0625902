internal import Kernel

/// An agent with room, in the order in which they are asked: the least loaded first. From level 9 on that is the share of the room
/// which is taken with one chat more, and ties go to whoever was given nothing for the longest, then by id; below it the number of chats, and
/// ties go by id.
struct AgentLoad: Comparable, Sendable {
  /// With one more.
  var chats: UInt64
  /// From level 9 on, else 1.
  var capacity: UInt64
  /// When the agent was last given a chat, in ms since 1970; 0: never, and below level 9.
  var givenAt: UInt64
  var agent: AgentID

  init(chats: Int, agent: AgentID) {
    (self.chats, capacity, givenAt, self.agent) = (UInt64(chats) + 1, 1, 0, agent)
  }

  init(chats: Int, capacity: UInt32, givenAt: UInt64, agent: AgentID) {
    (self.chats, self.capacity, self.givenAt, self.agent) = (
      UInt64(chats) + 1, UInt64(capacity), givenAt, agent
    )
  }

  /// Whoever has room has no more than the capacity with one more: neither product is above 64 bits.
  static func < (left: AgentLoad, right: AgentLoad) -> Bool {
    let (ours, theirs) = (left.chats &* right.capacity, right.chats &* left.capacity)
    if ours != theirs { return ours < theirs }
    return left.givenAt != right.givenAt ? left.givenAt < right.givenAt : left.agent < right.agent
  }

  /// In thousandths.
  var share: UInt64 { capacity == 0 ? .max : min(chats, UInt64.max / 1_000) * 1_000 / capacity }
}

extension Agent {
  /// - Parameter level: that of the cluster.
  func load(at level: Level) -> AgentLoad {
    guard level >= VirtualArrival.since else { return AgentLoad(chats: takenRoom, agent: id) }
    return AgentLoad(chats: takenRoom, capacity: capacity, givenAt: work.givenAt, agent: id)
  }
}
