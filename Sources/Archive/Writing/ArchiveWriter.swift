package import Desk
import Kernel

/// Writes an archive: a view of the log on disk that can be made again at any time. One thread's.
///
/// Rows of months are committed before the catalogue says that the archive is complete up to an index. What is committed is on
/// the disk. After a crash rows may be there that the catalogue does not know of; they come again and change nothing.
package final class ArchiveWriter {
  package struct Options: Sendable {
    /// The file of a month never gets larger than so many pages of 4 KiB; nil: than the disk.
    package var mostPages: Int?
    package init(mostPages: Int? = nil) { self.mostPages = mostPages }
  }

  /// Files of months that are open at once; each has 8 MiB of page cache at the most.
  static let mostOpen = 3

  let folder: ArchiveFolder
  let options: Options
  let catalogue: Catalogue
  var contents: Catalogue.Contents
  var writing = MonthWriting()
  /// Last used last.
  private var open: [MonthFile] = []
  /// Months that were dropped, and whose files are still to be deleted.
  var leaving: [Month] = []
  /// What was found at opening.
  package private(set) var findings: [ArchiveFinding] = []

  /// Opens or makes the archive. A file that is damaged is set aside, and is in `findings` then.
  /// - Throws: `ArchiveError`: the directory cannot be used.
  package init(_ directory: String, _ options: Options = Options()) throws(ArchiveError) {
    folder = try ArchiveFolder(directory)
    self.options = options
    var aside: ArchiveFinding?
    (catalogue, contents) = try Self.openCatalogue(folder, &aside)
    if let aside { findings.append(aside) }
    try findMonths()
  }

  /// It has all that was applied up to here, but for what is in `gaps`.
  package var completeIndex: UInt64 { contents.completeIndex }
  /// A file was lost: what a state has of it comes first.
  package var needsWhole: Bool { contents.needsWhole }
  /// What it misses, and other archives may have.
  package var gaps: ArchiveGaps { contents.gaps }

  /// Nothing may be done with it afterwards.
  package func close() {
    for file in open {
      try? file.connection.checkpoint()
      file.close()
    }
    open = []
    catalogue.connection.close()
  }

  private static func openCatalogue(
    _ folder: ArchiveFolder, _ finding: inout ArchiveFinding?
  ) throws(ArchiveError) -> (Catalogue, Catalogue.Contents) {
    do throws(ArchiveError) {
      let catalogue = try Catalogue(folder.catalogue)
      do throws(ArchiveError) {
        return (catalogue, try identified(catalogue, folder))
      } catch {
        catalogue.connection.close()
        throw error
      }
    } catch {
      guard error.kind == .damaged else { throw error }
      let name = try folder.setAside(folder.catalogue)
      finding = ArchiveFinding(
        month: nil,
        description:
          "The catalogue of the archive cannot be used (\(error)). It was kept as \(name ?? "nothing"), "
          + "and a new one made; the archive is filled again from the state and from other nodes.")
      let catalogue = try Catalogue(folder.catalogue)
      let was = try identified(catalogue, folder)
      var contents = was
      contents.needsWhole = true
      try catalogue.save(contents, was: was)
      return (catalogue, contents)
    }
  }

  /// Compares the catalogue with the files: some may be missing, some not known yet.
  private func findMonths() throws(ArchiveError) {
    // A month without a file costs nothing here, and one that has come from elsewhere goes.
    for month in folder.months() where contents.isDropped(month) { leaving.append(month) }
    try removeDropped(since: contents)
    for month in contents.detached.keys.sorted() { try findAttached(month) }
    // A month whose file is elsewhere need have none here.
    for entry in contents.kept where contents.detached[entry.month] == nil || entry.stamp > 0 {
      do throws(ArchiveError) { try check(entry) } catch {
        guard error.kind == .damaged else { throw error }
        findings.append(try setAside(entry.month, because: error.description))
      }
    }
    for month in folder.months() where contents.entry(month) == nil {
      do throws(ArchiveError) {
        // Begun, and not in the catalogue before the end came.
        let file = try self.file(month)
        var next = contents
        next.set(
          Catalogue.Entry(month: month, stamp: try file.stamp(), highest: try file.highest()))
        try save(next)
      } catch {
        guard error.kind == .damaged else { throw error }
        findings.append(try setAside(month, because: error.description))
      }
    }
  }

  private func check(_ entry: Catalogue.Entry) throws(ArchiveError) {
    let path = folder.file(entry.month)
    guard folder.exists(path) else {
      throw ArchiveError(.damaged, entry.month, "\(path) is missing.")
    }
    let stamp = try file(entry.month).stamp()
    guard stamp >= entry.stamp else {
      throw ArchiveError(
        .damaged, entry.month,
        "\(path) is an older copy: it has batch \(stamp), and \(entry.stamp) was written.")
    }
  }

  func save(_ next: Catalogue.Contents) throws(ArchiveError) {
    let was = contents
    try catalogue.save(next, was: was)
    contents = next
    contents.erasedSessions = []
    try removeDropped(since: was)
  }

  /// The file of a month, open. Made where the catalogue does not know the month.
  func file(_ month: Month) throws(ArchiveError) -> MonthFile {
    if let place = open.firstIndex(where: { $0.month == month }) {
      let file = open.remove(at: place)
      guard file.isThere else {
        file.close()
        throw ArchiveError(.damaged, month, "\(folder.file(month)) was taken away.")
      }
      open.append(file)
      return file
    }
    let path = folder.file(month)
    guard contents.entry(month) == nil || contents.entry(month)?.stamp == 0 || folder.exists(path) else {
      throw ArchiveError(.damaged, month, "\(path) is missing.")
    }
    // Of a file that has lost its catalogue nobody knows how far its rows go.
    let file = try MonthFile(
      writing: folder, month, mostPages: options.mostPages,
      made: contents.needsWhole ? .max : contents.completeIndex, of: contents.identity)
    if try !file.isCounted() { writing.uncounted.insert(month) }
    open.append(file)
    if open.count > Self.mostOpen { open.removeFirst().close() }
    return file
  }

  func closeFile(_ month: Month) {
    guard let place = open.firstIndex(where: { $0.month == month }) else { return }
    open.remove(at: place).close()
  }
}

extension ArchiveWriter {
  /// Takes a damaged file out of the way under another name, and begins the month anew. The archive has to be filled from a
  /// whole state then, and from other archives: the month is in `gaps`.
  package func setAside(_ month: Month, because reason: String) throws(ArchiveError) -> ArchiveFinding {
    closeFile(month)
    let name = try folder.setAside(folder.file(month))
    var next = contents
    var entry = next.entry(month) ?? Catalogue.Entry(month: month)
    (entry.generation, entry.stamp, entry.highest) = (entry.generation + 1, 0, 0)
    next.set(entry)
    next.needsWhole = true
    next.gaps.add(ArchiveGap(month: month.gapNumber, after: 0, upTo: next.completeIndex))
    try save(next)
    let kept = name.map { "What is left was kept as \($0)." } ?? "Nothing is left of it."
    return ArchiveFinding(
      month: month,
      description:
        "\(month) of the archive is damaged: \(reason) \(kept) The month is filled again from the state and from other nodes."
    )
  }
}
