import Desk

/// Keeps what clients of this node say in one session in order, through every retry: while commands of a session
/// are under way, later ones wait and then go together. Without this, a lost batch that is repeated would be
/// overtaken by the batch behind it.
struct SessionPipelines {
  private struct Pipeline {
    var underWay: Int
    var waiting: [(request: UInt64, bytes: Int)] = []
  }

  /// Commands of a session that go together, and their bytes: they fit into one log entry, and into one frame. One
  /// that is larger by itself goes alone.
  static let width = 64
  static let widthBytes = 256 << 10

  private var pipelines: [SessionID: Pipeline] = [:]

  /// - Parameter bytes: of the command, encoded, at the most.
  /// - Returns: true when the request may go now; otherwise it waits for `finished` to give it out.
  mutating func enter(_ session: SessionID, _ request: UInt64, bytes: Int = 0) -> Bool {
    if pipelines[session] == nil {
      pipelines[session] = Pipeline(underWay: 1)
      return true
    }
    pipelines[session]?.waiting.append((request, bytes))
    return false
  }

  /// A request of the session that was under way has its answer.
  /// - Returns: the requests that may go now, in order.
  mutating func finished(_ session: SessionID) -> [UInt64] {
    guard let index = pipelines.index(forKey: session) else { return [] }
    pipelines.values[index].underWay -= 1
    guard pipelines.values[index].underWay == 0 else { return [] }
    if pipelines.values[index].waiting.isEmpty {
      pipelines.remove(at: index)
      return []
    }
    var bytes = 0
    var next: [UInt64] = []
    for waiting in pipelines.values[index].waiting.prefix(Self.width) {
      bytes += waiting.bytes
      if bytes > Self.widthBytes, !next.isEmpty { break }
      next.append(waiting.request)
    }
    pipelines.values[index].waiting.removeFirst(next.count)
    pipelines.values[index].underWay = next.count
    return next
  }

  /// A request that was still waiting is given up.
  /// - Returns: false when it was not waiting (it is under way).
  mutating func withdraw(_ session: SessionID, _ request: UInt64) -> Bool {
    guard let place = pipelines[session]?.waiting.firstIndex(where: { $0.request == request }) else {
      return false
    }
    pipelines[session]?.waiting.remove(at: place)
    return true
  }

  func isWaiting(_ session: SessionID, _ request: UInt64) -> Bool {
    pipelines[session]?.waiting.contains { $0.request == request } ?? false
  }
}
