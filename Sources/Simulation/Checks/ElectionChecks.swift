import Raft

/// One leader a term; one vote a term, and on disk before anybody hears of it.
extension Checks {
  func sawSent(_ messages: ArraySlice<Raft.Message>, by node: SimulatedNode, in world: World) {
    for message in messages {
      checkTerm(of: message, by: node)
      switch message.body {
      case .voteReply(let reply) where reply.granted && !reply.preVote:
        sawVote(of: node, for: message.to, message.term)
      case .voteRequest(let request) where !request.preVote:
        sawVote(of: node, for: node.id, message.term)
      case .appendReply(let reply) where !reply.rejected:
        let isDurable = node.disk.lastIndex >= reply.index || node.disk.hardState.term > message.term
        if !isDurable {
          fail(
            "node \(node.id) reports entry \(reply.index) of term \(message.term), and its disk ends at "
              + "\(node.disk.lastIndex)")
        }
        checkReport(reply.index, message, by: node)
      case .snapshotReply(let reply) where reply.installed:
        let isDurable =
          node.disk.lastIndex >= reply.index || (node.disk.snapshot?.meta.index ?? .zero) >= reply.index
        if !isDurable, node.disk.hardState.term <= message.term {
          fail("node \(node.id) reports snapshot \(reply.index) as installed before it is on disk")
        }
      default: break
      }
    }
  }

  private func sawVote(of node: SimulatedNode, for candidate: NodeID, _ term: Term) {
    record(node, candidate, term)
    let state = node.disk.hardState
    if state.term < term || (state.term == term && state.vote != candidate) {
      fail("node \(node.id) tells of its vote for \(candidate) in term \(term) before it is on disk")
    }
  }

  private func record(_ node: SimulatedNode, _ candidate: NodeID, _ term: Term) {
    let ballot = Ballot(voter: node.id, store: node.stores, term: term)
    if let other = votes[ballot], other != candidate {
      fail("node \(node.id) votes for \(other) and for \(candidate) in term \(term)")
    }
    votes[ballot] = candidate
  }

  func sawDurable(_ write: Write, by node: SimulatedNode, in world: World) {
    guard let state = write.hardState, let vote = state.vote else { return }
    record(node, vote, state.term)
  }

  /// Looks at a node after each step.
  ///
  /// - Parameter raft: the node's own, and `inout` only to be looked at where it lies: a copy of it for every step
  ///   would cost more than the step.
  func sawState(_ raft: inout RaftNode, of node: SimulatedNode, in world: World) {
    let commit = raft.commitIndex
    let term = raft.term
    let last = raft.lastIndex
    if commit < node.lastCommit {
      fail("the commit index of node \(node.id) goes back from \(node.lastCommit) to \(commit)")
    }
    if commit > last { fail("node \(node.id) commits \(commit), and its log ends at \(last)") }
    if raft.role == .leader {
      if node.wasLeaderIn != term { sawLeader(node, &raft, in: world) }
      if commit > node.lastCommit { sawLeaderCommit(node, &raft, in: world) }
    }
    node.lastCommit = commit
    if node.lastMembershipIndex != raft.membershipIndex || node.lastMembership == nil {
      node.lastMembershipIndex = raft.membershipIndex
      node.lastMembership = raft.membership
    }
  }

  private func sawLeader(_ node: SimulatedNode, _ raft: inout RaftNode, in world: World) {
    node.wasLeaderIn = raft.term
    world.tally.elections += 1
    if let other = leaders[raft.term], other != node.id {
      fail("term \(raft.term) has two leaders: \(other) and \(node.id)")
    }
    leaders[raft.term] = node.id
    // Leader completeness: what was committed before this term is in the log of its leader.
    if let last = committed.last(where: { $0.knownIn < raft.term }),
      last.entry.index > raft.snapshot?.index ?? .zero,
      raft.term(at: last.entry.index) != last.entry.term
    {
      fail(
        "node \(node.id) leads term \(raft.term) without entry \(last.entry.index) of term \(last.entry.term), which "
          + "is committed")
    }
  }

  /// A leader commits what a quorum has on disk, and of its own term.
  private func sawLeaderCommit(_ node: SimulatedNode, _ raft: inout RaftNode, in world: World) {
    let index = raft.commitIndex
    guard let term = raft.term(at: index) else { return }
    if term != raft.term {
      fail("the leader \(node.id) of term \(raft.term) commits entry \(index) of term \(term) by counting")
    }
    guard world.rebuilding == nil else { return }
    func holds(_ voters: [NodeID]) -> Bool {
      voters.count(where: { world.node($0)?.disk.holds(index, term) ?? false }) * 2 > voters.count
    }
    // A commit may set off the next configuration within the same step: then it was made under the one before.
    let isHeld = [raft.membership, node.lastMembership ?? raft.membership].contains {
      holds($0.voters) && ($0.outgoing.isEmpty || holds($0.outgoing))
    }
    if !isHeld {
      fail("node \(node.id) commits entry \(index) of term \(term), which no quorum has on disk")
    }
  }
}
