import Kernel

/// When a command without an answer is sent again. Each copy that is not lost is one more entry in the log, so what takes
/// long is not repeated every second: the wait follows the time that answers take at present, measured as TCP measures its
/// own (RFC 6298), and doubles with every repetition of one command.
///
/// An answer counts from the first copy, since it may be that one's; so the measure is rather too long than too short.
struct RetryPace {
  /// A command waits no longer from one copy to the next.
  static let most = Span.seconds(8)
  /// A node's own waits no longer than this: there are few of them, each for many connections, nobody else repeats them,
  /// and as long as one is lost, agents who are gone keep their chats.
  static let mostOfOwn = Span.seconds(2)

  /// And no shorter.
  let least: Span
  /// Nanoseconds; nil: nothing was measured yet.
  private var mean: Int64?
  private var deviation: Int64 = 0

  init(least: Span) { self.least = least }

  /// A command was answered so long after its first copy was sent.
  mutating func answered(after time: Span) {
    let time = min(max(time, .zero), Self.most).nanoseconds
    guard let mean else {
      self.mean = time
      deviation = time / 2
      return
    }
    deviation += (abs(time - mean) - deviation) / 4
    self.mean = mean + (time - mean) / 8
  }

  /// There is a new leader: what took long may have been the change.
  mutating func forget() {
    mean = nil
    deviation = 0
  }

  /// - Parameters:
  ///   - repeats: how often it has been sent again already.
  ///   - isOwn: it is the node's, and nobody's request.
  func wait(afterRepeats repeats: Int, isOwn: Bool = false) -> Span {
    let most = isOwn ? Self.mostOfOwn : Self.most
    let measured = Span.nanoseconds((mean ?? 0) + 4 * deviation)
    let first = max(least, min(measured, most))
    return min(first * (1 << min(max(repeats, 0), 10)), max(least, most))
  }
}
