import Raft

/// What a node counts as on its disk, and what it says to others, is on its disk. The disk here is the model that each
/// of its steps is compared with.
extension Checks {
  /// A node was told of writes that have ended.
  ///
  /// - Parameter raft: the node's own, and `inout` only to be looked at where it lies.
  func sawPersisted(_ raft: inout RaftNode, of node: SimulatedNode) {
    let counted = raft.durableState
    let kept = node.disk.hardState
    // The disk may be ahead: the word of its last writes is still on its way.
    let isVoteKept = counted.vote == nil || counted.vote == kept.vote
    if counted.term > kept.term || (counted.term == kept.term && !isVoteKept) {
      fail(
        "node \(node.id) counts term \(counted.term) with the vote \(counted.vote?.rawValue ?? 0) as durable, and on its "
          + "disk are term \(kept.term) and the vote \(kept.vote?.rawValue ?? 0)")
    }
    // So it may be with a snapshot that has taken the log's place: a frozen process that goes on sees its peers' frames
    // before that word. It adds nothing to its log and does not stand for election until then.
    if node.disk.lastReplacement > node.reportedNumber { return }
    let index = raft.durableIndex
    guard index > .zero, let term = raft.term(at: index) else { return }
    if !node.disk.holds(index, term) {
      fail("node \(node.id) counts entry \(index) of term \(term) as durable, and its disk does not have it")
    }
  }

  /// Whoever shows a term has it on disk, or might vote in it again after a crash.
  func checkTerm(of message: Raft.Message, by node: SimulatedNode) {
    switch message.body {
    // These carry the term that is asked about.
    case .voteRequest(let request) where request.preVote: return
    case .voteReply(let reply) where reply.preVote && reply.granted: return
    default: break
    }
    if message.term > node.disk.hardState.term {
      fail("node \(node.id) shows term \(message.term), and on its disk is term \(node.disk.hardState.term)")
    }
  }

  /// The entry that a node reports is the one that the leader of this term has given it.
  func checkReport(_ index: LogIndex, _ message: Raft.Message, by node: SimulatedNode) {
    guard node.raft?.term == message.term, let term = node.raft?.term(at: index), index > .zero else { return }
    if !node.disk.holds(index, term), node.disk.hardState.term <= message.term {
      fail("node \(node.id) reports entry \(index) of term \(term), and its disk has another one there")
    }
  }
}
