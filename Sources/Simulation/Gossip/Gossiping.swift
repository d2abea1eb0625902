import Desk
import Gossip
import Raft

/// The shell around a node's gossip: time, members, hints and datagrams go in, datagrams come out.
extension World {
  static let cluster = ClusterCheck(cluster: "simulation")
  /// As long as a version may be, so that datagrams fill up.
  static let version = String(repeating: "v", count: LoadHints.longestVersion)

  func startGossip(_ node: SimulatedNode) {
    var configuration = GossipConfiguration(
      id: node.member, cluster: World.cluster, seed: seed &+ UInt64(node.life) &* 7919,
      incarnation: Incarnation(clock(of: node)))
    configuration.maximumDatagramBytes = plan.datagramBytes
    configuration.mistakes = gossipMistakes
    do {
      node.gossip = GossipPart(
        node: try GossipNode(configuration: configuration), startedAt: gossipClock(of: node),
        generator: SeededGenerator(seed: configuration.seed, stream: 1_000 + node.id.rawValue),
        heard: Array(repeating: nil, count: nodes.count))
    } catch {
      fail("gossip of node \(node.id) does not start: \(error)")
    }
  }

  /// Microseconds on a clock that is never turned, and runs as fast as the node's ticks come.
  func steadyTime(of node: SimulatedNode) -> Int {
    node.steadyTime + (now - node.steadySince) * plan.tick / node.tickLength
  }

  /// Milliseconds, faster than the cluster's.
  func gossipClock(of node: SimulatedNode) -> UInt64 {
    UInt64(max(steadyTime(of: node) * plan.gossipPace / 10_000, 0))
  }

  func tickGossip(_ node: SimulatedNode) {
    guard node.gossip != nil else { return }
    followMembership(node)
    let time = gossipClock(of: node)
    let load = measure(node, at: time)
    node.gossip?.node.updateHints(load, now: time)
    node.gossip?.node.tick(now: time)
    carryOutGossip(node)
  }

  /// The group as the node's log has it, committed or not: as Raft itself goes by it.
  private func followMembership(_ node: SimulatedNode) {
    guard let membership = node.raft?.membership, node.gossip?.membership != membership else { return }
    node.gossip?.membership = membership
    let members = nodes.filter { membership.contains($0.id) }.map(\.member)
    node.gossip?.node.setMembers(members, now: gossipClock(of: node))
    for other in nodes where node.gossip?.node.status(of: other.member) == nil {
      node.gossip?.heard[other.place] = nil
    }
  }

  private func measure(_ node: SimulatedNode, at time: UInt64) -> LoadHints {
    if !isCalm, gossipDice.chance(permille: 5) { node.isDraining.toggle() }
    node.measurements += 1
    let uptime = time - min(time, node.gossip?.startedAt ?? 0)
    return LoadHints(
      connections: UInt32(node.connections.count),
      ownedSessions: UInt32(node.state.ownedCount(of: node.server)), cpuPerMille: HeardHints.life(of: node),
      proposalsPerSecond: node.measurements, ackP99Microseconds: UInt32(truncatingIfNeeded: now / 1000),
      isDraining: node.isDraining, uptimeSeconds: UInt32(truncatingIfNeeded: uptime / 1000),
      version: World.version)
  }

  private func carryOutGossip(_ node: SimulatedNode) {
    guard let directives = node.gossip?.node.takeDirectives() else { return }
    node.highestIncarnation = max(node.highestIncarnation, node.gossip?.node.incarnation ?? .zero)
    for directive in directives {
      switch directive {
      case .send(let bytes, let recipient):
        if let place = self.node(NodeID(recipient.rawValue))?.place { ship(bytes, from: node, to: place) }
      case .healthChanged(let change): healthChanged(change, at: node)
      case .hintsChanged(let member): hintsChanged(of: member, at: node)
      }
    }
  }

  // MARK: Datagrams

  /// Datagrams belong to no connection, and nobody sends them again.
  private func ship(_ bytes: [UInt8], from node: SimulatedNode, to place: Int) {
    if bytes.count > plan.datagramBytes {
      return fail("node \(node.id) sends a datagram of \(bytes.count) bytes, above \(plan.datagramBytes)")
    }
    let loss = isCalm ? 0 : plan.loss + plan.datagramLoss + network.extraLoss
    if network.isCut(node.place, place) || !nodes[place].isRunning || gossipDice.chance(permille: loss) {
      tally.datagramsLost += 1
      return
    }
    let datagram = Datagram(from: node.place, to: place, bytes: bytes)
    let jitter = isCalm ? plan.delay : plan.jitter + network.extraJitter
    let time = now + plan.delay + gossipDice.below(jitter + 1)
    enter(.datagram(datagram), at: isCalm ? time : network.stalled(node.place, place, time))
    if gossipDice.chance(permille: isCalm ? 0 : plan.duplicates + network.extraDuplicates) {
      // A copy may be very late: after its sender has started again.
      let late = gossipDice.chance(permille: 300) ? gossipDice.below(1_500_000) : gossipDice.below(30_000)
      enter(.datagram(datagram), at: time + late)
    }
  }

  func receive(_ datagram: Datagram) {
    let node = nodes[datagram.to]
    guard node.isRunning, !network.isCut(datagram.from, datagram.to) else {
      tally.datagramsLost += 1
      return
    }
    if node.isFrozen {
      // As a socket's buffer does it: what does not fit is lost.
      guard node.heldDatagrams < 50 else { return tally.datagramsLost += 1 }
      node.heldDatagrams += 1
      return node.mailbox.append(.datagram(datagram))
    }
    tally.datagramsDelivered += 1
    digest = Digest.of(datagram.bytes, from: digest)
    mix(12, node.place)
    node.gossip?.node.receive(
      datagram.bytes, from: nodes[datagram.from].member, now: gossipClock(of: node))
    if node.gossip?.node.counters.unreadableDatagrams ?? 0 > 0 {
      return fail(
        "a datagram from node \(datagram.from + 1) to node \(node.id) cannot be read: \(datagram.bytes)")
    }
    carryOutGossip(node)
  }
}
