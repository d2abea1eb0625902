import Desk
import Kernel
import Protocol
import Raft

/// Which group this node is of, and who is a stranger by that. The identity is drawn when a group begins and stands in its
/// first entry, and from there in every configuration and snapshot.
extension Node {
  /// Not the same for two beginnings: by different nodes, in different lives, or at different times.
  func drawIdentity() -> UInt64 {
    var generator = Kernel.SeededGenerator(seed: configuration.seed ^ server.rawValue &* 0x9e37_79b9)
    return generator.next() ^ timeOfDay
  }

  /// As soon as the log says so, committed or not: before anything of that log is told to anybody.
  mutating func noteGroup() {
    guard !has(.clusterUnchecked) else { return }
    for stranger in peers.belong(to: raft.membership.identity) { becameStranger(stranger) }
  }

  /// - Returns: whether what the peer says may be taken.
  mutating func isOfThisGroup(_ content: PeerContent, _ peer: NodeID) -> Bool {
    noteGroup()
    if case .notice(let report) = content, let isStranger = peers.learn(report.group, of: peer) {
      if isStranger { becameStranger(peer) } else { isKnownAgain(peer) }
    }
    return !peers.isStranger(peer)
  }

  /// The one thing that a stranger hears: that it is one.
  mutating func sayGroup(to stranger: NodeID) {
    output.frames.append(PeerFrame(to: stranger, content: .notice(report(for: stranger))))
  }

  private mutating func becameStranger(_ peer: NodeID) {
    note(.error, strangerAdvice(peer), ("peer", name(of: peer)))
    sayGroup(to: peer)
    watch.linkDown(peer, refused: false, at: now)
    raft.peerUnreachable(peer)
  }

  /// Its disk was emptied, for instance, and it waits to be taken in.
  private mutating func isKnownAgain(_ peer: NodeID) {
    note(.notice, "a node of another cluster is none any more", ("peer", name(of: peer)))
    watch.linkUp(peer)
    sendReport(to: peer)
  }

  private func strangerAdvice(_ peer: NodeID) -> String {
    "\(name(of: peer)) belongs to another cluster of the name \"\(configuration.cluster)\", which was begun apart from this "
      + "one: nothing is taken from it, and nothing is sent to it. Find out which of the two is the right one; stop "
      + "\(name(of: peer)) and run `switchboard rebuild` there if it is to join this one"
  }

  func strangerProblems(since: String) -> [ClusterStatus.Problem] {
    peers.strangers.map {
      ClusterStatus.Problem(
        code: .otherCluster, node: name(of: $0), since: since, advice: strangerAdvice($0))
    }
  }
}
