internal import Kernel

/// A session that is over and still in the state.
struct EndedSession: Hashable, Comparable, Sendable {
  /// When it was closed, in ms since 1970.
  var time: UInt64
  var id: SessionID

  static func < (left: EndedSession, right: EndedSession) -> Bool {
    left.time != right.time ? left.time < right.time : left.id < right.id
  }
}

/// Sessions leave the state a while after their end; the archive has them by then. From level 6 on.
extension ReplicatedState {
  /// When the first of those that are still here ended, in ms since 1970; nil: there is none, or they stay for ever.
  package var firstEnd: UInt64? { level >= .sixth ? servers.ended.first?.time : nil }

  /// Before anything else of the entry is done: of what it does to a session all can be read and archived afterwards.
  mutating func retireSessions(_ submissions: [Submission]) {
    for submission in submissions {
      guard case .timePasses(let time) = submission.command, let before = time.endedBefore else { continue }
      retireSessions(endedBefore: before, limit: Int(max(1, time.limit)))
    }
  }

  /// - Parameter limit: so many at the most, the oldest first. What is left goes with the next entry of this kind.
  private mutating func retireSessions(endedBefore time: UInt64, limit: Int) {
    var room = limit
    while room > 0, let ended = servers.ended.first, ended.time < time {
      room -= 1
      servers.ended.remove(ended)
      change(ended.id.desk, evenDeleted: true) { $0.retire(ended.id) }
      leftOfLate.append(ended.id)
    }
  }
}

extension DeskState {
  /// What its customer has used in this hour stays counted.
  mutating func retire(_ id: SessionID) {
    guard let session = sessionTable[id], session.isClosed else { return }
    over.remove(id, of: session.customer.id)
    requestTable.remove(RequestKey(customer: session.customer.id, request: session.requestID))
    sessionTable.remove(id)
    sessionCounts[.closed] -= 1
    if session.transcript.isListed { servers.overfull.removeAll { $0 == id } }
  }

  /// A part of a deleted desk goes.
  mutating func forgetEnds(inShard shard: Int) {
    if !servers.overfull.isEmpty { servers.overfull.removeAll { $0.desk == number } }
    for session in sessionTable.shards[shard].values {
      if let time = session.closedAt { servers.ended.remove(EndedSession(time: time, id: session.id)) }
    }
  }
}
