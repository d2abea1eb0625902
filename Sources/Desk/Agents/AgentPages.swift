internal import Kernel

extension DeskState {
  /// Agents sorted by id, a part of them. It looks at all ids once: not for the node's own thread.
  ///
  /// - Parameters:
  ///   - after: only those behind this one; nil: from the first one on.
  ///   - limit: so many at the most.
  ///   - chats: they have about so many sessions at the most; one agent at least.
  package func agents(after: AgentID?, limit: Int, chats: Int) -> (agents: [Agent], more: Bool) {
    let keys = agentTable.lowestKeys(limit + 1, after: after)
    var page: [Agent] = []
    var held = 0
    for agent in keys.prefix(limit).lazy.compactMap({ agentTable[$0] }) {
      held += agent.takenRoom
      if !page.isEmpty, held > chats { break }
      page.append(agent)
    }
    return (page, keys.count > page.count)
  }
}

extension ShardedMap where Key: Comparable {
  /// The lowest keys above one, ascending; nil: all of them are. Holds no more than twice as many.
  func lowestKeys(_ limit: Int, after key: Key?) -> [Key] {
    var lowest: [Key] = []
    for shard in shards {
      for candidate in shard.keys {
        if let key, candidate <= key { continue }
        lowest.append(candidate)
        guard lowest.count >= 2 * max(limit, 1) else { continue }
        lowest.sort()
        lowest.removeLast(lowest.count - limit)
      }
    }
    lowest.sort()
    return Array(lowest.prefix(limit))
  }
}
