/// The number of an election: at most one leader is elected in a term. Starts at 0 (nothing known yet).
package struct Term: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  package static let zero = Term(0)
  package var next: Term { Term(rawValue + 1) }
  @inlinable @inline(__always)
  package static func == (left: Term, right: Term) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: Term, right: Term) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: Term, right: Term) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: Term, right: Term) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: Term, right: Term) -> Bool { left.rawValue >= right.rawValue }
  package var description: String { String(rawValue) }
}

/// The position of an entry in the replicated log. The first entry has index 1; 0 stands before it.
package struct LogIndex: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  package static let zero = LogIndex(0)
  package var next: LogIndex { LogIndex(rawValue + 1) }
  /// The index before this one; that of 0 is 0.
  package var previous: LogIndex { LogIndex(rawValue == 0 ? 0 : rawValue - 1) }
  @inlinable @inline(__always)
  package static func == (left: LogIndex, right: LogIndex) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: LogIndex, right: LogIndex) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: LogIndex, right: LogIndex) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: LogIndex, right: LogIndex) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: LogIndex, right: LogIndex) -> Bool { left.rawValue >= right.rawValue }
  package static func + (left: LogIndex, right: Int) -> LogIndex { LogIndex(left.rawValue + UInt64(right)) }
  /// How many entries lie between two indexes; 0 when `right` is the higher one.
  package static func - (left: LogIndex, right: LogIndex) -> Int {
    left.rawValue > right.rawValue ? Int(left.rawValue - right.rawValue) : 0
  }
  package var description: String { String(rawValue) }
}

/// A member of the Raft group. 0 is nobody and never a member.
package struct NodeID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  @inlinable @inline(__always)
  package static func == (left: NodeID, right: NodeID) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: NodeID, right: NodeID) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: NodeID, right: NodeID) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: NodeID, right: NodeID) -> Bool { left.rawValue >= right.rawValue }
  package var description: String { String(rawValue) }
}

/// One Raft group among several that may share the same nodes. Today there is one, number 0; frames and log
/// records carry the number so that the state can be split later without a new format.
package struct GroupID: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static let main = GroupID(rawValue: 0)
}
