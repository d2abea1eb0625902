import Desk
import GRDB

extension ArchiveWriter {
  /// Takes the file of a month out of the archive, for storage that is cheaper, while all else is read and written on. It is in
  /// the folder `detached` then, alone and whole, and may be moved from there.
  ///
  /// Rows that still come for the month go into a new file, and are put together with the old one when that is attached again.
  /// Until then pages, lists and searches that could have a part of it say that they are not complete, and other archives are
  /// not told that this one has it.
  ///
  /// - Parameter now: the month that is written now. That and the one before stay, since most rows go there.
  /// - Returns: where the file is.
  /// - Throws: `.declined`, with nothing changed; else as any write.
  package func detach(_ month: Month, now: Month) throws(ArchiveError) -> String {
    guard month.next < now else {
      throw ArchiveError(
        .declined, month, "\(month) is still written: this month and the one before stay attached.")
    }
    guard contents.detached[month] == nil else {
      throw ArchiveError(.declined, month, "\(month) is detached already.")
    }
    let isMissed = contents.gaps.list.contains { $0.month == nil || $0.month == month.gapNumber }
    guard !needsWhole, !isMissed else {
      throw ArchiveError(
        .declined, month, "A part of \(month) may be missing and is still to be filled: ask again when it is.")
    }
    guard let known = contents.entry(month), known.state == .kept, known.stamp > 0 else {
      throw ArchiveError(.declined, month, "The archive has nothing of \(month).")
    }
    let place = try ArchiveFolder(folder.path + "/detached")
    guard !place.exists(place.file(month)) else {
      throw ArchiveError(
        .declined, month, "\(place.file(month)) is there already: move it away, and ask again.")
    }
    let file = try file(month)
    let token = Int64.random(in: 1...Int64.max)
    try file.set(token: token)
    // The file alone is to have all of it.
    try file.connection.checkpoint()
    closeFile(month)
    var next = contents
    var entry = known
    next.detached[month] = Catalogue.Detachment(
      upTo: next.completeIndex, highest: entry.highest, token: token)
    (entry.generation, entry.stamp, entry.highest) = (entry.generation + 1, 0, 0)
    next.set(entry)
    try save(next)
    try folder.move(folder.file(month), to: place.file(month), of: place)
    return place.file(month)
  }

  /// An end came while the month was detached or attached, and its file is here: then it is attached.
  func findAttached(_ month: Month) throws(ArchiveError) {
    guard let detached = contents.detached[month], folder.exists(folder.file(month)),
      var entry = contents.entry(month), let file = try? file(month), try file.token() == detached.token
    else { return }
    entry.generation += 1
    entry.stamp = try file.stamp()
    entry.highest = max(entry.highest, detached.highest)
    var next = contents
    next.stamp = max(next.stamp, entry.stamp)
    next.set(entry)
    next.detached[month] = nil
    try save(next)
  }
}
