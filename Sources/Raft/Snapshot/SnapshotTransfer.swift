/// The sending side of one snapshot to one member: one chunk at a time.
struct SnapshotTransfer: Sendable {
  enum Waiting: Sendable {
    case nothing
    /// The shell reads the chunk.
    case read
    /// The chunk is on its way.
    case reply
  }

  let meta: SnapshotMeta
  /// Bytes that the receiver is known to have; the next chunk begins here.
  var offset: UInt64 = 0
  var waiting = Waiting.nothing
  /// The tick since which it waits.
  var since: UInt64 = 0

  init(meta: SnapshotMeta) { self.meta = meta }
}

/// The receiving side.
struct SnapshotReception: Sendable {
  let meta: SnapshotMeta
  /// The leader's term when its last chunk came.
  var term: Term
  /// Bytes that were handed out to be written.
  var offset: UInt64 = 0
}
