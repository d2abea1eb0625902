import Gossip
import Kernel
import Node
import Protocol
import Raft

/// How the nodes of a plan are set up: as those that serve, with times that fit the plan's.
extension World {
  func address(of node: SimulatedNode) -> MemberAddress { address(of: node.id) }

  func configuration(of node: SimulatedNode) -> NodeConfiguration {
    var configuration = NodeConfiguration(
      cluster: "simulation", thisNode: address(of: node),
      members: node.fileOfStart.map { address(of: $0) }, seed: seed &+ UInt64(node.life) &* 7919)
    let election = plan.electionTime / 1_000
    configuration.tickMilliseconds = plan.tick / 1_000
    configuration.electionTicks = plan.electionTicks
    configuration.heartbeatTicks = plan.heartbeatTicks
    configuration.leaseReads = plan.leaseReads
    configuration.snapshotEntries = plan.snapshotEvery
    configuration.tailBytes = plan.tail * 100
    configuration.requestTimeout = 6 * election
    configuration.retryAfter = 2 * election
    configuration.quorumGrace = 4 * election
    configuration.dispersal = 4 * election
    configuration.maxProposalsInFlight = 40
    configuration.patience.refused = election / 2
    configuration.patience.disconnect = 2 * election
    configuration.patience.silence = 4 * election
    configuration.agentGrace = plan.agentGrace
    configuration.queueGrace = plan.queueGrace
    configuration.openGrace = plan.openGrace
    configuration.linger = plan.linger
    configuration.keepMonths = plan.leaps.isEmpty ? 0 : Oracle.keptMonths
    configuration.retentionPause = election
    configuration.filling.answer = 4 * election
    configuration.filling.pause = election / 2
    configuration.filling.rest = 4 * election
    configuration.filling.retry = election
    configuration.absence.left = election / 2
    configuration.absence.unseen = 3 * election
    configuration.absence.visited = 3 * election
    configuration.maxAtOnce = 3
    configuration.maxReleased = 2
    configuration.mostPulled = 0
    configuration.turn.readers = 2
    configuration.turn.routed = 2
    configuration.turn.caughtUp = 1
    configuration.turn.chats = 1
    configuration.commandPatience = 2 * election
    configuration.proposalPatience = 2 * election
    configuration.readPatience = 2 * election
    configuration.readTimeout = 6 * election
    configuration.gossipMilliseconds = plan.gossipEvery * plan.tick / 1_000
    if plan.drawsOwners { configuration.placement.preference = nil }
    configuration.level = level(of: node)
    configuration.mistakes = nodeMistakes
    configuration.consensus.preVote = plan.preVote
    configuration.consensus.checkQuorum = plan.checkQuorum
    configuration.consensus.snapshotChunkBytes = plan.chunkBytes
    configuration.consensus.mistakes = raftMistakes
    if plan.tinyLimits {
      configuration.consensus.maxAppendBytes = 200
      configuration.consensus.maxInflightMessages = 2
      configuration.consensus.maxInflightBytes = 600
      configuration.consensus.maxUncommittedBytes = 2_000
      configuration.consensus.maxRetainedBytes = 20_000
      configuration.maxBatch = 3
      configuration.maxBatchBytes = 200
    }
    return configuration
  }

  /// The highest format level that the release on a node reads. In some stories the cluster is upgraded while all else
  /// goes on: each node has the new release from its second start on.
  func level(of node: SimulatedNode) -> Level { plan.upgrades && !node.isUpgraded ? plan.firstLevel : .newest }
}
