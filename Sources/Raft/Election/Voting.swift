extension RaftNode {
  /// Whoever asks is answered, voter or not: a newer configuration than the own one may count this vote.
  mutating func receiveVoteRequest(_ request: VoteRequest, from sender: NodeID, term askedTerm: Term) {
    let isFree =
      vote == sender || (vote == nil && leader == nil) || (request.preVote && askedTerm > term)
      || configuration.mistakes.contains(.votesTwice)
    // One that has forgotten its votes has none to give.
    let mayVote = !rejoin.isRejoining || configuration.mistakes.contains(.emptiedNodeVotes)
    guard isFree, mayVote, isUpToDate(request) else {
      mark(.refusedForLog)
      return replyOnceTermIsDurable(
        .voteReply(VoteReply(preVote: request.preVote, granted: false)), to: sender)
    }
    if request.preVote {
      // No promise: it binds nobody and needs no disk.
      yieldEarlyCampaign()
      send(
        Message(
          from: id, to: sender, term: askedTerm, body: .voteReply(VoteReply(preVote: true, granted: true))))
    } else {
      vote = sender
      // A node that helps another into office does not go on asking for its own sake.
      role = passiveRole
      votes.clear()
      restartElectionTimerAsUsual()
      let reply = Message.Body.voteReply(VoteReply(preVote: false, granted: true))
      if configuration.mistakes.contains(.voteBeforeDurable) {
        send(reply, to: sender)
      } else {
        replyOnceDurable(reply, to: sender)
      }
    }
  }

  /// Paper, section 5.4.1.
  private func isUpToDate(_ request: VoteRequest) -> Bool {
    if configuration.mistakes.contains(.voteIgnoresLog) { return true }
    return request.lastTerm > log.lastTerm
      || (request.lastTerm == log.lastTerm && request.lastIndex >= log.lastIndex)
  }
}
