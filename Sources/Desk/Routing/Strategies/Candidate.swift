internal import Kernel

/// An agent who could be given a session, with what the rule of its policy goes by.
struct Candidate: Sendable {
  var load: AgentLoad
  /// Of the session's skill, in thousandths; nil: the agent does not have it, or the session has none.
  var level: UInt32?
  /// The lower one is asked.
  var score: Score
  /// Whether the share of the load decides between equals, before the time of idleness does.
  var comparesLoad = false
  /// When it was last given a chat: whoever waits for the longest goes first. nil: that is no matter.
  var idleSince: UInt64?
  /// For people.
  var shown: Int64 = 0

  init(load: AgentLoad, level: UInt32?) {
    (self.load, self.level, score, idleSince) = (load, level, Score(value: 0), load.givenAt)
  }

  static func isBefore(_ left: Candidate, _ right: Candidate) -> Bool {
    if left.score != right.score { return left.score < right.score }
    if left.comparesLoad, left.load.isLighter(than: right.load) != right.load.isLighter(than: left.load) {
      return left.load.isLighter(than: right.load)
    }
    if left.idleSince != right.idleSince { return left.idleSince ?? 0 < right.idleSince ?? 0 }
    return left.load.agent < right.load.agent
  }

  /// What has put one before another.
  func tie(with next: Candidate) -> AssignmentRecord.Tie {
    if score != next.score { return .none }
    if comparesLoad, load.isLighter(than: next.load) { return .load }
    return idleSince != next.idleSince ? .idle : .id
  }

  var record: CandidateRecord {
    CandidateRecord(
      agent: load.agent.rawValue, chats: UInt32(clamping: load.chats - 1),
      capacity: UInt32(clamping: load.capacity),
      givenAt: load.givenAt, level: level, score: Int32(clamping: shown))
  }
}

extension AgentLoad {
  /// By the share alone.
  func isLighter(than other: AgentLoad) -> Bool { chats &* other.capacity < other.chats &* capacity }
}

/// A fraction, compared exactly.
struct Score: Comparable, Sendable {
  var value: Int64
  /// Above 0.
  var divisor: Int64 = 1

  static func < (left: Score, right: Score) -> Bool {
    let ours = left.value.multipliedFullWidth(by: right.divisor)
    let theirs = right.value.multipliedFullWidth(by: left.divisor)
    return ours.high != theirs.high ? ours.high < theirs.high : ours.low < theirs.low
  }

  static func == (left: Score, right: Score) -> Bool { !(left < right) && !(right < left) }
}

/// Those who could be asked for a session, the first ones of them.
struct Candidates: Sendable {
  /// More are not compared.
  static let most = 256

  /// In the order of `least_connections`.
  var loads: [AgentLoad] = []
  var isCut = false
  private var seen: Set<AgentID> = []
  private var excluded: [ExcludedAgents.Reason: UInt32] = [:]

  mutating func add(_ load: AgentLoad) { if seen.insert(load.agent).inserted { loads.append(load) } }

  mutating func exclude(_ reason: ExcludedAgents.Reason, _ count: Int = 1) {
    if count > 0 { excluded[reason, default: 0] += UInt32(clamping: count) }
  }

  /// - Parameter evenAll: whether those are taken out too who are all that there is.
  mutating func takeOut(_ reason: ExcludedAgents.Reason, _ isOut: (AgentLoad) -> Bool, evenAll: Bool) {
    let left = loads.filter { !isOut($0) }
    guard evenAll || !left.isEmpty else { return }
    exclude(reason, loads.count - left.count)
    loads = left
  }

  mutating func settle() {
    loads.sort()
    guard loads.count > Self.most else { return }
    loads.removeLast(loads.count - Self.most)
    isCut = true
  }

  /// In the order of their numbers.
  var reasons: [ExcludedAgents] {
    ExcludedAgents.Reason.allCases.compactMap { reason in
      excluded[reason].map { ExcludedAgents(reason: reason, agents: $0) }
    }
  }
}
