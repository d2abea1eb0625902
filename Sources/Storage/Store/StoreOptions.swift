package import Raft

/// Whose files these are. Written into the header of every file, and checked when one is read.
package struct StoreIdentity: Hashable, Sendable, CustomStringConvertible {
  package var cluster: String
  package var node: UInt64

  package init(cluster: String, node: UInt64) {
    self.cluster = cluster
    self.node = node
  }

  package var description: String { "node \(node) of cluster \"\(cluster)\"" }
}

package struct StoreOptions: Sendable {
  /// Bytes of one log segment, a multiple of 4096. Segments that exist keep the size they were made with, and an entry
  /// that does not fit into one gets a larger one.
  package var segmentBytes: UInt64
  /// Below this many free bytes the disk counts as full: no new segment is made and no received snapshot is taken,
  /// and `diskFull` is reported. What is submitted still goes into the segments whose room was claimed before; then
  /// it waits. Own snapshots, which make room, are always tried.
  package var minimumFreeBytes: UInt64
  /// How much is gathered for one write to the disk, at most; a single larger `Write` goes alone.
  package var groupBytes: Int
  /// How long to wait before a full disk is tried again when nothing is submitted, in milliseconds.
  package var retryMilliseconds: Int
  /// What a test may do to this store's disk; nil: nothing.
  package var faults: DiskFaults?
  /// Asked before the store changes anything.
  package var readability = Readability.all

  package init(
    segmentBytes: UInt64 = 64 << 20, minimumFreeBytes: UInt64 = 128 << 20, groupBytes: Int = 4 << 20,
    retryMilliseconds: Int = 250
  ) {
    self.segmentBytes = segmentBytes
    self.minimumFreeBytes = minimumFreeBytes
    self.groupBytes = groupBytes
    self.retryMilliseconds = retryMilliseconds
  }

  func check() throws(StoreError) {
    guard segmentBytes >= 8192, segmentBytes <= 1 << 30, segmentBytes % 4096 == 0 else {
      throw .option(
        key: "segmentBytes", value: "\(segmentBytes)", allowed: "a multiple of 4096 from 8192 to \(1 << 30)")
    }
    guard groupBytes > 0, groupBytes <= 1 << 30 else {
      throw .option(key: "groupBytes", value: "\(groupBytes)", allowed: "1 to \(1 << 30)")
    }
    guard (1...60_000).contains(retryMilliseconds) else {
      throw .option(key: "retryMilliseconds", value: "\(retryMilliseconds)", allowed: "1 to 60000")
    }
  }
}

/// What was on disk when the store was opened.
package struct RecoveredState: Sendable {
  package var opening: StoreOpening
  package var hardState: HardState
  /// The newest whole snapshot.
  package var snapshot: SnapshotMeta?
  /// All entries after the snapshot (after index 0 when there is none), without a gap.
  package var entries: [Entry]
  /// What the operator should know, one sentence each: a torn tail that was cut off, a snapshot passed over.
  package var notes: [String]
  /// This node was told to begin a cluster with these members, and has not done so; nil unless the store is fresh.
  package var beginning: Membership?
  /// What earlier starts have noted; nil before the first one.
  package var record: MembersRecord?

  package init(
    hardState: HardState = HardState(), snapshot: SnapshotMeta? = nil, entries: [Entry] = [],
    notes: [String] = [], opening: StoreOpening = .restored, beginning: Membership? = nil,
    record: MembersRecord? = nil
  ) {
    self.opening = opening
    self.beginning = beginning
    self.record = record
    self.hardState = hardState
    self.snapshot = snapshot
    self.entries = entries
    self.notes = notes
  }
}

extension StoreIdentity {
  func check() throws(StoreError) {
    guard (1...255).contains(cluster.utf8.count) else {
      throw .option(key: "cluster", value: "\"\(cluster)\"", allowed: "a name of 1 to 255 bytes")
    }
  }
}
