package import Kernel

/// What a node says of itself beside its greeting: the highest protocol version that it speaks and the highest level
/// that it reads.
///
/// It travels in the eight bytes of the greeting's header that hold the time in all other frames, because releases of
/// level 1 take no greeting that is longer than theirs, and never look at that time. Big endian: `level u16`,
/// `highest protocol u16`, seconds since 1970 `u32`. Those releases write milliseconds there, whose upper 16 bits are
/// zero until the year 10889: no level, which stands for level 1.
package struct Announcement: Hashable, Sendable {
  package var level: Level
  /// The lowest is in the greeting itself.
  package var highestProtocol: UInt16

  package init(level: Level, highestProtocol: UInt16) {
    self.level = level
    self.highestProtocol = highestProtocol
  }

  /// - Parameters:
  ///   - timestamp: of the greeting's header.
  ///   - version: the protocol version in the greeting: also the highest of a node that announces nothing.
  package init(timestamp: UInt64, version: UInt16) {
    level = max(Level(UInt16(truncatingIfNeeded: timestamp >> 48)), .first)
    highestProtocol =
      timestamp >> 48 == 0 ? version : max(version, UInt16(truncatingIfNeeded: timestamp >> 32))
  }

  /// - Parameter time: in milliseconds since 1970.
  package func timestamp(at time: UInt64) -> UInt64 {
    guard level > .first else { return time & (1 << 48 - 1) }
    return UInt64(level.rawValue) << 48 | UInt64(highestProtocol) << 32
      | UInt64(UInt32(truncatingIfNeeded: time / 1000))
  }
}
