package import Raft

/// Figures of a store since it was opened, as of its last group of writes.
package struct StoreStatistics: Hashable, Sendable {
  /// Bytes of the log's segments that hold records, whole segments counted.
  package var logBytes: UInt64 = 0
  package var segments: Int = 0
  /// Completed writes, and the groups that they went in.
  package var writes: UInt64 = 0
  package var groups: UInt64 = 0
  package var entries: UInt64 = 0
  /// Bytes of records written.
  package var bytesWritten: UInt64 = 0
  package var syncs: UInt64 = 0
  package var syncSeconds: Double = 0
  package var slowestSyncSeconds: Double = 0
  package var freeBytes: UInt64 = 0
  /// Index of the newest durable snapshot; 0: there is none.
  package var snapshotIndex: LogIndex = .zero
  /// Less room than is to be kept, or none for the next segment.
  package var isDiskFull: Bool = false
  /// Writes wait for room on the disk.
  package var isWaitingForRoom: Bool = false
  /// The store has failed and takes nothing more.
  package var isFailed: Bool = false

  package init() {}
}
