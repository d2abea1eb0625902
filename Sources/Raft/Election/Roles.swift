extension RaftNode {
  /// - Parameter leader: nil when a higher term was seen and its leader is not known yet.
  mutating func becomeFollower(term newTerm: Term, leader newLeader: NodeID?) {
    let wasPassive = role == .follower || role == .learner
    if newTerm > term {
      term = newTerm
      vote = nil
      mark(.higherTermSeen)
    }
    role = passiveRole
    leader = newLeader
    leaveLeadership()
    votes.clear()
    if newLeader != nil {
      restartElectionTimerAsUsual()
    } else if !wasPassive {
      restartElectionTimer()
    }
    if newLeader != nil { lastLeaderContact = now }
    traced("BecomeFollower")
    // A follower that only learns of a higher term goes on waiting as before (paper, section 5.2): else a node
    // that cannot win would put off those that can.
  }

  /// Asks whether a campaign could be won; term and vote stay as they are.
  mutating func becomePreCandidate() {
    if timer.earlyRounds > 0 { timer.earlyRounds -= 1 }
    role = .preCandidate
    leader = nil
    votes.clear()
    restartElectionTimer()
    traced("BecomePreCandidate")
  }

  mutating func becomeCandidate() {
    term = term.next
    vote = id
    role = .candidate
    leader = nil
    votes.clear()
    restartElectionTimer()
    traced("BecomeCandidate")
  }

  mutating func becomeLeader() {
    role = .leader
    leader = id
    votes.clear()
    timer = ElectionTimer()
    heartbeatElapsed = 0
    peers = membership.members.filter { $0 != id }.map { Progress(id: $0, next: log.lastIndex.next, now: now) }
    reads.dropAll()
    lease = Lease()
    transfer = nil
    traced("BecomeLeader")
    uncommittedBytes = 0
    var index = commitIndex.next
    while index <= log.lastIndex {
      uncommittedBytes += log.size(at: index)
      index = index.next
    }
    // Entries of earlier terms are committed by the first entry of this one (paper, section 5.4.2), and reads
    // wait for it (section 8).
    if !configuration.mistakes.contains(.noNoop) { appendAsLeader(kind: .noop, checksum: 0, data: []) }
  }

  private mutating func leaveLeadership() {
    peers.removeAll()
    transfer = nil
    lease = Lease()
    reads.dropAll()
    uncommittedBytes = 0
    handout.chunkReads.removeAll()
  }

  /// A message that only the leader of this term sends has come.
  ///
  /// - Returns: false when this node leads the term itself: then the message cannot be right.
  mutating func followLeader(_ sender: NodeID) -> Bool {
    switch role {
    case .leader: return false
    case .candidate, .preCandidate:
      mark(.candidateStepsAside)
      becomeFollower(term: term, leader: sender)
    case .follower, .learner:
      leader = sender
      lastLeaderContact = now
      if timer.earlyRounds > 0 { restartElectionTimerAsUsual() } else { timer.elapsed = 0 }
    }
    return true
  }
}
