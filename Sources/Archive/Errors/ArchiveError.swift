import GRDB

/// Why something could not be done. Whatever was claimed before is still there.
package struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable {
    /// The disk has no room, or has failed. Nothing is half written: the same can be tried again.
    case disk
    /// A file is not what was written into it. `month` says which; it has to be set aside and filled again.
    case damaged
    /// The archive has to be filled from a whole state before it can go on with rows of the log.
    case needsWhole = "needs_whole"
    /// The directory or its catalogue cannot be used by this program.
    case unusable
    /// Rows that came from another archive are not what they were there. Nothing of them is written.
    case refused
    /// What was asked for cannot be done with this month. Nothing was changed.
    case declined
  }
  package let kind: Kind
  /// nil: it is about the catalogue, or about no file at all.
  package let month: Month?
  /// What it is, and what to do.
  package let description: String

  package init(_ kind: Kind, _ month: Month? = nil, _ description: String) {
    (self.kind, self.month, self.description) = (kind, month, description)
  }

  /// - Parameter file: its name, for people.
  init(_ error: any Error, _ month: Month?, file: String) {
    if let own = error as? ArchiveError {
      self = own
      return
    }
    if error is DamagedRow {
      self.init(
        .damaged, month,
        "\(file) has a row that was not written so. The month has to be set aside and filled again.")
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.disk, month, "\(file): \(error)")
      return
    }
    let what = "\(file): SQLite says \(error.extendedResultCode.rawValue), \(error.message ?? "no more")"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
      self.init(.damaged, month, what + ". The month has to be set aside and filled again.")
    case .SQLITE_FULL:
      self.init(.disk, month, what + ". Make room on the disk; it is tried again.")
    case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
      // Its tables are not those that were made there: no statement here is wrong by itself.
      self.init(.damaged, month, what + ". The month has to be set aside and filled again.")
    default:
      self.init(.disk, month, what + ". It is tried again; if it stays, look at the disk.")
    }
  }
}

/// Something that is not as it should be in the files of an archive.
package struct ArchiveFinding: Hashable, Sendable, CustomStringConvertible {
  /// nil: the catalogue.
  package let month: Month?
  /// What it is, and what to do.
  package let description: String
}
