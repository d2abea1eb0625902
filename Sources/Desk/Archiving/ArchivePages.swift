/// A row as an archive keeps it: its bytes with the checksum that was made when they were first written.
package struct StoredArchiveRow: Hashable, Sendable {
  package var origin: RowOrigin
  package var session: SessionID
  /// Of the chunk; nil: the record of the session itself.
  package var chunk: UInt32?
  /// Over the key and the bytes.
  package var sum: UInt32
  package var bytes: [UInt8]

  package init(origin: RowOrigin, session: SessionID, chunk: UInt32?, sum: UInt32, bytes: [UInt8]) {
    (self.origin, self.session, self.chunk) = (origin, session, chunk)
    (self.sum, self.bytes) = (sum, bytes)
  }

  /// What it counts for where a page is bounded.
  package var size: Int { bytes.count + Self.overhead }
  package static let overhead = 48

  package var place: ArchiveRowPlace {
    ArchiveRowPlace(isExact: origin.isExact, made: origin.made, session: session, chunk: chunk)
  }
}

/// Where a page of rows ends. First come those whose entry is not known exactly, then the others; each by the entry, and then by
/// their keys.
package struct ArchiveRowPlace: Hashable, Sendable, Comparable {
  package var isExact: Bool
  package var made: UInt64
  package var session: SessionID
  /// nil: the record of the session, which comes behind its chunks.
  package var chunk: UInt32?

  package init(isExact: Bool, made: UInt64, session: SessionID, chunk: UInt32?) {
    (self.isExact, self.made, self.session, self.chunk) = (isExact, made, session, chunk)
  }

  package static func < (left: Self, right: Self) -> Bool {
    if left.isExact != right.isExact { return right.isExact }
    // Ids as SQLite orders them: with a sign.
    let (one, other) = (Int64(bitPattern: left.session.rawValue), Int64(bitPattern: right.session.rawValue))
    return (left.made, one, left.chunk.map(UInt64.init) ?? .max)
      < (right.made, other, right.chunk.map(UInt64.init) ?? .max)
  }
}

/// What the archive of a node asks of another one's.
package struct ArchivePageRequest: Hashable, Sendable {
  package var gap: ArchiveGap
  /// Only rows behind this one; nil: from the first on.
  package var place: ArchiveRowPlace?
  /// What is there is wanted though it is not all.
  package var takesIncomplete: Bool

  package init(gap: ArchiveGap, place: ArchiveRowPlace? = nil, takesIncomplete: Bool = false) {
    (self.gap, self.place, self.takesIncomplete) = (gap, place, takesIncomplete)
  }
}

/// Rows of one archive for another one.
package struct ArchiveRowPage: Hashable, Sendable {
  /// Of its rows, in bytes; the first is given whatever it takes.
  package static let mostBytes = 1 << 20
  package static let mostRows = 1_024
  package static let mostParts = 16

  /// A desk was deleted by that entry: rows of sessions that were opened in it before are gone. The last of each number.
  package struct Deletion: Hashable, Sendable {
    package var desk: DeskNumber
    package var index: UInt64
    package init(desk: DeskNumber, index: UInt64) { (self.desk, self.index) = (desk, index) }
  }

  /// The parts of what was asked for over which the archive that answers misses nothing, ascending. Where that is not all, and
  /// all was asked for, there are no rows.
  package var complete: [ArchiveGap] = []
  package var rows: [StoredArchiveRow] = []
  /// All that the archive knows: those that are known already change nothing. With the first page alone.
  package var deletions: [Deletion] = []
  /// nil: there are no more rows.
  package var next: ArchiveRowPlace?

  package init() {}
}
