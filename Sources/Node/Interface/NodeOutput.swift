package import Desk
package import Gossip
package import Kernel
package import Protocol
package import Raft

/// What is to be done for a node at the end of a turn. The lists are in order; beside that:
///
/// 1. What Raft's trace was told is written first, before anything leaves the node.
/// 2. `writes` go to the disk in the order of their numbers, and nothing is skipped.
/// 3. `frames` may go at once, beside the disk: what must wait for it comes only with a later turn.
package struct NodeOutput: Sendable {
  package var frames: [PeerFrame] = []
  package var writes: [Write] = []
  /// By gateway loop.
  package var deliveries: [[Delivery]] = []
  /// What has happened in the desks that are followed.
  package var deskNews = DeskNewsBatch()
  package var answers: [(call: UInt64, answer: NodeAnswer)] = []
  /// Reads of the newest own snapshot; each is answered by `NodeInput.chunkRead`.
  package var chunkReads: [ChunkRead] = []
  /// Written beside the traffic; answered by `snapshotWritten` or `snapshotFailed`.
  package var snapshot: SnapshotJob?
  /// To be read and decoded beside the traffic; answered by `snapshotLoaded` or `snapshotUnreadable`. A later one takes
  /// the place of one that is not answered yet.
  package var load: SnapshotMeta?
  /// For the archive of this node, in order; answered by `archived` or `archiveFailed`.
  package var archive: ArchiveBatch?
  /// What clients ask of it; each is answered by `archiveAnswered`.
  package var archiveQuestions: [ArchiveQuestion] = []
  /// What archives of other nodes ask of it; each is answered by `archivePageRead`.
  package var archivePageReads: [ArchivePageRead] = []
  /// Rows that another archive has given; answered by `archivePageWritten`.
  package var archivePage: ArchivePageToWrite?
  /// Log entries up to there may go.
  package var compactTo: LogIndex?
  /// Before any of `writes`: what the log has is to be in other files than what comes now. Once entries up to this one may go, older
  /// snapshots than that go too.
  package var purge: LogIndex?
  /// Before any of `writes`: the disk has to say that this node must be taken in.
  package var marksDisk = false
  /// Before any of `frames`: those who read less than this level are no company any more.
  package var requiredLevel: Level?
  /// The allocator is to give the system what is free.
  package var givesBackMemory = false
  /// The disk may forget that it was emptied once.
  package var endsRejoining = false
  /// Who the peers are now.
  package var peers: [MemberAddress]?
  /// The members and this node, for other threads.
  package var members: [MemberAddress]?
  /// Whether this node belongs to those who gossip.
  package var belongs: Bool?
  package var hints: LoadHints?
  package var logs: [LogLine] = []
  /// The node cannot go on: nothing else may leave it any more.
  package var failure: NodeFailure?
  /// There is work left that another turn should do, once others had theirs.
  package var hasMore = false

  package init() {}
}

/// A snapshot of this node's own state, to be written.
package struct SnapshotJob: Sendable {
  package var state: ReplicatedState
  package var index: LogIndex
  package var term: Term
  /// Of the last applied entry, in milliseconds since 1970.
  package var time: UInt64
  package var membership: Membership
}

/// One line of the log: an event and its details.
package struct LogLine: Sendable {
  package enum Level: Sendable { case info, notice, warning, error }
  package var level: Level
  package var message: String
  package var details: [(name: String, value: String)]
}

/// Why a node cannot go on.
package enum NodeFailure: Error, Hashable, Sendable {
  case unreadableEntry(index: UInt64, reason: String)
  case snapshot(String)
  /// The cluster has gone on to a level that this release does not read.
  case newerLevel(String)
  /// An old copy of its data was put back: it has forgotten what it has promised.
  case oldCopy(String)
  /// What it has committed or applied is not what a majority has.
  case differs(String)
  /// An operator has removed this node: nothing is wrong.
  case removed
}
