import Kernel
import Protocol
import Raft

/// What old entries of the log say that people would be told of. After a start, and after a time apart from the others, a node
/// applies what happened long ago: that is told in one line, so that nobody takes it for news.
struct PastEvents {
  /// An entry that is older than this, in milliseconds, brings no news. Clocks that differ by as much are a problem of
  /// their own (`clock_off`).
  static let age: UInt64 = 10_000

  /// When the first and the last of them happened, in ms since 1970.
  private var times: ClosedRange<UInt64>?
  /// Nodes that were lost.
  private var losses = 0
  /// Chats of agents who did not come back.
  private var chats = 0
  /// The last one that the cluster was raised to.
  private var level: Level?
  private var configurations = 0
  /// Those of the last configuration.
  private var voters = ""
  /// The last entry of which a leader has said that it is committed: when it is applied, this node is where the others are.
  private(set) var end = LogIndex.zero

  var isEmpty: Bool { times == nil }

  /// - Parameters:
  ///   - time: of the entry.
  ///   - timeOfDay: this node's.
  static func isPast(_ time: UInt64, _ timeOfDay: UInt64) -> Bool {
    let (age, isNewer) = timeOfDay.subtractingReportingOverflow(time)
    return !isNewer && age > Self.age
  }

  mutating func addLoss(at time: UInt64) {
    losses += 1
    add(time)
  }

  mutating func add(chats: Int, at time: UInt64) {
    self.chats += chats
    add(time)
  }

  mutating func add(_ level: Level, at time: UInt64) {
    self.level = level
    add(time)
  }

  mutating func add(voters: String, at time: UInt64) {
    self.voters = voters
    configurations += 1
    add(time)
  }

  /// A leader has said that so much is committed.
  mutating func committed(_ index: LogIndex) { end = max(end, index) }

  private mutating func add(_ time: UInt64) {
    times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
  }

  /// - Returns: the details of the one line.
  mutating func take() -> [(name: String, value: String)] {
    defer {
      let end = end
      self = PastEvents()
      self.end = end
    }
    guard let times else { return [] }
    var details: [(name: String, value: String)] = [
      ("from", TimeText.rfc3339(times.lowerBound)), ("to", TimeText.rfc3339(times.upperBound)),
      ("losses", "\(losses)"), ("chats", "\(chats)"),
    ]
    if let level { details.append(("level", "\(level)")) }
    if configurations > 0 { details += [("configurations", "\(configurations)"), ("voters", voters)] }
    return details
  }
}

extension Node {
  /// At the end of a turn, once all is applied that is known to be committed.
  mutating func tellPastEvents() {
    guard !pastEvents.isEmpty, !log.hasMore, raft.appliedIndex >= pastEvents.end,
      raft.membershipIndex <= raft.commitIndex
    else { return }
    output.logs.append(
      LogLine(
        level: .info, message: "what the log says of earlier times was applied: none of it is news",
        details: pastEvents.take()))
  }
}
