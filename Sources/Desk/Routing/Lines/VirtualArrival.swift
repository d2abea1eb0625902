internal import Kernel

/// The order of waiting lines from level 9 on: who came first, where each step of priority counts as if the session had come so
/// much earlier. One whole number that never changes, so nobody starves: whoever comes later by more than the credit stands behind.
package enum VirtualArrival {
  static let since = Level.ninth
  /// What a step of priority is worth where no policy says otherwise, in ms.
  package static let usualCredit: UInt32 = 300_000

  /// - Parameters:
  ///   - openedAt: ms since 1970.
  ///   - credit: of a step of priority, in ms.
  /// - Returns: ms since 1970; at the ends of the numbers it stays there.
  package static func of(openedAt: UInt64, priority: Int32, credit: UInt32) -> Int64 {
    let (time, isTooLate) = Int64(clamping: openedAt).subtractingReportingOverflow(
      Int64(priority) * Int64(credit))
    return isTooLate ? .max : time
  }
}
