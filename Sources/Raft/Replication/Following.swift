/// The last answer to a leader that accepted an append.
struct Acceptance: Sendable {
  let leader: NodeID
  let term: Term
  let index: LogIndex
  let tick: UInt64
}

extension RaftNode {
  /// AppendEntries at a follower (paper, section 5.3).
  mutating func receiveAppend(_ request: AppendRequest, from sender: NodeID) {
    // The log is about to be replaced: the leader sends again.
    if handout.awaitsInstall { return }
    let last = request.previousIndex + request.entries.count
    var entries = request.entries[...]
    if request.previousIndex < commitIndex {
      // What is committed is the same in every leader's log, and must not be cut. Where it is not, a majority has another
      // history than this member: it lost what it had promised, or this one did.
      mark(.appendBelowCommit)
      if contradicts(request, from: sender) { return }
      if last <= commitIndex {
        return acceptAppend(through: commitIndex, from: sender, isEmpty: request.entries.isEmpty)
      }
      entries = entries.dropFirst(commitIndex - request.previousIndex)
    } else if log.term(at: request.previousIndex) != request.previousTerm {
      return rejectAppend(request, from: sender)
    }
    if let firstNew = firstToAppend(of: entries) {
      // Everything from the first difference on goes; a suffix that agrees stays, though the message, which may
      // be an old one, ends before it.
      cutLog(from: entries[firstNew].index)
      log.append(contentsOf: entries[firstNew...])
      noteMemberships(in: entries[firstNew...])
    }
    // Beyond `last` nothing is known to agree with this leader.
    let verified = configuration.mistakes.contains(.commitBeyondVerified) ? log.lastIndex : last
    let before = commitIndex
    commitIndex = max(commitIndex, min(request.commit, verified))
    if commitIndex > before { traced("Commit") }
    acceptAppend(through: last, from: sender, isEmpty: request.entries.isEmpty)
  }

  private func firstToAppend(of entries: ArraySlice<Entry>) -> Int? {
    if configuration.mistakes.contains(.cutsMatchingSuffix) {
      return entries.isEmpty ? nil : entries.startIndex
    }
    if configuration.mistakes.contains(.keepsConflictingTail) {
      return entries.firstIndex { log.term(at: $0.index) == nil }
    }
    return entries.firstIndex { log.term(at: $0.index) != $0.term }
  }

  private mutating func cutLog(from index: LogIndex) {
    guard index <= log.lastIndex else { return }
    mark(.logCut)
    if !writes.isEmpty { mark(.lateWriteCut) }
    log.truncate(from: index)
    writes.cut(after: index.previous)
    handout.writtenIndex = min(handout.writtenIndex, index.previous)
    if !configuration.mistakes.contains(.truncationKeepsMembership), memberships.truncate(from: index) {
      mark(.membershipTruncated)
      useNewestMembership()
    }
  }

  /// Promises that the entries are on disk, so it waits until they are.
  ///
  /// An empty append usually tells a commit index, after entries that were answered a moment ago. To answer it too
  /// would double the messages of a quiet group. Should the earlier answer have been lost, the next empty append
  /// after a heartbeat's time is answered.
  private mutating func acceptAppend(through last: LogIndex, from sender: NodeID, isEmpty: Bool) {
    let index = min(last, mostWhileRejoining)
    if isEmpty, let last = acceptance, last.leader == sender, last.term == term, index <= last.index,
      now - last.tick < UInt64(configuration.heartbeatTicks)
    {
      return mark(.emptyAppendUnanswered)
    }
    acceptance = Acceptance(leader: sender, term: term, index: index, tick: now)
    if configuration.mistakes.contains(.ackBeforeDurable) {
      return send(.appendReply(AppendReply(index: index)), to: sender)
    }
    // The highest of several answers to one leader says it all.
    if let last = handout.messagesOnceDurable.last, last.to == sender, last.term == term,
      case .appendReply(var reply) = last.body, !reply.rejected
    {
      reply.index = max(reply.index, index)
      handout.messagesOnceDurable[handout.messagesOnceDurable.count - 1].body = .appendReply(reply)
      return
    }
    replyOnceDurable(.appendReply(AppendReply(index: index)), to: sender)
  }

  /// Tells how far back the leader may look at once: past all entries whose term is above what it has there.
  private mutating func rejectAppend(_ request: AppendRequest, from sender: NodeID) {
    mark(.appendRejected)
    var hint = log.agreementBound(
      at: min(request.previousIndex, log.lastIndex), term: request.previousTerm)
    if hint.index < commitIndex {
      hint = (commitIndex, log.term(at: commitIndex) ?? .zero)
    }
    let reply = AppendReply(
      index: request.previousIndex, rejected: true, hintIndex: hint.index, hintTerm: hint.term)
    replyOnceTermIsDurable(.appendReply(reply), to: sender)
  }

  mutating func receiveHeartbeat(_ heartbeat: Heartbeat, from sender: NodeID) {
    // The leader sends no more than this node has told to have on disk. If the log is shorter, the disk has
    // lost something, and nothing is committed on such grounds.
    if heartbeat.commit <= log.lastIndex { commitIndex = max(commitIndex, heartbeat.commit) }
    replyOnceTermIsDurable(.heartbeatReply(HeartbeatReply(readRound: heartbeat.readRound)), to: sender)
  }
}
