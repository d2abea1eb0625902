/// A node of the cluster as gossip knows it: the same number as the node's Raft id. 0 is nobody.
package struct MemberID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  package static let nobody = MemberID(0)
  package static func < (left: MemberID, right: MemberID) -> Bool { left.rawValue < right.rawValue }
  package var description: String { String(rawValue) }
}

/// Orders what is said of a member: only the member itself raises it, to contradict a rumour or because it has
/// started again. 0 means that nothing was ever heard of the member.
package struct Incarnation: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  package static let zero = Incarnation(0)
  /// The highest that a datagram may carry; far above a time in milliseconds plus every refutation of a life.
  package static let highest = Incarnation(1 << 62)
  /// The one above; `highest` stays what it is.
  package var next: Incarnation { Incarnation(min(rawValue + 1, Self.highest.rawValue)) }
  package static func < (left: Incarnation, right: Incarnation) -> Bool { left.rawValue < right.rawValue }
  package var description: String { String(rawValue) }
}

/// Tells the datagrams of one cluster from those of another that shares its network. No secret: who must be kept
/// out is kept out by the seal around the datagram.
package struct ClusterCheck: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// FNV-1a with 64 bits (Fowler, Noll, Vo) over the name's UTF-8 and the four bytes of the group.
  package init(cluster: String, group: UInt32 = 0) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let groupBytes = (0..<4).map { UInt8(truncatingIfNeeded: group >> (24 - 8 * UInt32($0))) }
    for byte in Array(cluster.utf8) + groupBytes {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    rawValue = hash
  }
}
