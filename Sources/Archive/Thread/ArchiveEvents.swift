package import Desk

/// What a thread of the archive tells.
package enum ArchiveEvent: Sendable {
  /// All that was handed over up to here is on disk and stays there.
  case durable(UInt64)
  /// Something could not be written. What was handed over and is not durable is lost; the next has to be a whole state.
  case failed(ArchiveError)
  /// A file was found damaged and was set aside. `failed` follows.
  case found(ArchiveFinding)
}

/// All that a state has to archive, as steps.
package struct ArchiveWhole: Sendable {
  /// Calls back for each row; what it throws ends it.
  package let forEachRow: @Sendable ((ArchiveRow) throws -> Void) throws -> Void
  /// Whether a session of a desk other than main exists: rows of those that do not exist go.
  package let exists: @Sendable (SessionID) -> Bool

  package init(
    forEachRow: @escaping @Sendable ((ArchiveRow) throws -> Void) throws -> Void,
    exists: @escaping @Sendable (SessionID) -> Bool
  ) {
    (self.forEachRow, self.exists) = (forEachRow, exists)
  }
}
