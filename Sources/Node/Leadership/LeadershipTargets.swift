import Protocol
import Raft

/// How little a node wants to lead. Leadership is only ever handed to one that wants it more than whoever leads, so it
/// comes to rest wherever it is the least out of place: two nodes that are drained never hand it to each other.
enum Reluctance: Int, Comparable, Sendable {
  case none
  /// It is about to stop, or to be left alone. It can lead until then.
  case draining
  /// It can write nothing: what is committed rests on the others' disks alone.
  case fullDisk

  init(isDraining: Bool, diskIsFull: Bool) {
    self = diskIsFull ? .fullDisk : isDraining ? .draining : .none
  }

  static func < (left: Reluctance, right: Reluctance) -> Bool { left.rawValue < right.rawValue }
}

/// Another voter, as the leader sees it.
struct LeadershipCandidate: Sendable {
  var id: NodeID
  /// The leader has a connection to it.
  var isConnected: Bool
  /// What it has said of itself; nil: nothing yet, and then nothing is expected of it.
  var notice: NodeNotice?
  /// What it has of the leader's log.
  var progress: FollowerProgress?

  /// What it says about leading; nil while it is out of reach or has said nothing.
  fileprivate var reluctance: Reluctance? {
    guard isConnected, let notice else { return nil }
    return Reluctance(isDraining: notice.isDraining, diskIsFull: notice.diskIsFull)
  }
}

/// Who may be handed leadership: a voter that is connected and answers, lacks little of the log, and has said of itself
/// that it wants to lead more than the node that leads now.
enum LeadershipTargets {
  /// Entries that a target may lack. Nothing is proposed while it gets them, so they must be few.
  static let bearableLag = 64

  /// Best first: the least reluctant, among these whoever lacks least, then the lowest number. Empty when nobody should
  /// have it: then the leader keeps it, whatever it would like.
  ///
  /// - Parameters:
  ///   - candidates: the other voters.
  ///   - own: how little the leader itself wants to lead.
  ///   - commit: the leader's commit index.
  static func ranked(_ candidates: [LeadershipCandidate], own: Reluctance, commit: LogIndex) -> [NodeID] {
    let able = candidates.compactMap { candidate -> (Reluctance, LogIndex, NodeID)? in
      guard let reluctance = candidate.reluctance, reluctance < own, let progress = candidate.progress,
        progress.recentlyActive, progress.state == .replicate, commit - progress.match <= bearableLag
      else { return nil }
      return (reluctance, progress.match, candidate.id)
    }
    return able.sorted { left, right in
      if left.0 != right.0 { return left.0 < right.0 }
      if left.1 != right.1 { return left.1 > right.1 }
      return left.2 < right.2
    }.map(\.2)
  }

  /// Whether it is worth while to wait for a target: somebody wants to lead, who may lack too much just now.
  static func isSomebodyWilling(_ candidates: [LeadershipCandidate], own: Reluctance) -> Bool {
    candidates.contains { $0.reluctance.map { $0 < own } ?? false }
  }
}
