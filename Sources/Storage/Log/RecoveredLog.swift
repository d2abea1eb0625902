import Raft

/// Which segment holds what; enough to know when it may go.
struct SegmentSpan: Hashable, Sendable {
  var number: UInt64
  var size: UInt64
  /// The highest index of an entry in it that is still part of the log; 0 when there is none.
  var highest: LogIndex
}

/// Where writing goes on after a recovery.
struct RecoveredLog: Sendable {
  /// Segments in use, in the order of their numbers; the last is the one that is written to.
  var segments: [SegmentSpan] = []
  /// End of the records in the last segment.
  var position: UInt64 = 0
  /// The last record was written when the segment was durable up to here, and perhaps never became durable itself.
  var durable: UInt64 = 0
  /// A prepared segment that is all zero.
  var blank: SegmentSpan?
  /// Index of the last entry, or the one that the log starts after.
  var last: LogIndex = .zero
  var hardState = HardState()
  /// The log has to be begun anew after the snapshot before anything else is written.
  var start: (index: LogIndex, term: Term)?

  /// The number of the segment after the last one in use.
  var nextNumber: UInt64 { segments.last.map { $0.number + 1 } ?? blank?.number ?? 1 }
}
