import Desk
import Gossip
import Logging
import NIOCore
import Peering
import Protocol
import Raft
import Wire

/// What this node's choices of owners rest on. A choice goes into the command, so replay needs no draw.
struct Placement {
  let rules = PlacementRules()
  var generator: SeededGenerator
  /// All members with what is known of each but its sessions, which are counted for each choice anew.
  var known: [PlacementCandidate] = []

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func draw(below bound: Int) -> Int { generator.draw(below: bound) }
}

extension ReplicaCore {
  /// The owner of a new session: this node, which the customer is connected to and from which no message needs a
  /// further hop, unless a sampled other is clearly emptier (see docs/decisions/0002).
  func chooseOwner() -> ServerID {
    let able = owners()
    let candidates = placement.known.compactMap { node -> PlacementCandidate? in
      let id = ServerID(node.member.rawValue)
      guard able.contains(NodeID(id.rawValue)) else { return nil }
      var candidate = node
      candidate.ownedSessions = desk.ownedCount(of: id)
      candidate.unsettled = pending.openings.unsettled(on: node.member)
      return candidate
    }
    guard
      let choice = Gossip.Placement.choose(
        among: candidates, local: MemberID(server.rawValue), rules: placement.rules,
        generator: &placement.generator)
    else { return server }
    logger.debug("an owner is chosen", metadata: ["choice": "\(choice)"])
    return ServerID(choice.owner.rawValue)
  }

  /// Looks again at what nodes say of themselves; from gossip's tick, so that an opening costs no more than counting.
  func refreshPlacement() {
    placement.known = members.map { member in
      let id = NodeID(member.id)
      if id == raft.id {
        return PlacementCandidate(
          member: MemberID(member.id), ownedSessions: 0, hints: load.hints, hintAge: age(load.measuredAt),
          upFor: age(statistics.startedAt))
      }
      if let status = gossip?.status(of: id) {
        return PlacementCandidate(status, ownedSessions: 0, unsettled: 0, now: GossipNetwork.now())
      }
      // No gossip: what it tells on its connection.
      guard let (notice, at) = notices[id] else {
        return PlacementCandidate(member: MemberID(member.id), ownedSessions: 0)
      }
      return PlacementCandidate(
        member: MemberID(member.id), ownedSessions: 0,
        // How many cores it has is not told: as many as this node.
        hints: LoadHints(notice, cores: System.coreCount), hintAge: age(at),
        upFor: notice.uptimeSeconds * 1_000 + age(at))
    }
    trustConnections()
  }

  /// When all nodes that this one is connected to are silent in gossip, it is the datagrams that do not get through, a
  /// firewall perhaps, and not the nodes that are gone.
  private func trustConnections() {
    let others = placement.known.indices.filter { place in
      let id = NodeID(placement.known[place].member.rawValue)
      return id != raft.id && network.isConnected(id)
    }
    guard !others.contains(where: { placement.known[$0].health == .alive }) else { return }
    for place in others where placement.known[place].health < .left { placement.known[place].health = .alive }
  }

  /// In milliseconds.
  private func age(_ time: NIODeadline) -> UInt64 { UInt64(max(0, (now - time).nanoseconds / 1_000_000)) }
}
