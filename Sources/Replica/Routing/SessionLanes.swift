import Desk

/// Keeps what clients of this node say in one session in order, through every retry: while commands of a session
/// are under way, later ones wait and then go together. Without this, a lost batch that is repeated would be
/// overtaken by the batch behind it.
struct SessionLanes {
  private struct Lane {
    var underWay: Int
    var waiting: [(request: UInt64, bytes: Int)] = []
  }

  /// Commands of a session that go together, and their bytes: they fit into one log entry, and into one frame. One
  /// that is larger by itself goes alone.
  static let width = 64
  static let widthBytes = 256 << 10

  private var lanes: [SessionID: Lane] = [:]

  /// - Parameter bytes: of the command, encoded, at the most.
  /// - Returns: true when the request may go now; otherwise it waits for `finished` to give it out.
  mutating func enter(_ session: SessionID, _ request: UInt64, bytes: Int = 0) -> Bool {
    if lanes[session] == nil {
      lanes[session] = Lane(underWay: 1)
      return true
    }
    lanes[session]?.waiting.append((request, bytes))
    return false
  }

  /// A request of the session that was under way has its answer.
  /// - Returns: the requests that may go now, in order.
  mutating func finished(_ session: SessionID) -> [UInt64] {
    guard let index = lanes.index(forKey: session) else { return [] }
    lanes.values[index].underWay -= 1
    guard lanes.values[index].underWay == 0 else { return [] }
    if lanes.values[index].waiting.isEmpty {
      lanes.remove(at: index)
      return []
    }
    var bytes = 0
    var next: [UInt64] = []
    for waiting in lanes.values[index].waiting.prefix(Self.width) {
      bytes += waiting.bytes
      if bytes > Self.widthBytes, !next.isEmpty { break }
      next.append(waiting.request)
    }
    lanes.values[index].waiting.removeFirst(next.count)
    lanes.values[index].underWay = next.count
    return next
  }

  /// A request that was still waiting is given up.
  /// - Returns: false when it was not waiting (it is under way).
  mutating func withdraw(_ session: SessionID, _ request: UInt64) -> Bool {
    guard let place = lanes[session]?.waiting.firstIndex(where: { $0.request == request }) else { return false }
    lanes[session]?.waiting.remove(at: place)
    return true
  }

  func isWaiting(_ session: SessionID, _ request: UInt64) -> Bool {
    lanes[session]?.waiting.contains { $0.request == request } ?? false
  }
}
