import Gossip
import Raft

/// The last part of a run, which only gossip sees: consensus, clients and disks stand still.
struct Settling {
  let since: Int
  var events = 0
}

extension World {
  /// Milliseconds on gossip's clock until all must be known. Two that have called one another dead and doubt
  /// themselves need the most: some rounds of asking the dead again, and a suspicion that nobody shares.
  static let settlingBound = 60_000
  /// Hints of a live member are not older, on the clock of who has them. They go out once a second.
  static let youngHints: UInt64 = 3_000

  /// Nothing else goes wrong any more, but for one last crash, in half of all runs.
  func beginSettling() {
    guard checks.violations.isEmpty else { return }
    for node in nodes { node.isDraining = false }
    let live = group
    if live.count > 1, gossipDice.chance(permille: 500), let last = gossipDice.pick(live) { crash(last) }
    settling = Settling(since: now)
    tell("settling", [:])
  }

  /// - Returns: whether the run is at its end.
  func settle(_ event: Happening) -> Bool {
    switch event {
    case .datagram(let datagram): receive(datagram)
    case .tick(let place, let life):
      let node = nodes[place]
      guard node.life == life, node.isUp else { return false }
      enter(event, at: now + node.tickLength * plan.gossipEvery)
      tickGossip(node)
    default: return false
    }
    settling?.events += 1
    guard let settling, settling.events % 32 == 0 else { return false }
    let time = (now - settling.since) * plan.gossipPace / 10_000
    guard let problem = unsettled else {
      tally.longestSettling = time
      return true
    }
    if time > World.settlingBound {
      fail("gossip does not settle: \((now - settling.since) / 1000) ms after all else, \(problem)")
    }
    return false
  }

  /// Something that a live node does not know yet, of the members that its group has.
  private var unsettled: String? {
    let live = group
    for node in live {
      guard let gossip = node.gossip, let membership = gossip.membership else {
        return "node \(node.id) takes no part"
      }
      // A configuration that leaves it out has reached it when consensus came to rest, and is not committed yet.
      if !membership.contains(node.id) { continue }
      if !gossip.node.belongs { return "node \(node.id) takes no part" }
      for other in nodes where other.place != node.place && membership.contains(other.id) {
        guard let status = gossip.node.status(of: other.member) else {
          return "node \(node.id) does not know node \(other.id)"
        }
        if !other.isRunning {
          if status.health != .dead {
            return "node \(node.id) calls node \(other.id) \(status.health), which is down"
          }
        } else if other.gossip?.membership?.contains(node.id) == true, other.gossip?.node.belongs == true {
          if let problem = unsettled(other, status, at: node) { return problem }
        }
      }
    }
    return nil
  }

  private func unsettled(_ other: SimulatedNode, _ status: MemberStatus, at node: SimulatedNode) -> String? {
    if status.health != .alive {
      return "node \(node.id) calls node \(other.id) \(status.health), which is well"
    }
    guard let hints = status.hints else { return "node \(node.id) has no hints of node \(other.id)" }
    let heard = HeardHints(hints)
    if heard.life != HeardHints.life(of: other) {
      return "node \(node.id) has hints of an earlier life of node \(other.id)"
    }
    let age = hints.age(at: gossipClock(of: node))
    // By the simulator's own clock; a node's may be a third slower.
    let trueAge = (now / 1000 - Int(heard.measuredAt)) * plan.gossipPace / 10
    if age > World.youngHints || trueAge > Int(World.youngHints) * 3 / 2 {
      return "node \(node.id) has hints of node \(other.id) that are \(age) ms old, in truth \(trueAge)"
    }
    return nil
  }
}
