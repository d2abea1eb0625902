import Desk
import Logging
import NIOCore
import NIOPosix
import Peering
internal import Protocol
import Raft
import Storage

/// When the next snapshot is due.
struct SnapshotSchedule {
  private var entries = 0
  private var bytes = 0
  var isUnderWay = false
  /// A state that is to be written once all of it is on this node's own disk: what is not must not be in its snapshot, or
  /// after a crash the log would end before the snapshot begins. At most one, so that a disk that is behind costs one
  /// copy of what has changed since, as a snapshot that is being written does.
  private(set) var waiting: SnapshotCandidate?
  var lastIndex = LogIndex.zero
  /// Mean size of the entries since the last snapshot; tells how many fit into the tail.
  var meanEntryBytes: Int { entries == 0 ? 64 : max(64, bytes / entries) }

  mutating func wasApplied(bytes more: Int) {
    entries += 1
    bytes += more
  }

  /// - Parameter isSending: the last one is on its way to somebody, who would have to begin anew with the next one.
  func isDue(_ options: ReplicaOptions, isSending: Bool) -> Bool {
    let times = isSending ? RaftNode.snapshotDeferral : 1
    return !isUnderWay && waiting == nil
      && (entries >= options.snapshotEntries * times || bytes >= options.snapshotBytes * times)
  }

  /// It is due. The next one counts from here.
  mutating func hold(_ candidate: SnapshotCandidate) {
    waiting = candidate
    entries = 0
    bytes = 0
  }

  /// The state to write now, if there is one.
  ///
  /// - Parameter durable: entries up to here are on this node's own disk.
  mutating func take(durable: LogIndex) -> SnapshotCandidate? {
    guard !isUnderWay, let candidate = waiting, candidate.index <= durable else { return nil }
    waiting = nil
    isUnderWay = true
    return candidate
  }

  /// A snapshot of the leader has taken the place of the state.
  mutating func wasReplaced(at index: LogIndex) {
    lastIndex = index
    waiting = nil
    entries = 0
    bytes = 0
  }
}

/// The state as of an applied entry: a copy that costs what changes after it.
struct SnapshotCandidate: Sendable {
  var index: LogIndex
  var term: Term
  var time: UInt64
  var membership: Membership
  /// Entries before it that stay in the log.
  var tail: Int
  var state: DeskState
}

extension ReplicaCore {
  /// The state is copied in O(1) and written beside the traffic; then the log up to it can go. Asked when entries are
  /// applied and when writes end: under load a disk is always some entries behind what a quorum has, and a node that
  /// looked only when it is not would make no snapshot for as long as the load lasts.
  func makeSnapshotIfDue() {
    if snapshots.isDue(options, isSending: raft.isSendingSnapshot), let term = raft.term(at: raft.appliedIndex),
      raft.membership(at: raft.appliedIndex) != .unknown
    {
      snapshots.hold(
        SnapshotCandidate(
          index: raft.appliedIndex, term: term, time: lastAppliedTime,
          membership: raft.membership(at: raft.appliedIndex),
          tail: options.tailBytes / snapshots.meanEntryBytes, state: desk))
    }
    if let candidate = snapshots.take(durable: raft.durableIndex) { write(candidate) }
  }

  private func write(_ snapshot: SnapshotCandidate) {
    let tail = snapshot.tail
    let store = self.store
    NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
      try store.writeSnapshot(
        index: snapshot.index, term: snapshot.term, time: snapshot.time, membership: snapshot.membership
      ) { sink in
        try snapshot.state.encodeSnapshot(into: sink)
      }
    }.whenComplete { [self] result in
      snapshots.isUnderWay = false
      switch result {
      case .success(let meta):
        snapshots.lastIndex = meta.index
        raft.compact(to: meta, keeping: tail)
        store.compact(to: LogIndex(meta.index.rawValue - min(meta.index.rawValue, UInt64(tail))))
        logger.info(
          "snapshot written", metadata: ["index": "\(meta.index)", "bytes": "\(meta.size)"])
      case .failure(let error):
        logger.error("a snapshot could not be written; the log is kept", metadata: ["error": "\(error)"])
      }
      scheduleTurnEnd()
    }
  }

  /// A snapshot of the leader takes the place of the state. What clients here have missed by it is delivered.
  func install(_ meta: SnapshotMeta) {
    let before = desk
    do {
      desk = try DeskState(snapshot: store.readSnapshot(meta))
    } catch {
      return fail(.snapshot("\(error)"))
    }
    logger.notice("snapshot installed", metadata: ["index": "\(meta.index)"])
    network.require(desk.level)
    snapshots.wasReplaced(at: meta.index)
    raft.applied(to: meta.index)
    reads.applied = meta.index
    lastAppliedTime = meta.time
    logClock.saw(meta.time)
    for session in followers.sessions {
      let seen = before.session(session)?.sequence ?? .zero
      let connections = followers.connections(of: session)
      let missed = desk.messages(session, after: seen, limit: options.maxMissedMessages + 1)
      guard missed.count <= options.maxMissedMessages else {
        // Too much to push: the clients read their history.
        for connection in connections { reply(connection, 0, .resumed(session, recovered: false)) }
        continue
      }
      for message in missed {
        let transcribed = Transcribed(message)
        fanOut(connections) { .message(session, transcribed, to: $0) }
      }
      let dismissed = followers.dismiss(from: session) { desk.mayFollow($0, session: session) }
      if !dismissed.isEmpty { followersChanged(session) }
      let then = before.session(session)
      let now = desk.session(session)
      if then?.state != now?.state || then?.agents != now?.agents {
        tellStanding(of: session, to: connections)
      } else {
        tellStanding(of: session, to: dismissed)
      }
    }
    tellAttendanceAgain()
    for (connection, status) in presences.all { tellChats(status, connection) }
    // The node may have been taken for lost in the part that was skipped.
    restorePresences()
    // Answers may have been in the part that was skipped: ask again.
    retryAll()
  }
}
