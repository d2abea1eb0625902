extension RaftNode {
  /// Raises the commit index to what a quorum has on disk, if that is an entry of this term: one of an earlier
  /// term, though on a quorum, may still be overwritten (paper, section 5.4.2, figure 8).
  mutating func advanceCommit() {
    guard role == .leader else { return }
    guard let reached = reachedByQuorum(), reached > commitIndex else { return }
    guard log.term(at: reached) == term || configuration.mistakes.contains(.commitsEarlierTerms) else {
      return mark(.commitHeldForTerm)
    }
    var index = commitIndex
    while index < reached {
      index = index.next
      uncommittedBytes -= log.size(at: index)
    }
    commitIndex = reached
    traced("Commit")
  }

  private func reachedByQuorum() -> LogIndex? {
    let own = configuration.mistakes.contains(.ownAckBeforeDurable) ? log.lastIndex : writes.durableIndex
    func reached(_ member: NodeID) -> LogIndex {
      member == id ? own : position(of: member).map { peers[$0].match } ?? .zero
    }
    if configuration.mistakes.contains(.unsortedMatch) {
      return min(reached(membership.voters[membership.voters.count / 2]), log.lastIndex)
    }
    return Quorum.highest(in: electorate, reached: reached)
  }

  /// Whether an entry of this term is committed: only then does the leader know what is (paper, section 8).
  var hasCommittedInTerm: Bool { log.term(at: commitIndex) == term }
}
