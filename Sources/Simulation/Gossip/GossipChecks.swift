import Gossip
import Raft

/// What gossip must never say.
extension World {
  func healthChanged(_ change: HealthChange, at node: SimulatedNode) {
    tell(
      "health",
      [
        "node": .number(node.id.rawValue), "member": .number(change.member.rawValue),
        "health": .text("\(change.to)"), "incarnation": .number(change.incarnation.rawValue),
      ])
    if change.to == .dead { tally.deaths += 1 }
    if change.from == .dead, change.to == .alive { tally.returns += 1 }
    guard let subject = self.node(NodeID(change.member.rawValue)) else {
      return fail("node \(node.id) knows a member \(change.member), and there is none")
    }
    // Only a member itself goes up: whoever said this cannot have it from anybody else.
    if change.incarnation > subject.highestIncarnation {
      fail(
        "node \(node.id) calls node \(subject.id) \(change.to) in incarnation \(change.incarnation), and it never was "
          + "above \(subject.highestIncarnation)")
    }
    if change.to == .left {
      fail("node \(node.id) believes that node \(subject.id) said goodbye, which it did not")
    }
  }

  func hintsChanged(of member: MemberID, at node: SimulatedNode) {
    tally.hintsHeard += 1
    guard let subject = self.node(NodeID(member.rawValue)),
      let hints = node.gossip?.node.status(of: member)?.hints
    else { return fail("node \(node.id) has news of hints that it does not have, of member \(member)") }
    let next = HeardHints(hints)
    if let known = node.gossip?.heard[subject.place] {
      if next.stamp <= known.stamp {
        fail("node \(node.id) takes hints \(next.stamp) of node \(subject.id) for newer than \(known.stamp)")
      }
      // The same one may come under the higher incarnation of a node that had to contradict.
      if next.life == known.life, next.measurement < known.measurement {
        fail(
          "node \(node.id) takes measurement \(next.measurement) of node \(subject.id) for newer than "
            + "\(known.measurement)")
      }
    }
    if next.measurement > subject.measurements {
      fail("node \(node.id) has hints of node \(subject.id) that it never gave")
    }
    node.gossip?.heard[subject.place] = next
  }
}
