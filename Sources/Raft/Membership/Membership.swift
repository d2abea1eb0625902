/// A configuration of the group: who votes, who only receives the log, and what is about to change.
///
/// While `outgoing` is not empty the configuration is joint (dissertation, section 4.3), and a majority of both
/// `voters` and `outgoing` is needed for every decision.
package struct Membership: Hashable, Sendable {
  package var voters: [NodeID]
  package var outgoing: [NodeID]
  /// Receive the log and do not vote. In a joint configuration a member may be in `outgoing` and here: it is a
  /// learner once the joint configuration is left.
  package var learners: [NodeID]
  /// Learners that become voters, with no further request, once they have caught up.
  package var joining: [NodeID]
  /// Voters that go when those in `joining` come, in one step.
  package var leaving: [NodeID]
  /// Where the members that were added at run time can be reached.
  package var addresses: [Address]
  /// Which group this is: drawn when the group begins, and the same for as long as it lives. Nil where it is not known: the
  /// group was begun by a release that drew none, or was led by one that has dropped it.
  package var identity: UInt64?

  /// What the shell needs to reach a member; Raft never looks into it.
  package struct Address: Hashable, Sendable {
    package var id: NodeID
    package var text: String
    package init(id: NodeID, text: String) {
      self.id = id
      self.text = text
    }
  }

  /// The lists are sorted, so that equal memberships are equal bytes.
  package init(
    voters: [NodeID], outgoing: [NodeID] = [], learners: [NodeID] = [], joining: [NodeID] = [],
    leaving: [NodeID] = [], addresses: [Address] = [], identity: UInt64? = nil
  ) {
    self.identity = identity
    self.voters = voters.sorted()
    self.outgoing = outgoing.sorted()
    self.learners = learners.sorted()
    self.joining = joining.sorted()
    self.leaving = leaving.sorted()
    self.addresses = addresses.sorted { $0.id < $1.id }
  }

  /// What a member knows whose disk says nothing of its group: nobody votes.
  package static let unknown = Membership(voters: [])

  package var isJoint: Bool { !outgoing.isEmpty }

  /// Whether the node's vote counts in any half of the configuration.
  package func votes(_ id: NodeID) -> Bool { voters.contains(id) || outgoing.contains(id) }

  /// Everyone who receives the log, in the order of ids and once each.
  package var members: [NodeID] {
    var all = (voters + outgoing + learners).sorted()
    var last: NodeID?
    all.removeAll { id in
      defer { last = id }
      return id == last
    }
    return all
  }

  package func contains(_ id: NodeID) -> Bool { votes(id) || learners.contains(id) }

  /// Where a member that was added at run time can be reached; nil for the first members and for strangers.
  package func address(of id: NodeID) -> String? { addresses.first { $0.id == id }?.text }
}
