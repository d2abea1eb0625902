import Desk
import Foundation
import GRDB

extension ArchiveWriter {
  /// Takes the file of a detached month back from the folder `attaching`, with what has come for the month meanwhile, and
  /// without the desks that were deleted and the customers who were erased meanwhile. Its rows are not read: see `DetachedFile.check`;
  /// its index of words is.
  ///
  /// - Throws: `.declined`: it is not detached, or that is not its file; nothing was changed. Else as any write: what was there
  ///   is there still, and the same can be asked again with the file as it was.
  package func attach(_ month: Month) throws(ArchiveError) {
    guard let detached = contents.detached[month], var entry = contents.entry(month) else {
      throw ArchiveError(.declined, month, "\(month) is not detached from this archive.")
    }
    let place = try ArchiveFolder(folder.path + "/attaching")
    let path = place.file(month)
    guard place.exists(path) else { throw ArchiveError(.declined, month, "There is no \(path).") }
    let file: MonthFile
    let token: Int64?
    do throws(ArchiveError) {
      file = try MonthFile(writing: place, month, mostPages: options.mostPages, made: detached.upTo, of: nil)
      token = try file.token()
      // Its rows were checked where it was copied; this needs a connection that writes.
      try file.connection.write { try $0.execute(sql: "INSERT INTO words(words) VALUES ('integrity-check')") }
    } catch {
      throw ArchiveError(.declined, month, "\(path) cannot be attached: \(error.description)")
    }
    defer { file.close() }
    guard token == detached.token else {
      throw ArchiveError(
        .declined, month, "\(path) is not the file that was detached from this archive: attach that one.")
    }
    var next = contents
    next.stamp += 1
    // The archive of a restored node is another one than that which the file was detached from.
    try file.set(archive: next.identity)
    try removeGone(from: file, &next)
    if entry.stamp > 0 { try addRows(of: try self.file(month), to: file, stamp: next.stamp) }
    // Also where there was nothing to add: an older copy has a lower one.
    try writing.write(RowsOfMonth(), from: .elsewhere, into: file, stamp: next.stamp)
    try file.connection.checkpoint()
    file.close()
    closeFile(month)
    try folder.remove(folder.file(month))
    try place.move(path, to: folder.file(month), of: folder)
    entry.generation += 1
    entry.stamp = next.stamp
    entry.highest = max(entry.highest, detached.highest)
    next.set(entry)
    next.detached[month] = nil
    try save(next)
  }

  /// What was deleted and who was erased while the file was elsewhere.
  private func removeGone(from file: MonthFile, _ next: inout Catalogue.Contents) throws(ArchiveError) {
    for (desk, index) in next.deletions.sorted(by: { $0.key < $1.key }) {
      let sessions = try MonthWriting.sessions(in: DeskNumber(desk).stored, of: file)
      try writing.remove(sessions.filter { $0.logIndex < index }, from: file, stamp: next.stamp)
      _ = try MonthWriting.removeAudit(
        where: "desk = ? AND made < ?", [desk, Int64(clamping: index)], from: file)
    }
    guard !next.erasures.isEmpty else { return }
    var erased = Set(try MonthWriting.erased(by: next, in: file))
    // A part of a session need not say whose it is.
    for session in try MonthWriting.sessions(in: Int64.min...Int64.max, of: file) {
      if try catalogue.isErased(session) { erased.insert(session) }
    }
    let sessions = erased.sorted()
    try writing.remove(sessions, from: file, stamp: next.stamp)
    next.erasedSessions += sessions.map(\.stored)
  }

  /// Rows that are read at once.
  private static let rowsAtOnce = 500

  private func addRows(of late: MonthFile, to file: MonthFile, stamp: Int64) throws(ArchiveError) {
    var (chunk, session): (Int64, Int64) = (.min, .min)
    var (person, of): (String, Int64) = ("", .min)
    var (desk, number): (Int64, Int64) = (-1, 0)
    while true {
      let month = late.month
      let (rows, next) = try late.connection.read { db in
        var rows = RowsOfMonth()
        var next = (chunk, session, person, of, desk, number)
        let chunks = try Row.fetchCursor(
          db,
          sql: """
            SELECT session, number, sum, bytes, since, made, row FROM chunk WHERE row > ? ORDER BY row LIMIT \(Self.rowsAtOnce)
            """, arguments: [chunk])
        while let row = try chunks.next() {
          let origin = RowOrigin(storedSince: try row.read(4, as: Int64.self), made: try row.read(5))
          rows.chunks.append((try StoredChunk.read(row, month), origin))
          next.0 = try row.read(6)
        }
        let sessions = try Row.fetchCursor(
          db,
          sql:
            "SELECT id, sum, bytes, since, made FROM session WHERE id > ? ORDER BY id LIMIT \(Self.rowsAtOnce)",
          arguments: [session])
        while let row = try sessions.next() {
          let origin = RowOrigin(storedSince: try row.read(3, as: Int64.self), made: try row.read(4))
          rows.sessions.append((try StoredSession.read(row, month), origin))
          next.1 = try row.read(0)
        }
        let people = try Row.fetchCursor(
          db,
          sql: """
            SELECT person, session FROM participant WHERE (person, session) > (?, ?) ORDER BY person, session
            LIMIT \(Self.rowsAtOnce)
            """, arguments: [person, of])
        while let row = try people.next() {
          next.2 = try row.read(0)
          next.3 = try row.read(1)
          rows.participants.append((next.2, SessionID(stored: next.3)))
        }
        let audits = try Row.fetchCursor(
          db,
          sql: """
            SELECT desk, number, sum, bytes, since, made FROM audit WHERE (desk, number) > (?, ?)
            ORDER BY desk, number LIMIT \(Self.rowsAtOnce)
            """, arguments: [desk, number])
        while let row = try audits.next() {
          let origin = RowOrigin(storedSince: try row.read(4, as: Int64.self), made: try row.read(5))
          rows.audits.append((try StoredAudit.read(row, month), origin))
          (next.4, next.5) = (try row.read(0), try row.read(1))
        }
        return (rows, next)
      }
      guard !rows.isEmpty else { return }
      (chunk, session, person, of, desk, number) = next
      try writing.write(rows, from: .elsewhere, into: file, stamp: stamp)
    }
  }
}
