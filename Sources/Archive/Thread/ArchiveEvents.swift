package import Desk

/// What a thread of the archive tells.
package enum ArchiveEvent: Sendable {
  /// All that was handed over up to here is on disk and stays there.
  case durable(UInt64)
  /// Something could not be written. What was handed over and is not durable has to be handed over again.
  /// - Parameter needsWhole: a file was lost by it, and a whole state has to come first.
  case failed(ArchiveError, needsWhole: Bool)
  /// This is missing now. Told when it changes, before `durable`, and first of all.
  case gaps(ArchiveGaps)
  /// A file was found damaged and was set aside. `failed` follows.
  case found(ArchiveFinding)
}

/// All that a state has to archive, as steps.
package struct ArchiveWhole: Sendable {
  /// Calls back for each row; what it throws ends it.
  package let forEachRow: @Sendable ((ArchiveRow) throws -> Void) throws -> Void
  /// Rows of other desks than these and main go.
  package let desks: Set<DeskNumber>
  /// The state has all that there is: no gap is left.
  package let isAll: Bool
  /// Rows of these customers go.
  package let erasures: [ErasureLedger.Entry]
  /// Months before this one go, and nothing of them is written: see `ArchiveRow`.
  package let droppedBefore: UInt32
  /// What neither the state may have nor the archive.
  package let missing: ArchiveGap?

  package init(
    desks: Set<DeskNumber>, isAll: Bool = true, missing: ArchiveGap? = nil,
    erasures: [ErasureLedger.Entry] = [], droppedBefore: UInt32 = 0,
    forEachRow: @escaping @Sendable ((ArchiveRow) throws -> Void) throws -> Void
  ) {
    (self.desks, self.isAll, self.missing, self.forEachRow) = (desks, isAll, missing, forEachRow)
    (self.erasures, self.droppedBefore) = (erasures, droppedBefore)
  }
}
