package import Desk
import GRDB
import Kernel

/// Copies an archive to another folder while its node writes it: each file as it is at one moment, the catalogue first, so that
/// each month has at least what the catalogue says of it.
package struct ArchiveCopy: Sendable {
  /// What the catalogue said when it was copied.
  package struct Found: Hashable, Sendable {
    package var completeIndex: UInt64
    package var needsWhole: Bool
    package var gaps: ArchiveGaps
    /// Files of these are elsewhere, with rows of entries up to the one that is given.
    package var detached: [Month: UInt64]
  }

  /// Names of the files that were written, in this order; the catalogue is the first.
  package private(set) var files: [String] = []
  package let found: Found

  /// Pages of 4 KiB that are copied at once.
  private static let pagesAtOnce: Int32 = 4_096

  /// - Parameters:
  ///   - directory: of an archive that a writer has opened, in this process or another one.
  ///   - target: a folder that is there, and has no file of an archive.
  ///   - check: is told what the catalogue says, before anything else is copied; what it throws ends the copy.
  ///   - progress: is told the name of a file and how much of it is written, between 0 and 1; what it throws ends the copy.
  /// - Throws: `ArchiveError`, `.damaged` where a file is missing that was not dropped; what `progress` throws.
  package init(
    of directory: String, to target: String, check: (Found) throws -> Void = { _ in },
    progress: @escaping (String, Double) throws -> Void = { _, _ in }
  ) throws {
    let reader = try ArchiveReader(directory)
    defer { reader.close() }
    let copy = try ArchiveFolder(target)
    try reader.copyCatalogue(to: copy.catalogue) { try progress("catalogue.sqlite", $0) }
    files.append("catalogue.sqlite")
    let catalogue = try Catalogue(copy.catalogue, keepsLog: false)
    defer { catalogue.connection.close() }
    var contents = try catalogue.contents()
    let was = contents
    found = Found(
      completeIndex: contents.completeIndex, needsWhole: contents.needsWhole, gaps: contents.gaps,
      detached: contents.detached.mapValues(\.upTo))
    try check(found)
    for entry in contents.kept where entry.stamp > 0 {
      let path = copy.file(entry.month)
      do {
        try reader.file(entry).connection.copy(to: path, pagesAtOnce: Self.pagesAtOnce) {
          try progress("\(entry.month).sqlite", $0)
        }
      } catch let error as ArchiveError where error.kind == .damaged {
        // It may have been dropped since the catalogue was copied.
        guard let now = try reader.contents().entry(entry.month), now.state == .dropped else {
          try reader.checkGenerations(of: [entry])
          throw error
        }
        try copy.remove(path)
        contents.set(now)
        continue
      }
      files.append("\(entry.month).sqlite")
    }
    try reader.checkGenerations(of: was.kept)
    try catalogue.save(contents, was: was)
  }

  /// What the copy takes on the disk, about.
  package static func bytes(of directory: String) throws(ArchiveError) -> UInt64 {
    let folder = try ArchiveFolder(directory)
    let files = [folder.catalogue] + folder.months().map(folder.file)
    return files.reduce(0) { $0 + UInt64(folder.size($1)) }
  }
}

extension ArchiveReader {
  /// - Throws: `.declined` when another file has taken the place of one of these.
  fileprivate func checkGenerations(of entries: [Catalogue.Entry]) throws(ArchiveError) {
    let now = try contents()
    for entry in entries {
      guard let later = now.entry(entry.month), later.generation == entry.generation || later.state == .dropped
      else {
        throw ArchiveError(
          .declined, entry.month,
          "\(entry.month) was detached, attached or set aside while the archive was copied. Copy it again.")
      }
    }
  }

  fileprivate func copyCatalogue(to path: String, _ progress: @escaping (Double) throws -> Void) throws {
    try catalogue.connection.copy(to: path, pagesAtOnce: 4_096, progress)
  }
}

extension Connection {
  /// Writes the file as it is now to another path, where none is. What is written there needs nothing beside it.
  func copy(to path: String, pagesAtOnce: Int32, _ progress: @escaping (Double) throws -> Void) throws {
    let target = try Connection(path, month, Options(cacheKiB: 8_192, keepsLog: false))
    defer { target.close() }
    var stopped: (any Error)?
    do throws(ArchiveError) {
      try read { source in
        // From here on the source stays as it is, for as long as the copy takes.
        _ = try Int.fetchOne(source, sql: "SELECT count(*) FROM sqlite_master")
        try target.plainly { copy in
          try source.backup(to: copy, pagesPerStep: pagesAtOnce) { step in
            do {
              try progress(
                step.totalPageCount == 0 ? 1 : Double(step.completedPageCount) / Double(step.totalPageCount))
            } catch {
              stopped = error
              throw error
            }
          }
        }
      }
      // SQLite has done all by then where it was the last step.
      if let stopped { throw ArchiveError(stopped, month, file: path) }
      // The pages say that there is a log beside the file.
      try target.plainly { db in
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
      }
    } catch {
      throw stopped ?? error
    }
  }
}
