/// A leader has another entry where this member has one that was committed. A majority goes by another history then: this
/// member has to take no further part, and whoever drives it says so.
package struct Contradiction: Hashable, Sendable {
  package var index: LogIndex
  /// The term of the entry here, or of one behind it when it is compacted.
  package var own: Term
  package var leaders: Term
  package var leader: NodeID
}

extension RaftNode {
  /// Whether the leader's log differs from this one where this one is committed. Looks at no more than the message has.
  mutating func contradicts(_ request: AppendRequest, from leader: NodeID) -> Bool {
    if contradicts(request.previousTerm, at: request.previousIndex, from: leader) { return true }
    for entry in request.entries {
      guard entry.index <= commitIndex else { return false }
      if contradicts(entry.term, at: entry.index, from: leader) { return true }
    }
    return false
  }

  /// - Parameter index: committed here.
  mutating func contradicts(_ term: Term, at index: LogIndex, from leader: NodeID) -> Bool {
    guard let own = otherTerm(than: term, at: index) else { return false }
    if configuration.mistakes.contains(.contradictionIgnored) { return false }
    contradiction = contradiction ?? Contradiction(index: index, own: own, leaders: term, leader: leader)
    return true
  }

  /// What stands at a place where the leader has another term; nil when they agree, or nothing speaks against it. Terms
  /// never go down along a log: so also of what is compacted it is known what it cannot be.
  private func otherTerm(than term: Term, at index: LogIndex) -> Term? {
    if let own = log.term(at: index) { return own == term ? nil : own }
    return index < log.base.index && term > log.base.term ? log.base.term : nil
  }
}
