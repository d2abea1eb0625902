extension RaftNode {
  /// Raises the commit index to what a quorum has on disk, if that is an entry of this term: one of an earlier
  /// term, though on a quorum, may still be overwritten (paper, section 5.4.2, figure 8).
  mutating func advanceCommit() {
    guard role == .leader else { return }
    let reached = Quorum.highest(in: membership) { member in
      member == id ? writes.durableIndex : position(of: member).map { peers[$0].match } ?? .zero
    }
    guard let reached, reached > commitIndex, log.term(at: reached) == term else { return }
    var index = commitIndex
    while index < reached {
      index = index.next
      uncommittedBytes -= log.size(at: index)
    }
    commitIndex = reached
  }

  /// Whether an entry of this term is committed: only then does the leader know what is (paper, section 8).
  var hasCommittedInTerm: Bool { log.term(at: commitIndex) == term }
}
