import Gossip
import Raft

/// What a node's process has of gossip.
struct GossipPart {
  var node: GossipNode
  /// The configuration that its members were taken from.
  var membership: Membership?
  /// Of the process, on the node's gossip clock.
  let startedAt: UInt64
  /// Draws the candidates of placements.
  var generator: SeededGenerator

  /// For the checks: by place, the newest hints that it took of each.
  var heard: [HeardHints?]
}

/// Hints that a node has taken, and what the simulator has written into them: whose they are and when they were
/// measured.
struct HeardHints {
  let stamp: HintStamp
  let life: UInt16
  let measurement: UInt32
  /// Milliseconds of simulated time.
  let measuredAt: UInt32

  init(_ aged: AgedHints) {
    stamp = aged.stamp
    life = aged.hints.cpuPerMille
    measurement = aged.hints.proposalsPerSecond
    measuredAt = aged.hints.ackP99Microseconds
  }

  static func life(of node: SimulatedNode) -> UInt16 { UInt16(node.life % 1_000) }
}

extension SimulatedNode {
  var member: MemberID { MemberID(id.rawValue) }
}
