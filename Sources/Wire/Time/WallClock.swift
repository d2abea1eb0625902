internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The time of day of this machine, which may jump; whoever needs order does not use it. All parts of a node share one,
/// so that a test can set the clock of the whole node.
package final class WallClock: Sendable {
  private let offset = Atomic<Int64>(0)

  package init() {}

  /// Milliseconds since 1970.
  package func milliseconds() -> UInt64 {
    let time = Int64(clamping: Self.system()).addingReportingOverflow(offset.load(ordering: .relaxed))
    return time.overflow ? 0 : UInt64(max(0, time.partialValue))
  }

  /// For tests of a clock that jumps: from now on it is this far ahead of the system's, or behind it.
  package func set(ahead milliseconds: Int64) { offset.store(milliseconds, ordering: .relaxed) }

  /// As the system has it, milliseconds since 1970.
  package static func system() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(max(0, time.tv_nsec)) / 1_000_000
  }
}
