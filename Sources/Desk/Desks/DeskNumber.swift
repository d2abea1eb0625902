/// A desk: a team with its customers, whose conversations nobody else sees. Its number is in the id of each of its
/// sessions, so that whoever has an id knows where to look and cannot look anywhere else.
package struct DeskNumber: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package init(_ value: UInt16) { rawValue = value }

  /// The one that is always there, and where all is that was said before there were others.
  package static let main = DeskNumber(0)
  /// Beside `main`, there are so many at the most.
  package static let most = 1_023

  @inlinable @inline(__always)
  package static func == (left: DeskNumber, right: DeskNumber) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: DeskNumber, right: DeskNumber) -> Bool { left.rawValue < right.rawValue }
  package var description: String { String(rawValue) }
}

extension SessionID {
  /// Bits of the number of its desk, the upper ones.
  static let deskBits = 10

  /// The desk that it belongs to.
  @inline(__always)
  package var desk: DeskNumber {
    DeskNumber(UInt16(truncatingIfNeeded: rawValue >> (64 - UInt64(Self.deskBits))))
  }
}
