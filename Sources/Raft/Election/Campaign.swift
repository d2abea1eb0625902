extension RaftNode {
  /// A node campaigns when its vote counts and its log is not just being replaced by a snapshot.
  var canCampaign: Bool {
    (membership.votes(id) || isNeededUntilRemoved) && !handout.installPending
      && (!rejoin.isRejoining || configuration.mistakes.contains(.emptiedNodeVotes))
  }

  /// A voter that its own log removes is needed until that is committed (dissertation, section 4.2.2): nobody else may
  /// have the entry, and those without it need this one's vote, which it gives to no shorter log. It asks the voters that
  /// stay, and does not count itself.
  private var isNeededUntilRemoved: Bool {
    membershipIndex > commitIndex && memberships.membership(at: commitIndex).votes(id)
      && !configuration.mistakes.contains(.removedStaysSilent)
  }

  mutating func campaign() {
    if configuration.preVote { campaignForPreVotes() } else { campaignForVotes(transfer: false) }
  }

  private mutating func campaignForPreVotes() {
    becomePreCandidate()
    votes.record(id, granted: true)
    if votes.outcome(in: electorate) == .won { return campaignForVotes(transfer: false) }
    let request = VoteRequest(preVote: true, lastIndex: log.lastIndex, lastTerm: log.lastTerm)
    for voter in membership.members where voter != id && membership.votes(voter) {
      send(Message(from: id, to: voter, term: term.next, body: .voteRequest(request)))
    }
  }

  /// The own vote counts once it is on disk (`ownVoteIsDurable`), and the requests go out only then: a request
  /// that was overtaken by a crash must not win votes for a log that the crash has shortened.
  ///
  /// - Parameter transfer: the leader has asked for it, so members answer although they hear from it.
  mutating func campaignForVotes(transfer: Bool) {
    becomeCandidate()
    let request = VoteRequest(
      preVote: false, transfer: transfer, lastIndex: log.lastIndex, lastTerm: log.lastTerm)
    for voter in membership.members where voter != id && membership.votes(voter) {
      replyOnceDurable(.voteRequest(request), to: voter)
    }
  }

  mutating func ownVoteIsDurable() {
    votes.record(id, granted: true)
    countVotes()
  }

  mutating func receiveVoteReply(_ reply: VoteReply, from sender: NodeID, term replyTerm: Term) {
    switch (role, reply.preVote) {
    case (.preCandidate, true):
      // A grant carries the term that was asked about, a refusal the term of its sender.
      guard replyTerm == (reply.granted ? term.next : term) else { return }
    case (.candidate, false):
      guard replyTerm == term else { return }
    default: return
    }
    votes.record(sender, granted: reply.granted)
    countVotes()
  }

  private mutating func countVotes() {
    switch votes.outcome(in: electorate) {
    case .pending: break
    case .lost:
      mark(role == .preCandidate ? .preVoteLost : .voteLost)
      becomeFollower(term: term, leader: nil)
    case .won:
      mark(role == .preCandidate ? .preVoteWon : .voteWon)
      if role == .preCandidate { campaignForVotes(transfer: false) } else { becomeLeader() }
    }
  }
}
