/// Which of the files that a month has had it is about: one that was set aside is not set aside again.
extension ArchiveWriter {
  func generation(of month: Month) -> Int? { contents.entry(month)?.generation }
}

extension ArchiveReader {
  /// Of the file that was read last; nil: none of that month.
  func generation(of month: Month) -> Int? {
    lastEntries.last { $0.month == month }?.generation
  }
}
