/// What can be done to a cluster. The raw value is its name in the report and for `--only`.
package enum FaultKind: String, CaseIterable, Sendable, Encodable {
  case killLeader = "kill-leader"
  case killFollower = "kill-follower"
  /// The owner of the most sessions.
  case killBusiest = "kill-busiest"
  case killTwo = "kill-two"
  case killAll = "kill-all"
  case freezeLeader = "freeze-leader"
  case freezeFollower = "freeze-follower"
  /// A polite end (SIGTERM) and a new start.
  case restart
  case isolateLeader = "isolate-leader"
  case isolateFollower = "isolate-follower"
  /// Two nodes do not reach each other, the third reaches both.
  case cutPair = "cut-pair"
  /// Hears no other node, and is heard.
  case deafLeader = "deaf-leader"
  case deafFollower = "deaf-follower"
  /// Is heard by no other node, and hears.
  case muteLeader = "mute-leader"
  case muteFollower = "mute-follower"
  /// A part of the packets between one node and the others is lost.
  case lossyNetwork = "lossy-network"
  case transfer
  /// A node hands over all it has, and takes its share again after a while.
  case drain
  /// Many short freezes one after the other: what a machine without time for it feels like.
  case stutter
  /// A node's time of day is wrong for a while, by up to forty minutes.
  case clockJump = "clock-jump"
  /// Each sync of a node's disk takes up to a quarter of a second longer.
  case slowDisk = "slow-disk"
  /// Nothing is free on a node's disk.
  case fullDisk = "full-disk"
  /// Nothing is free on the leader's disk: another node has to lead meanwhile.
  case fullDiskLeader = "full-disk-leader"
  /// A follower's disk is slow under a load that makes snapshots due.
  case slowDiskSnapshots = "slow-disk-snapshots"
  /// Many opens and messages at once, each as large as it may be.
  case largeOpens = "large-opens"
  /// Strangers without a token: half-open connections, and pipelines whose answers nobody reads.
  case crowd
  /// More silent connections than the node may have file descriptors.
  case descriptors
  /// A node loses its data while it is down, and joins again with an empty disk.
  case wipe
  /// A new node with a new number takes the place of another.
  case replace

  /// Needs the processes themselves, not only their addresses.
  var needsProcesses: Bool {
    switch self {
    case .isolateLeader, .isolateFollower, .cutPair, .transfer, .drain: false
    case .clockJump, .slowDisk, .fullDisk, .fullDiskLeader: false
    case .deafLeader, .deafFollower, .muteLeader, .muteFollower, .lossyNetwork: false
    default: true
    }
  }
}

/// What was done, and how it went.
package struct FaultRecord: Sendable {
  package var kind: FaultKind
  /// Names of the nodes it was done to.
  package var nodes: [String]
  package var began: Moment
  /// When nothing was done to the cluster any more.
  package var mended: Moment
  /// When all nodes were well again; nil: not within the patience of the run.
  package var well: Moment?
  /// Why it could not be done; nil: it was done.
  package var failure: String?

  package init(
    kind: FaultKind, nodes: [String], began: Moment, mended: Moment, well: Moment?, failure: String? = nil
  ) {
    self.kind = kind
    self.nodes = nodes
    self.began = began
    self.mended = mended
    self.well = well
    self.failure = failure
  }
}
