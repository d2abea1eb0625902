internal import Kernel

/// Where agents are connected, of all desks.
extension ReplicatedState {
  mutating func apply(_ status: SetAgentStatus, from origin: Origin, into effects: inout [Effect]) -> Answer {
    guard !isEarlierLife(origin, of: status.presence.server) else { return .refused(.earlierLife) }
    return change(status.desk, else: .noSuchDesk) { $0.apply(status, into: &effects) }
  }

  mutating func apply(_ end: EndPresences, from origin: Origin, into effects: inout [Effect]) -> Answer {
    guard !isEarlierLife(origin, of: end.server) else { return .refused(.earlierLife) }
    guard let items = end.items else {
      if end.bounds != nil, origin.server == end.server, origin.request != 0 {
        // Twice in the log: what came in between is of this life.
        guard lifeTable[end.server] != origin.request else { return .done }
        lifeTable[end.server] = origin.request
      }
      let limit = end.bounds.map { Int(max(1, $0.limit)) } ?? .max
      endPresences(of: end.server, limit: limit, grace: end.bounds?.grace, into: &effects)
      return .done
    }
    change(end.desk) { $0.apply(end, items: items, into: &effects) }
    return .done
  }

  /// All presences of the first agents on a server, in the order of their desks and ids.
  /// - Returns: how many agents.
  @discardableResult
  mutating func endPresences(
    of server: ServerID, limit: Int, grace: UInt64?, into effects: inout [Effect]
  ) -> Int {
    let present = servers.present[server]?.prefix(limit) ?? []
    for place in present {
      change(place.desk, evenDeleted: true) { desk in
        desk.endPresence(of: place.agent, grace: grace, into: &effects) { $0.removePresences(on: server) }
      }
    }
    return present.count
  }

  /// Whether the server has started anew since it numbered the request: another server may have held it back for
  /// long, and it would bring back an agent whose connection is gone.
  func isEarlierLife(_ origin: Origin, of server: ServerID) -> Bool {
    guard origin.server == server, origin.request != 0, let life = lifeTable[server] else { return false }
    return origin.request < life
  }
}
