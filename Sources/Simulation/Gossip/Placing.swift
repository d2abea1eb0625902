import Desk
import Gossip
import Raft

/// The owner of a new session, as the node where the customer is chooses it.
extension World {
  func ownerForNewSession(at node: SimulatedNode) -> ServerID {
    guard let gossip = node.gossip else { return node.server }
    let time = gossipClock(of: node)
    var candidates = gossip.node.members.map { status in
      PlacementCandidate(
        status, ownedSessions: node.desk.ownedCount(of: ServerID(status.id.rawValue)), unsettled: 0, now: time)
    }
    if gossip.node.belongs {
      candidates.append(
        PlacementCandidate(
          member: node.member, ownedSessions: node.desk.ownedCount(of: node.server),
          hints: gossip.node.hints?.hints, upFor: time - min(time, gossip.startedAt)))
    }
    var rules = PlacementRules()
    if plan.drawsOwners { rules.preference = nil }
    var generator = gossip.generator
    let choice = Placement.choose(
      among: candidates, local: node.member, rules: rules, generator: &generator)
    node.gossip?.generator = generator
    guard let choice else { return node.server }
    tally.faults["session placed: \(choice.reason.rawValue)", default: 0] += 1
    return ServerID(choice.owner.rawValue)
  }
}
