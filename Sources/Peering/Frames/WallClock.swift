#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The time of day, for the stamps in frame headers.
enum WallClock {
  /// Milliseconds since 1970.
  static func milliseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(max(now.tv_sec, 0)) * 1000 + UInt64(now.tv_nsec) / 1_000_000
  }
}
