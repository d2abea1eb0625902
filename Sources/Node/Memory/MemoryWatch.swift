/// Whether this process has as much memory as it should. Above the high mark the node takes no new work, as with a full
/// disk; below the low one it does again. All that is committed is still taken in: a node cannot refuse that.
struct MemoryWatch {
  enum Edge: Equatable {
    case short
    case roomAgain
  }

  /// Bytes; 0: no bound.
  let high: Int
  private(set) var used = 0
  private(set) var isShort = false

  init(high: Int) { self.high = high }

  /// A tenth below, so that the two do not alternate.
  var low: Int { high - high / 10 }

  /// - Parameter used: bytes of the process that are in memory; nil: unknown, and nothing changes.
  /// - Returns: what has changed.
  mutating func look(_ used: Int?) -> Edge? {
    guard let used else { return nil }
    self.used = used
    guard high > 0 else { return nil }
    if !isShort, used >= high {
      isShort = true
      return .short
    }
    if isShort, used < low {
      isShort = false
      return .roomAgain
    }
    return nil
  }
}
