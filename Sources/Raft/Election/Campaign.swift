extension RaftNode {
  /// A node campaigns when its vote counts and its log is not just being replaced by a snapshot.
  var canCampaign: Bool { membership.votes(id) && !handout.installPending }

  mutating func campaign() {
    if configuration.preVote { campaignForPreVotes() } else { campaignForVotes() }
  }

  private mutating func campaignForPreVotes() {
    becomePreCandidate()
    votes.record(id, granted: true)
    if votes.outcome(in: membership) == .won { return campaignForVotes() }
    let request = VoteRequest(preVote: true, lastIndex: log.lastIndex, lastTerm: log.lastTerm)
    for voter in membership.members where voter != id && membership.votes(voter) {
      handout.messages.append(Message(from: id, to: voter, term: term.next, body: .voteRequest(request)))
    }
  }

  /// The own vote counts once it is on disk (`ownVoteIsDurable`), and the requests go out only then: a request
  /// that was overtaken by a crash must not win votes for a log that the crash has shortened.
  private mutating func campaignForVotes() {
    becomeCandidate()
    let request = VoteRequest(preVote: false, lastIndex: log.lastIndex, lastTerm: log.lastTerm)
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
    switch votes.outcome(in: membership) {
    case .pending: break
    case .lost: becomeFollower(term: term, leader: nil)
    case .won:
      if role == .preCandidate { campaignForVotes() } else { becomeLeader() }
    }
  }
}
