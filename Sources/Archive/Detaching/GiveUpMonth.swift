import Desk

extension ArchiveWriter {
  /// The file of a detached month will not come back: it is lost, or damaged. The month is a gap from now on, which is filled from the
  /// other archives as any other. What no archive has is gone.
  ///
  /// - Throws: `.declined`: the month is not detached, and nothing was changed. Else as any write.
  package func giveUp(_ month: Month) throws(ArchiveError) {
    guard let detached = contents.detached[month] else {
      throw ArchiveError(
        .declined, month,
        "\(month) is not detached from this archive, so nothing is to be given up. `switchboard archive mend \(month)` looks for "
          + "damage in a month that is here.")
    }
    var next = contents
    next.detached[month] = nil
    next.gaps.add(ArchiveGap(month: month.gapNumber, after: 0, upTo: detached.upTo))
    try save(next)
  }
}
