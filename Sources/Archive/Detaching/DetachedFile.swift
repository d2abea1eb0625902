import GRDB

/// The file of a month that is in no archive, as `ArchiveWriter.detach` has left it.
package enum DetachedFile {
  /// Reads all of it and compares it with its checksums.
  ///
  /// - Parameters:
  ///   - folder: where it is, under the name that the month has in an archive.
  /// - Returns: how many rows there are.
  /// - Throws: `.damaged`, with the first thing that is not as it was written; `.declined` when it was never detached.
  package static func check(_ month: Month, in folder: String) throws(ArchiveError) -> Int {
    let folder = try ArchiveFolder(folder)
    guard folder.exists(folder.file(month)) else {
      throw ArchiveError(.declined, month, "There is no \(folder.file(month)).")
    }
    let file = try MonthFile(reading: folder, month)
    defer { file.close() }
    guard try file.token() != nil else {
      throw ArchiveError(.declined, month, "\(folder.file(month)) was never detached from an archive.")
    }
    return try file.check()
  }
}
