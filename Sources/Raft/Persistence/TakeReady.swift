extension RaftNode {
  /// Takes all that is to be done since the last call. What was given out is not given out again.
  package mutating func takeReady() -> Ready {
    if role == .leader {
      if membership.isJoint || !membership.joining.isEmpty || !membership.votes(id) { advanceMembership() }
    }
    if role == .leader {
      beginReadRound()
      replicate()
    }
    var ready = Ready()
    ready.write = takeWrite()
    swap(&ready.messages, &handout.messages)
    swap(&ready.reads, &handout.reads)
    swap(&ready.chunkReads, &handout.chunkReads)
    takeApplicable(&ready)
    ready.rejoined = endsRejoining()
    let status = SoftState(role: role, term: term, leader: leader)
    if handout.status != status {
      handout.status = status
      ready.status = status
    }
    return ready
  }

  private mutating func takeApplicable(_ ready: inout Ready) {
    if let meta = handout.installed {
      handout.installed = nil
      handout.installPending = false
      handout.committedIndex = meta.index
      appliedIndex = max(appliedIndex, meta.index)
      ready.installed = meta
    }
    // Nothing is applied on top of a state that is about to be replaced.
    if !handout.installPending, commitIndex > handout.committedIndex {
      ready.committed = log.entries(from: handout.committedIndex.next, through: commitIndex)
      handout.committedIndex = commitIndex
    }
  }

  private mutating func takeWrite() -> Write? {
    let mustSync =
      term != handout.writtenState.term || vote != handout.writtenState.vote
      || log.lastIndex > handout.writtenIndex || handout.chunk != nil || handout.snapshot != nil
    if mustSync { return takeSyncedWrite() }
    releaseMessages()
    if handout.commitWriteDue {
      handout.commitWriteDue = false
      return takeCommitWrite()
    }
    return nil
  }

  private mutating func takeSyncedWrite() -> Write {
    let hardState = takeHardState()
    let entries = log.entries(from: handout.writtenIndex.next, through: log.lastIndex)
    let installs = handout.snapshot
    let number = writes.begin(hardState: hardState, through: entries.last?.index, installs: installs)
    var write = Write(number: number)
    write.hardState = hardState
    write.entries = entries
    write.chunk = handout.chunk
    write.snapshot = installs
    swap(&write.messages, &handout.messagesOnceDurable)
    handout.writtenIndex = log.lastIndex
    handout.chunk = nil
    handout.snapshot = nil
    return write
  }

  private mutating func takeCommitWrite() -> Write? {
    guard let hardState = takeHardState() else { return nil }
    var write = Write(number: writes.begin(hardState: hardState, through: nil, installs: nil))
    write.hardState = hardState
    write.mustSync = false
    return write
  }

  /// - Returns: nil when it has not changed.
  private mutating func takeHardState() -> HardState? {
    let state = HardState(term: term, vote: vote, commit: commitIndex)
    if state == handout.writtenState { return nil }
    handout.writtenState = state
    return state
  }

  /// Nothing new is to be written: what waits for the disk waits for the writes under way, or for none.
  private mutating func releaseMessages() {
    if handout.messagesOnceDurable.isEmpty { return }
    if writes.isEmpty {
      handout.messages.append(contentsOf: handout.messagesOnceDurable)
    } else {
      writes.hold(handout.messagesOnceDurable)
    }
    handout.messagesOnceDurable.removeAll(keepingCapacity: true)
  }

  /// The write with this number, and with it every earlier one, is durable.
  package mutating func persisted(_ number: UInt64) {
    guard number <= writes.lastNumber else { return }
    var ownVote = false
    let before = (writes.durableState, writes.durableIndex)
    while let item = writes.end(upTo: number) {
      handout.messages.append(contentsOf: item.messages)
      if let meta = item.installs { install(meta) }
      if let state = item.hardState, state.term == term, state.vote == id { ownVote = true }
    }
    if before != (writes.durableState, writes.durableIndex) { tracedDurable("Ready") }
    if ownVote, role == .candidate { ownVoteIsDurable() }
    advanceCommit()
  }
}
