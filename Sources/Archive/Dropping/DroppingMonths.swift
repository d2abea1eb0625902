import Desk
import Kernel

extension Catalogue.Contents {
  /// Whether the month is not kept, by itself or by the border.
  func isDropped(_ month: Month) -> Bool {
    month.number < Int(droppedBefore) || entry(month)?.state == .dropped
  }

  /// Files of earlier months go when this is saved; months without a file need no entry. A border that is behind the one that
  /// there is changes nothing.
  /// - Parameter border: months since January of the year 0.
  mutating func drop(before border: UInt32) {
    guard border > droppedBefore else { return }
    droppedBefore = border
    for entry in kept where entry.month.number < Int(border) { drop(entry.month) }
    for gap in gaps.list where gap.month.map({ $0 < border }) ?? false { gaps.remove(gap) }
  }

  mutating func drop(_ month: Month) {
    var dropped = entry(month) ?? Catalogue.Entry(month: month)
    (dropped.state, dropped.generation) = (.dropped, dropped.generation + 1)
    (dropped.stamp, dropped.highest) = (0, 0)
    set(dropped)
    detached[month] = nil
    if let number = month.gapNumber {
      for gap in gaps.list where gap.month == number { gaps.remove(gap) }
    }
  }
}

extension ArchiveWriter {
  /// Deletes all that a month has, at once, and keeps anything from being written into it again. A month that is not there is
  /// marked all the same.
  package func drop(_ month: Month) throws(ArchiveError) {
    var next = contents
    next.drop(month)
    try save(next)
  }

  /// The same for all months before one, as months since January of the year 0.
  package func drop(before month: UInt32) throws(ArchiveError) {
    var next = contents
    next.drop(before: month)
    try save(next)
  }

  /// Files of months that the catalogue says are dropped. It has said so before one of them is touched: after a crash between the
  /// two the next start deletes them.
  func removeDropped(since was: Catalogue.Contents) throws(ArchiveError) {
    for entry in was.kept where contents.isDropped(entry.month) { leaving.append(entry.month) }
    while let month = leaving.last {
      closeFile(month)
      try folder.remove(folder.file(month))
      try folder.removeSetAside(month)
      writing.uncounted.remove(month)
      leaving.removeLast()
    }
  }
}
