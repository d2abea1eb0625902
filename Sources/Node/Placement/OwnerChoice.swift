import Desk
import Gossip
import Kernel
import Protocol
import Raft

/// What this node's choices of owners rest on. A choice goes into the command, so replay needs no draw.
struct OwnerChoice {
  let rules: PlacementRules
  private(set) var generator: Gossip.SeededGenerator
  /// All members with what is known of each but its sessions, which are counted for each choice anew.
  fileprivate(set) var known: [PlacementCandidate] = []

  init(rules: PlacementRules, seed: UInt64) {
    self.rules = rules
    generator = Gossip.SeededGenerator(seed: seed)
  }

  mutating func draw(below bound: Int) -> Int { generator.draw(below: bound) }

  mutating func choose(among candidates: [PlacementCandidate], local: MemberID) -> MemberID? {
    Gossip.Placement.choose(among: candidates, local: local, rules: rules, generator: &generator)?.owner
  }
}

extension Node {
  /// The owner of a new session: this node, which the customer is connected to and from which no message needs a
  /// further hop, unless a sampled other is clearly emptier (see docs/decisions/0002).
  mutating func chooseOwner() -> ServerID {
    let able = owners()
    let candidates = placement.known.compactMap { node -> PlacementCandidate? in
      let id = ServerID(node.member.rawValue)
      guard able.contains(NodeID(id.rawValue)) else { return nil }
      var candidate = node
      candidate.ownedSessions = state.ownedCount(of: id)
      candidate.unsettled = pending.openings.unsettled(on: node.member)
      return candidate
    }
    guard let owner = placement.choose(among: candidates, local: MemberID(server.rawValue)) else {
      return server
    }
    return ServerID(owner.rawValue)
  }

  /// Measures this node's own load when that is due, and looks again at what the others say of theirs: as often as
  /// gossip ticks, so that an opening costs no more than counting.
  mutating func refreshLoad() {
    if load.isDue(now, isDraining: drain.isDraining) {
      load.measure(ownReport(), proposals: metrics.proposals, now: now, cores: configuration.cores)
      output.hints = load.hints
    }
    refreshPlacement()
  }

  mutating func refreshPlacement() {
    placement.known = group.members.map { member in
      let id = NodeID(member.id)
      if id == raft.id {
        return PlacementCandidate(
          member: MemberID(member.id), ownedSessions: 0, hints: load.hints, hintAge: age(load.measuredAt),
          upFor: age(metrics.startedAt))
      }
      if let gossip = surroundings.gossip, let status = gossip.status(of: id) {
        return PlacementCandidate(status, ownedSessions: 0, unsettled: 0, now: gossip.now)
      }
      // No gossip: what it tells on its connection.
      guard let report = peers.report(of: id), let at = peers.reportedAt(id) else {
        return PlacementCandidate(member: MemberID(member.id), ownedSessions: 0)
      }
      return PlacementCandidate(
        member: MemberID(member.id), ownedSessions: 0,
        // How many cores it has is not told: as many as this node.
        hints: LoadHints(report, cores: configuration.cores), hintAge: age(at),
        upFor: report.uptimeSeconds * 1_000 + age(at))
    }
    trustConnections()
  }

  /// When all nodes that this one is connected to are silent in gossip, it is the datagrams that do not get through, a
  /// firewall perhaps, and not the nodes that are gone.
  private mutating func trustConnections() {
    let others = placement.known.indices.filter { place in
      let id = NodeID(placement.known[place].member.rawValue)
      return id != raft.id && peers.isConnected(id)
    }
    guard !others.contains(where: { placement.known[$0].health == .alive }) else { return }
    for place in others where placement.known[place].health < .left { placement.known[place].health = .alive }
  }

  /// In milliseconds.
  private func age(_ time: Instant) -> UInt64 { UInt64(max(0, (now - time).milliseconds)) }
}
