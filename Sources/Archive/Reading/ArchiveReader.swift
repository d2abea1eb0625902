package import Desk
import GRDB
import Kernel

/// Reads an archive while another thread writes it. One thread's; its connections are its own.
///
/// Every call sees what is committed when it begins, and throws `.damaged` for what is not as it was written: never anything else
/// is taken for what was said.
package final class ArchiveReader {
  /// Files of months that are open at once; each has 2 MiB of page cache at the most.
  static let mostOpen = 6

  private let folder: ArchiveFolder
  let catalogue: Catalogue
  /// Last used last.
  private var open: [(entry: Catalogue.Entry, file: MonthFile)] = []
  var folded = FoldedText()

  /// - Parameter directory: of an archive that a writer has opened.
  package init(_ directory: String) throws(ArchiveError) {
    folder = try ArchiveFolder(directory)
    catalogue = try Catalogue(folder.catalogue, isReadOnly: true)
  }

  /// Nothing may be done with it afterwards.
  package func close() {
    for (_, file) in open { file.close() }
    open = []
    catalogue.connection.close()
  }

  /// As the catalogue had them at the last call.
  private(set) var lastEntries: [Catalogue.Entry] = []

  func contents() throws(ArchiveError) -> Catalogue.Contents {
    let contents = try catalogue.contents()
    lastEntries = contents.months
    return contents
  }

  func file(_ entry: Catalogue.Entry) throws(ArchiveError) -> MonthFile {
    let place = open.firstIndex { $0.entry.month == entry.month }
    if let place {
      let found = open.remove(at: place)
      if found.entry.generation == entry.generation, found.file.isThere {
        open.append(found)
        return found.file
      }
      found.file.close()
    }
    guard folder.exists(folder.file(entry.month)) else {
      throw ArchiveError(
        .damaged, entry.month,
        "\(folder.file(entry.month)) is missing. The month has to be set aside and filled again.")
    }
    let file = try MonthFile(reading: folder, entry.month)
    open.append((entry, file))
    if open.count > Self.mostOpen { open.removeFirst().file.close() }
    return file
  }

  /// The months in which something of a session can be, ascending: none whose sessions were all opened before it.
  func months(of session: SessionID, in contents: Catalogue.Contents) -> [Catalogue.Entry] {
    let index = Int64(session.logIndex)
    // A file that is new has nothing yet, and does not exist before its first row.
    return contents.kept.filter { $0.highest >= index && $0.stamp > 0 }
  }

  /// nil: it is not in the archive, or not over.
  package func session(_ session: SessionID) throws(ArchiveError) -> ArchivedSession? {
    for entry in months(of: session, in: try contents()) {
      let found: ArchivedSession? = try file(entry).connection.read { db in
        let statement = try db.cachedStatement(sql: "SELECT id, sum, bytes FROM session WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [session.stored]) else { return nil }
        return try StoredSession.read(row, entry.month)
      }
      if let found { return found }
    }
    return nil
  }

  package func figures() throws(ArchiveError) -> ArchiveFigures {
    let contents = try contents()
    var months: [ArchiveFigures.OfMonth] = []
    for entry in contents.months {
      var counts = MonthCounts()
      if entry.state == .kept, entry.stamp > 0 {
        let file = try file(entry)
        counts = try file.connection.read { try file.counts($0) }
      }
      months.append(
        ArchiveFigures.OfMonth(
          month: entry.month, state: contents.detached[entry.month] == nil ? entry.state : .detached,
          sessions: counts.sessions, chunks: counts.chunks,
          messages: counts.messages, textBytes: counts.text, fileBytes: folder.size(folder.file(entry.month))))
    }
    return ArchiveFigures(
      completeIndex: contents.completeIndex, needsWhole: contents.needsWhole, gaps: contents.gaps,
      months: months)
  }
}
