package import Desk
package import Gossip
package import Kernel
package import Protocol
package import Raft

/// What happens to a node, for `Node.take`.
package enum NodeInput: Sendable {
  /// A timer: every `NodeConfiguration.tickMilliseconds`, with what the node cannot see by itself.
  case tick(Surroundings)
  /// Of one gateway loop, in order.
  case requests([ClientRequest])
  /// A frame of a peer. It is taken whoever sent it: the transport has proved who that is.
  case peer(PeerContent, from: NodeID)
  /// The connection on which this node sends is there.
  ///
  /// - Parameter level: the highest that the peer reads.
  case linkUp(NodeID, Level)
  /// It has ended, or could not be made.
  ///
  /// - Parameter refused: nobody listens at the address.
  case linkDown(NodeID, refused: Bool)
  /// The connection on which the peer sends to this node has ended.
  case inboundLost(NodeID)
  /// A frame could not be handed to the transport: no connection, or a full queue.
  case unsent(NodeID)
  /// All writes up to this one are durable.
  case written(number: UInt64, seconds: Double)
  /// The snapshot that this write completes, or a part of it, is not what its leader has promised, or there is no room for
  /// it; it is gone, and the log is as it was.
  case snapshotRefused(number: UInt64, reason: String)
  case diskFull(free: UInt64)
  case roomAgain(free: UInt64)
  case chunkRead(ChunkRead, data: [UInt8]?)
  /// The job of `NodeOutput.snapshot` is done.
  case snapshotWritten(SnapshotMeta)
  case snapshotFailed(String)
  /// What `NodeOutput.load` asked for.
  case snapshotLoaded(SnapshotMeta, ReplicatedState)
  case snapshotUnreadable(SnapshotMeta, String)
  /// The archive has all that was handed over up to here, on disk: see `NodeOutput.archive`.
  case archived(LogIndex)
  /// It could not be written. What was handed over since the last `archived` has to be handed over again.
  ///
  /// - Parameter needsWhole: a file of it was lost, so the state has to come first.
  case archiveFailed(String, needsWhole: Bool)
  /// What it misses by now, and other archives may have.
  case archiveGaps(ArchiveGaps)
  /// The answer to `NodeOutput.archivePageReads`; nil: it cannot be read now.
  case archivePageRead(number: UInt64, ArchiveRowPage?)
  /// The answer to `NodeOutput.archivePage`.
  case archivePageWritten(number: UInt64, ArchivePageOutcome)
  /// The answer to `NodeOutput.archiveQuestions`.
  case archiveAnswered(number: UInt64, Result<ArchiveAnswer, Failure>)
  /// Of an operator or the HTTP interface; its answer comes in `NodeOutput.answers`.
  case call(UInt64, NodeCall)
  /// There are so many gateway loops, numbered from 0.
  case sinks(Int)
}

/// What a node knows only by being told, as of a tick.
package struct Surroundings: Sendable {
  /// Connections of clients.
  package var connections = 0
  /// Cores in use: 1.0 is one core.
  package var processorShare = 0.0
  package var loopLagMilliseconds = 0.0
  package var disk = DiskFigures()
  /// nil: there is no archive, or it has not said yet.
  package var archive: ArchivedAmounts?
  package var contacts: [PeerContact] = []
  /// The highest level that each node has announced, members and others.
  package var announced: [NodeID: Level] = [:]
  /// Bytes of this process in memory; nil: unknown.
  package var usedMemory: Int?
  /// What the process knows to be wrong with its machine (`NodeConditions`).
  package var conditions: NodeConditions = []
  /// nil: this node does not gossip, or has no socket.
  package var gossip: GossipView?
  /// Of this node; none: it has none.
  package var certificates: [CertificateReport] = []
  package init() {}
}

package struct DiskFigures: Hashable, Sendable {
  package var logBytes: UInt64 = 0
  package var freeBytes: UInt64 = 0
  /// Submitted and not yet completed.
  package var backlogBytes = 0
  package init() {}
}

/// How much an archive has.
package struct ArchivedAmounts: Hashable, Sendable {
  package var sessions: UInt64 = 0
  package var chunks: UInt64 = 0
  package var messages: UInt64 = 0
  /// On the disk.
  package var bytes: UInt64 = 0
  package init() {}
}

/// What the transport knows of a peer.
package struct PeerContact: Hashable, Sendable {
  package var node: NodeID
  /// When anything last came from it.
  package var lastHeard: Instant?
  /// Smoothed, in seconds.
  package var roundTrip: Double?
  package init(node: NodeID, lastHeard: Instant?, roundTrip: Double?) {
    self.node = node
    self.lastHeard = lastHeard
    self.roundTrip = roundTrip
  }
}

/// Gossip's opinion of the others at one moment.
package struct GossipView: Sendable {
  package var statuses: [MemberStatus]
  /// On the clock of the ages and times in `statuses`, in milliseconds.
  package var now: UInt64
  package init(statuses: [MemberStatus], now: UInt64) {
    self.statuses = statuses
    self.now = now
  }

  func status(of node: NodeID) -> MemberStatus? { statuses.first { $0.id.rawValue == node.rawValue } }
}

/// The time at which something happens to a node.
package struct NodeTime: Hashable, Sendable {
  /// Of the steady clock.
  package var now: Instant
  /// Milliseconds since 1970; may jump.
  package var timeOfDay: UInt64
  package init(now: Instant, timeOfDay: UInt64) {
    self.now = now
    self.timeOfDay = timeOfDay
  }
}
