/// Which row of an archive it is.
package enum ArchiveRowKey: Hashable, Sendable, Comparable {
  case chunk(SessionID, UInt32)
  /// The record of the session itself.
  case session(SessionID)
  /// The entry of that number in the audit of the desk. There are such rows from level 8 on, so no node below it meets one.
  case audit(DeskNumber, UInt64)

  package init(_ session: SessionID, chunk: UInt32?) {
    self = chunk.map { .chunk(session, $0) } ?? .session(session)
  }

  /// First by the session, its chunks before itself; what belongs to no session comes last.
  package static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: (UInt8, Int64, UInt64) {
    switch self {
    // Ids as SQLite orders them: with a sign.
    case .chunk(let session, let number): (0, Int64(bitPattern: session.rawValue), UInt64(number))
    case .session(let session): (0, Int64(bitPattern: session.rawValue), .max)
    case .audit(let desk, let number): (1, Int64(desk.rawValue), number)
    }
  }
}

/// A row as an archive keeps it: its bytes with the checksum that was made when they were first written.
package struct StoredArchiveRow: Hashable, Sendable {
  package var origin: RowOrigin
  package var key: ArchiveRowKey
  /// Over the key and the bytes.
  package var sum: UInt32
  package var bytes: [UInt8]

  package init(origin: RowOrigin, key: ArchiveRowKey, sum: UInt32, bytes: [UInt8]) {
    (self.origin, self.key, self.sum, self.bytes) = (origin, key, sum, bytes)
  }

  /// What it counts for where a page is bounded.
  package var size: Int { bytes.count + Self.overhead }
  package static let overhead = 48

  package var place: ArchiveRowPlace {
    ArchiveRowPlace(isExact: origin.isExact, made: origin.made, key: key)
  }

  /// Whether it was made before that entry, which has deleted its desk.
  package func isGone(by deletion: (DeskNumber) -> UInt64) -> Bool {
    switch key {
    case .chunk(let session, _), .session(let session): session.logIndex < deletion(session.desk)
    case .audit(let desk, _): origin.made < deletion(desk)
    }
  }
}

/// Where a page of rows ends. First come those whose entry is not known exactly, then the others; each by the entry, and then by
/// their keys.
package struct ArchiveRowPlace: Hashable, Sendable, Comparable {
  package var isExact: Bool
  package var made: UInt64
  package var key: ArchiveRowKey

  package init(isExact: Bool, made: UInt64, key: ArchiveRowKey) {
    (self.isExact, self.made, self.key) = (isExact, made, key)
  }

  package static func < (left: Self, right: Self) -> Bool {
    if left.isExact != right.isExact { return right.isExact }
    return left.made != right.made ? left.made < right.made : left.key < right.key
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
