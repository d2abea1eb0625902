import Desk
import Kernel
import Protocol
import Raft

/// Snapshots of this node's own state, and those of a leader that take its place.
extension Node {
  /// The state is copied in O(1) and written beside the traffic; then the log up to it can go. Asked when entries are
  /// applied, when writes end and when the archive has come further: under load a disk is always some entries behind what a quorum has, and a node that
  /// looked only when it is not would make no snapshot for as long as the load lasts.
  mutating func makeSnapshotIfDue() {
    guard log.loading == nil else { return }
    purgeIfDue()
    let index = raft.appliedIndex
    if snapshots.isDue(configuration, isSending: raft.isSendingSnapshot), let term = raft.term(at: index),
      raft.membership(at: index) != .unknown
    {
      snapshots.hold(
        SnapshotJob(
          state: state, index: index, term: term, time: log.time, membership: raft.membership(at: index)),
        tail: configuration.tailBytes / snapshots.meanEntryBytes)
      archive.hurry()
    }
    // What the log has brought to the archive comes from nowhere else, once the state has let it go.
    let isInArchive = archive.isKept && state.level >= .sixth && !has(.snapshotBeforeArchive)
    let durable = isInArchive ? min(raft.durableIndex, archive.durableIndex) : raft.durableIndex
    if let job = snapshots.take(durable: durable) { output.snapshot = job }
  }

  mutating func snapshotWasWritten(_ meta: SnapshotMeta) {
    let tail = snapshots.tail
    snapshots.ended()
    // A snapshot of a leader may have come meanwhile.
    guard meta.index > snapshots.lastIndex else { return }
    snapshots.has(meta.index, size: Int(clamping: meta.size))
    raft.compact(to: meta, keeping: tail)
    // What was erased may have to go further in this very turn: see `purgeIfDue`.
    let kept = LogIndex(meta.index.rawValue - min(meta.index.rawValue, UInt64(tail)))
    output.compactTo = max(output.compactTo ?? .zero, kept)
    note(.info, "snapshot written", ("index", "\(meta.index)"), ("bytes", "\(meta.size)"))
    reportSnapshots()
    if quiet.isSettled { output.givesBackMemory = true }
    // One that was under way may have been older than what somebody waits for.
    makeSnapshotIfDue()
  }

  mutating func snapshotFailed(_ reason: String) {
    snapshots.failed()
    purging.failed(now)
    giveUpSnapshots("a snapshot could not be written: \(reason)")
    note(.error, "a snapshot could not be written; the log is kept", ("error", reason))
  }

  mutating func snapshotUnreadable(_ meta: SnapshotMeta, _ reason: String) {
    guard log.loading == meta else { return }
    fail(.snapshot(reason))
  }

  /// A snapshot of the leader takes the place of the state. What clients here have missed by it is delivered.
  mutating func install(_ meta: SnapshotMeta, _ replacement: ReplicatedState) {
    // A newer one may be on its way since.
    guard log.loading == meta else { return }
    if catchUp.isUnderWay { return catchUp.wait(meta, replacement) }
    let before = state
    state = replacement
    if let most = configuration.mostPulled { state.mostPulled = most }
    note(.notice, "snapshot installed", ("index", "\(meta.index)"))
    require(state.level)
    snapshots.wasReplaced(at: meta.index, size: Int(clamping: meta.size))
    reportSnapshots()
    if archive.isKept { leftSessions.begin(at: meta.index) }
    if !has(.archiveKeepsGap) { archive.beginGap(after: log.index, upTo: meta.index) }
    log.loaded(meta)
    integrity.digests.begin(at: meta.index.rawValue, state.digest)
    integrity.agreement.beginAnew()
    raft.applied(to: meta.index)
    logClock.saw(meta.time)
    followed.skip(to: meta.index)
    observer?.installed(meta, state)
    catchUp.begin(
      has(.installUntold) ? [] : subscriptions.sessions, before: before, sends: pendingSends(),
      isOvertaken: has(.overtakesCatchUp))
  }

  /// All clients know what the snapshot has brought.
  mutating func wasCaughtUp() {
    tellPresenceAgain()
    for (connection, status) in agentConnections.all { tellChats(status, connection) }
    // The node may have been taken for lost in the part that was skipped.
    restorePresences()
    // Answers may have been in the part that was skipped: ask again.
    retryAll()
  }

  /// - Parameter sends: requests of this node to say something in the session.
  mutating func catchUp(_ session: SessionID, from before: ReplicatedState, answering sends: [UInt64]) {
    let connections = subscriptions.connections(of: session)
    guard let missed = missed(session, after: before.sequence(of: session) ?? .zero) else {
      // Too much to push: the clients read their history.
      for connection in connections { reply(connection, 0, .gap(session)) }
      tellTeam(of: session, since: before.session(session))
      return
    }
    for message in missed {
      // Who has said it hears that it is kept, as ever, and not what it says.
      let sender = answerSender(of: message, in: session, among: sends)
      let others = connections.filter { $0 != sender }
      if !others.isEmpty { fanOut(others) { .message(session, message, to: $0) } }
    }
    let state = state
    let dismissed = subscriptions.dismiss(from: session) { state.mayFollow($0, session: session) }
    if !dismissed.isEmpty { followersChanged(session) }
    let then = before.session(session)
    let now = state.session(session)
    if then?.state != now?.state || then?.agents != now?.agents {
      tellStanding(of: session, to: connections)
    } else {
      tellStanding(of: session, to: dismissed)
    }
    tellTeam(of: session, since: then)
  }

  /// What clients of this node want to say and have no answer to, by session and in the order in which it came.
  private func pendingSends() -> [SessionID: [UInt64]] {
    let numbers = pending.numbers { request in
      if case .send = request.command { request.connection != nil } else { false }
    }
    return Dictionary(grouping: numbers) { pending[$0]?.session ?? SessionID(rawValue: 0) }
  }

  /// A request of this node that has led to the message has its answer now.
  ///
  /// - Returns: the connection that it came from.
  private mutating func answerSender(
    of message: Transcribed, in session: SessionID, among sends: [UInt64]
  ) -> ConnectionID? {
    let number = sends.first { number in
      guard case .send(let send)? = pending[number]?.command else { return false }
      return send.id.hasSameBytes(as: message.id) && send.sender.isSame(as: message.sender)
        && send.body == message.body
    }
    guard let number, let connection = pending[number]?.connection else { return nil }
    answer(number, .stored(session, message.sequence, time: message.time, isNew: true))
    return connection
  }
}
