import Archive
package import Protocol

/// Damage that an operator wants found and mended now.
extension Replica {
  /// - Parameters:
  ///   - name: "2026-09"; nil: the first month that is kept behind `after`, or the first of all.
  /// - Throws: `ControlFailure`.
  package func mendArchive(month name: String?, after: String?) async throws -> ArchiveMending {
    func month(_ name: String) throws -> Month {
      guard let month = Month(name: name) else { throw ControlFailure.noMonth(name) }
      return month
    }
    let months: MonthsToMend =
      if let name { .only(try month(name)) } else { .next(after: try after.map(month)) }
    guard let archivist = await archivist() else { throw ControlFailure.noArchive }
    let mended: MendedMonth = try await withCheckedThrowingContinuation { continuation in
      let isTaken = archivist.mend(months) { answer in
        continuation.resume(with: answer.mapError { ControlFailure($0) as any Error })
      }
      if !isTaken {
        continuation.resume(
          throwing: ControlFailure.busy("others have it looked at already, or this node stops: ask again"))
      }
    }
    return ArchiveMending(
      month: mended.month?.description, rows: UInt64(mended.rows), damage: mended.damage,
      isWhole: mended.isWhole)
  }
}
