import Kernel

/// Whether this node's own disk keeps up with what it is given. A quorum goes on without it, so a leader whose disk hangs
/// would lead on, and gather in memory what it cannot write, until the memory ends.
///
/// Time counts only while the process runs: after a pause the disk's word may come a moment later than the next tick.
struct DiskWatch {
  /// The disk hangs when a write has been under way for longer.
  static let patience = Span.seconds(3)
  /// It counts as hanging for so long after it was last seen to, so that leadership does not go to and fro.
  static let rest = Span.seconds(10)
  /// When so many bytes wait for the disk, this node takes nothing more that has to be written: no commands, no entries
  /// of a leader, no part of a snapshot. All of them are sent again.
  static let mostBytes = 64 << 20
  /// Between two looks at most so much time counts.
  private static let longestStep = Span.milliseconds(200)
  /// Writes that begin within this time count as one.
  private static let grain = Span.milliseconds(10)
  private static let mostMarks = 1_024

  /// The last of some writes that began together, and when the first of them did; the oldest first.
  private var marks: [(number: UInt64, at: Span)] = []
  /// How long this process has run, pauses left out.
  private var ran = Span.zero
  private var lastLook: Instant?
  private var hungAt: Span?

  /// From every tick.
  mutating func look(_ now: Instant) {
    if let lastLook { ran = ran + min(max(now - lastLook, .zero), Self.longestStep) }
    lastLook = now
    if let oldest = marks.first, ran - oldest.at > Self.patience { hungAt = ran }
  }

  mutating func began(_ number: UInt64) {
    if let last = marks.last, ran - last.at < Self.grain || marks.count >= Self.mostMarks {
      marks[marks.count - 1].number = number
    } else {
      marks.append((number, ran))
    }
  }

  /// This write and all before it have ended.
  mutating func ended(_ number: UInt64) {
    marks.removeFirst(marks.prefix { $0.number <= number }.count)
  }

  var isHanging: Bool { hungAt.map { ran - $0 < Self.rest } ?? false }

  /// How long the oldest write has been under way.
  var age: Span { marks.first.map { ran - $0.at } ?? .zero }
}
