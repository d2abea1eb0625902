import Desk
import Protocol
import Raft

/// Clients of this node that are told, part by part, what a snapshot has brought that took the state's place. Until all
/// are, nothing more is applied or read, and no request finds its answer in the state: else what comes later would be
/// told first.
struct CatchUp {
  private var before = ReplicatedState()
  private var sessions: [SessionID] = []
  private var done = 0
  private var sends: [SessionID: [UInt64]] = [:]
  private(set) var isUnderWay = false
  /// All that could be told later and overtake it has to wait.
  var holdsAll: Bool { isUnderWay && !isOvertaken }
  /// The mistake `overtakesCatchUp`.
  private var isOvertaken = false
  /// A newer snapshot, that takes the state's place when all are told of this one.
  private var next: (meta: SnapshotMeta, state: ReplicatedState)?

  /// - Parameters:
  ///   - before: the state that clients know.
  ///   - sends: requests of this node to say something, by session and in the order in which they came.
  mutating func begin(
    _ sessions: [SessionID], before: ReplicatedState, sends: [SessionID: [UInt64]], isOvertaken: Bool = false
  ) {
    self.isOvertaken = isOvertaken
    (self.before, self.sessions, self.sends) = (before, sessions, sends)
    done = 0
    isUnderWay = true
  }

  mutating func wait(_ meta: SnapshotMeta, _ state: ReplicatedState) { next = (meta, state) }

  /// - Returns: nil: all have been told.
  mutating func nextSession() -> (session: SessionID, before: ReplicatedState, sends: [UInt64])? {
    guard done < sessions.count else { return nil }
    done += 1
    let session = sessions[done - 1]
    return (session, before, sends[session] ?? [])
  }

  /// - Returns: the snapshot that came meanwhile.
  mutating func end() -> (meta: SnapshotMeta, state: ReplicatedState)? {
    let next = next
    self = CatchUp()
    return next
  }
}

extension Node {
  /// Goes on telling clients what a snapshot has brought.
  ///
  /// - Parameter room: sessions that are left of this turn's.
  /// - Returns: all have been told by now: what waited for it can go on.
  mutating func continueCatchUp(_ room: inout Int) -> Bool {
    guard catchUp.isUnderWay else { return false }
    while room > 0, !reading.isSpent {
      guard let (session, before, sends) = catchUp.nextSession() else {
        let next = catchUp.end()
        wasCaughtUp()
        if let next { install(next.meta, next.state) }
        return true
      }
      catchUp(session, from: before, answering: sends)
      room -= 1
    }
    return false
  }
}
