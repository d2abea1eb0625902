extension RaftNode {
  mutating func tickLeader() {
    heartbeatElapsed += 1
    if heartbeatElapsed >= configuration.heartbeatTicks {
      heartbeatElapsed = 0
      beginLeaseRound()
      for position in peers.indices { sendHeartbeat(to: position) }
    }
    resumeStalledTransfers()
    dropDeparted()
    tickTransfer()
    if configuration.checkQuorum, role == .leader, !hasQuorumContact() {
      mark(.leaderWithoutQuorum)
      becomeFollower(term: term, leader: nil)
    }
  }

  /// Whether this node leads and a quorum, itself included, has been heard from within an election timeout.
  package func hasQuorumContact() -> Bool {
    guard role == .leader else { return false }
    return Quorum.isReached(in: electorate) { member in
      member == id || position(of: member).map { isRecentlyActive(peers[$0]) } ?? false
    }
  }

  func isRecentlyActive(_ peer: Progress) -> Bool {
    now - peer.lastHeard < UInt64(configuration.electionTicks)
  }

  mutating func sendHeartbeat(to position: Int) {
    let peer = peers[position]
    // Not above `match`: the receiver's log may differ from there on.
    let heartbeat = Heartbeat(commit: min(peer.match, commitIndex), readRound: reads.newestRound)
    send(.heartbeat(heartbeat), to: peer.id)
  }

  mutating func receiveHeartbeatReply(_ reply: HeartbeatReply, from position: Int) {
    peers[position].probeSent = false
    peers[position].rejoinsSince = nil
    if peers[position].match < log.lastIndex { peers[position].nudge = true }
    if reply.readRound > peers[position].readRound, reply.readRound <= reads.newestRound {
      peers[position].readRound = reply.readRound
      confirmReads()
    }
  }

  mutating func receiveAppendReply(_ reply: AppendReply, from position: Int) {
    peers[position].rejoinsSince = nil
    if reply.rejected {
      receiveRejection(reply, from: position)
    } else {
      receiveAcceptance(reply, from: position)
    }
  }

  private mutating func receiveAcceptance(_ reply: AppendReply, from position: Int) {
    guard reply.index <= log.lastIndex else { return }
    let advances = reply.index > peers[position].match
    peers[position].appended = max(peers[position].appended, reply.index)
    if advances { peers[position].match = reply.index }
    switch peers[position].state {
    case .probe:
      // An old answer that tells nothing new does not end the probe; the answer to the probe does.
      if advances || reply.index == peers[position].next.previous {
        mark(.probeEnds)
        peers[position].becomeReplicate()
      }
    case .replicate:
      peers[position].next = max(peers[position].next, peers[position].match.next)
      peers[position].inflight.free(through: reply.index)
    case .snapshot:
      if advances, log.term(at: peers[position].match) != nil { peers[position].becomeReplicate() }
    }
    if advances {
      advanceCommit()
      if transfer != nil { urgeTarget(position) }
    }
  }

  private mutating func receiveRejection(_ reply: AppendReply, from position: Int) {
    let peer = peers[position]
    // What it has told to have on disk it has: this answers an old message.
    guard reply.index > peer.match else {
      mark(.rejectionIgnored)
      if membership.joining.contains(peer.id), reply.hintIndex < peer.match {
        // A member whose disk was emptied may be credited with what a late answer of its former process told. It
        // votes nowhere yet, so nothing rests on that, and its word now is the better one.
        peers[position].match = reply.hintIndex
        peers[position].becomeProbe(next: reply.hintIndex.next)
      }
      if configuration.mistakes.contains(.believesOldRejection) {
        peers[position].match = min(peers[position].match, reply.hintIndex)
        peers[position].becomeProbe(next: reply.hintIndex.next)
      }
      return
    }
    mark(.rejectionFollowed)
    switch peer.state {
    case .replicate:
      peers[position].becomeProbe(next: peer.match.next)
    case .probe:
      guard reply.index == peer.next.previous else { return }
      let bound = log.agreementBound(at: reply.hintIndex, term: reply.hintTerm).index
      peers[position].becomeProbe(next: min(reply.index, bound.next))
    case .snapshot: break
    }
  }

  /// A message to this member was dropped on the way out: entries that were sent ahead may be missing.
  package mutating func peerUnreachable(_ id: NodeID) {
    guard role == .leader, let position = position(of: id), case .replicate = peers[position].state else {
      return
    }
    mark(.unreachableProbed)
    peers[position].becomeProbe(next: peers[position].match.next)
    // The next heartbeat that is answered shows that it is worth while to send.
    peers[position].probeSent = true
  }

  /// What the leader knows of another member; nil when this node does not lead, or has no such member.
  package func progress(of id: NodeID) -> FollowerProgress? {
    guard role == .leader, let position = position(of: id) else { return nil }
    let peer = peers[position]
    var offset: UInt64 = 0
    let state: FollowerProgress.State
    switch peer.state {
    case .probe: state = .probe
    case .replicate: state = .replicate
    case .snapshot(let transfer):
      state = .snapshot
      offset = transfer.offset
    }
    return FollowerProgress(
      match: peer.match, next: peer.next, state: state, recentlyActive: isRecentlyActive(peer),
      snapshotOffset: offset, inflightMessages: peer.inflight.count)
  }
}
