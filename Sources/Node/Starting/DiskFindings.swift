package import Raft

/// What a node finds on its disk when it starts, of all that says who its cluster is.
package struct DiskFindings: Sendable {
  package enum Opening: Hashable, Sendable {
    /// Nothing was ever recorded: the node is new, or what it had is lost, and nobody can tell.
    case fresh
    /// What the node has promised is lost, and its cluster has not taken it back.
    case rejoining
    /// All that the node has ever promised is there.
    case restored
  }

  package var opening: Opening
  package var hardState: HardState
  package var snapshot: SnapshotMeta?
  /// All entries after the snapshot.
  package var entries: [Entry]
  /// This node was told to begin a cluster with these members, and has not done so; nil unless the disk is fresh.
  package var beginning: Membership?
  /// What earlier starts have noted; nil before the first one.
  package var record: MembersRecord?

  package init(
    opening: Opening, hardState: HardState = HardState(), snapshot: SnapshotMeta? = nil,
    entries: [Entry] = [], beginning: Membership? = nil, record: MembersRecord? = nil
  ) {
    self.opening = opening
    self.hardState = hardState
    self.snapshot = snapshot
    self.entries = entries
    self.beginning = beginning
    self.record = record
  }
}

/// Why a node cannot start, and what to do.
package struct StartFailure: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}
