extension RaftNode {
  /// Whoever asks is answered, voter or not: a newer configuration than the own one may count this vote.
  mutating func receiveVoteRequest(_ request: VoteRequest, from sender: NodeID, term askedTerm: Term) {
    let isFree = vote == sender || (vote == nil && leader == nil) || (request.preVote && askedTerm > term)
    guard isFree, isUpToDate(request) else {
      return replyOnceTermIsDurable(
        .voteReply(VoteReply(preVote: request.preVote, granted: false)), to: sender)
    }
    if request.preVote {
      // No promise: it binds nobody and needs no disk.
      yieldEarlyCampaign()
      handout.messages.append(
        Message(
          from: id, to: sender, term: askedTerm, body: .voteReply(VoteReply(preVote: true, granted: true))))
    } else {
      vote = sender
      // A node that helps another into office does not go on asking for its own sake.
      role = passiveRole
      votes.clear()
      restartElectionTimerAsUsual()
      replyOnceDurable(.voteReply(VoteReply(preVote: false, granted: true)), to: sender)
    }
  }

  /// Paper, section 5.4.1.
  private func isUpToDate(_ request: VoteRequest) -> Bool {
    request.lastTerm > log.lastTerm || (request.lastTerm == log.lastTerm && request.lastIndex >= log.lastIndex)
  }
}
