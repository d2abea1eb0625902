extension RaftNode {
  /// Decides on a message of a higher term, and follows it into its term when that is called for.
  ///
  /// - Returns: whether the message is to be handled.
  mutating func admitHigherTerm(_ message: Message) -> Bool {
    switch message.body {
    case .voteRequest(let request):
      // Whoever hears from a leader helps nobody against it: a member that cannot hear the leader, or was
      // removed, must not depose it (dissertation, section 4.2.3).
      if configuration.checkQuorum, !request.transfer, hearsFromLeader,
        !configuration.mistakes.contains(.votesAgainstLiveLeader)
      {
        mark(.refusedForLiveLeader)
        return false
      }
      // A pre-vote asks about a term that nobody has entered.
      if !request.preVote { becomeFollower(term: message.term, leader: nil) }
    case .voteReply(let reply) where reply.preVote && reply.granted:
      // The term is the one this node asked about.
      break
    case .append, .heartbeat, .snapshotChunk:
      becomeFollower(term: message.term, leader: message.from)
    default:
      becomeFollower(term: message.term, leader: nil)
    }
    return true
  }

  /// Tells a member that has fallen behind about the term, where it would otherwise not find out.
  mutating func answerLowerTerm(_ message: Message) {
    switch message.body {
    case .append, .heartbeat, .snapshotChunk:
      if configuration.mistakes.contains(.silentToEarlierTerm) { return }
      mark(.lowerTermAnswered)
      // A leader of an earlier term goes on sending, and this node, with its higher term, refuses it: without
      // this answer neither would ever move. That logs agree up to 0 is always true, so the answer does no
      // harm even if its receiver leads this term when it arrives.
      replyOnceTermIsDurable(.appendReply(AppendReply(index: .zero)), to: message.from)
    case .voteRequest(let request):
      replyOnceTermIsDurable(
        .voteReply(VoteReply(preVote: request.preVote, granted: false)), to: message.from)
    default: break
    }
  }
}
