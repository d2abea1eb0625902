package import Kernel

/// What a node tells its peers about itself once a second, so that every node can show the whole cluster.
package struct NodeNotice: Hashable, Sendable {
  package static let longestVersion = 64

  package var appliedIndex: UInt64 = 0
  package var commitIndex: UInt64 = 0
  /// The build, for instance "0.1.0". What is longer than `longestVersion` bytes is left out when encoding.
  package var version = ""
  package var uptimeSeconds: UInt64 = 0
  package var connections: UInt64 = 0
  package var ownedSessions: UInt64 = 0
  /// Cores in use: 1.0 is one core.
  package var cpu = 0.0
  package var loopLagMilliseconds = 0.0
  package var ackP99Milliseconds = 0.0
  package var logBytes: UInt64 = 0
  package var fsyncP99Milliseconds = 0.0
  package var snapshotIndex: UInt64 = 0
  package var diskFreeBytes: UInt64 = 0
  /// It has a term, a vote, a log or a mark on its disk, or was told to begin a cluster: a node that begins one asks for
  /// this.
  package var inUse = true
  /// It takes no new work before there is room on its disk.
  package var diskIsFull = false
  /// It is about to stop, or to be left alone.
  package var isDraining = false
  /// The highest level that it reads. Notices of the releases of level 1 do not say.
  package var level = Level.first
  /// What it knows to be wrong with itself. Told from level 2 on.
  package var conditions: NodeConditions = []

  /// The members of the newest configuration that it knows to be committed, with their addresses, and where that stands in
  /// the log; 0: not told. Whoever was away meanwhile finds by it those who came since. Told from level 2 on.
  package var membersIndex: UInt64 = 0
  package var members: [MemberAddress] = []
  /// So many are told at most.
  package static let mostMembers = 32
  /// A longer address, in bytes, is left out.
  package static let longestAddress = 1_024

  /// Of its group, as in `Membership.identity`; nil: it knows none, or is of a release that knows of none. Told from level 2
  /// on.
  package var group: UInt64?

  // What the others hold it against; told from level 2 on. See `StoreMemory` and `DigestRing` in `Sources/Node/Integrity`.

  /// The number of this run of its process, higher than those of earlier ones; nil: not told.
  package var life: UInt64?
  /// Where its disk stood when that began, or when its cluster took it in; and where it stands now (zero unless it votes).
  package var start = StorePosition.zero
  package var durable = StorePosition.zero
  /// Who it is by its own configuration, as `MemberAddress.text`.
  package var address = ""
  /// What it has heard of the others; `mostMembers` at most.
  package var heard: [HeardStore] = []
  /// Of its state, `mostDigests` at most.
  package var digests: [StateDigest] = []
  package static let mostDigests = 8
  /// For the receiver alone.
  package var finding: OldStoreFinding?

  /// In milliseconds since 1970, when the notice was made, on the sender's clock; nil: not told. Told behind all of the above,
  /// to whoever reads level 2, by nodes that tell `life`.
  package var timeOfDay: UInt64?

  package init() {}

  /// It takes no new sessions and messages before it has memory again.
  package var memoryIsShort: Bool { conditions.contains(.memoryShort) }
}
