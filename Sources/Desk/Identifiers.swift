internal import Kernel

/// A conversation between a customer and the agents that serve it. Given out by the state machine itself, from
/// the log: the number of its desk in the upper 10 bits, then the index of the entry that opened it in 42 bits, then its place
/// in that entry in 12.
package struct SessionID: RawRepresentable, Hashable, Comparable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable @inline(__always)
  package static func == (left: SessionID, right: SessionID) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: SessionID, right: SessionID) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: SessionID, right: SessionID) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: SessionID, right: SessionID) -> Bool { left.rawValue >= right.rawValue }
}

/// A person who serves, as named by the `sub` of the token.
///
/// Compared by its bytes. Not `RawRepresentable`: for such types the standard library has a `!=` of its own, which would
/// compare the texts as Swift compares them.
package struct AgentID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: String
  package init(_ value: String) { rawValue = value }

  package static func == (left: AgentID, right: AgentID) -> Bool {
    left.rawValue.hasSameBytes(as: right.rawValue)
  }
  package static func < (left: AgentID, right: AgentID) -> Bool { left.rawValue.bytesPrecede(right.rawValue) }
  package func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
  package var description: String { rawValue }
}

/// A node of the cluster as the desk knows it: who owns a session, where a presence is. The same number as the
/// node's Raft id.
package struct ServerID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  @inlinable @inline(__always)
  package static func == (left: ServerID, right: ServerID) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: ServerID, right: ServerID) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: ServerID, right: ServerID) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: ServerID, right: ServerID) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: ServerID, right: ServerID) -> Bool { left.rawValue >= right.rawValue }
  package var description: String { String(rawValue) }
}

/// Rises with each change of a session's owner; a write with an older epoch is refused. The first is 1.
package struct Epoch: RawRepresentable, Hashable, Comparable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  @inlinable @inline(__always)
  package static func == (left: Epoch, right: Epoch) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: Epoch, right: Epoch) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: Epoch, right: Epoch) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: Epoch, right: Epoch) -> Bool { left.rawValue >= right.rawValue }
  package var next: Epoch { Epoch(rawValue + 1) }
}

/// The place of a message in its session. The first message has 1; there are no gaps.
package struct Sequence: RawRepresentable, Hashable, Comparable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(_ value: UInt64) { rawValue = value }
  package static let zero = Sequence(0)
  @inlinable @inline(__always)
  package static func == (left: Sequence, right: Sequence) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: Sequence, right: Sequence) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: Sequence, right: Sequence) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: Sequence, right: Sequence) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: Sequence, right: Sequence) -> Bool { left.rawValue >= right.rawValue }
  package var next: Sequence { Sequence(rawValue + 1) }
}

package enum UserRole: UInt8, Sendable, CaseIterable {
  case customer = 0
  case agent = 1
  case supervisor = 2
  case admin = 3

  package init?(name: some StringProtocol) {
    guard let role = UserRole.allCases.first(where: { $0.name == name }) else { return nil }
    self = role
  }

  package var name: String {
    switch self {
    case .customer: "customer"
    case .agent: "agent"
    case .supervisor: "supervisor"
    case .admin: "admin"
    }
  }
}

/// Who does something: the `sub`, `role` and `name` of a verified token. Equal when all three are, byte by byte.
package struct Person: Hashable, Sendable {
  package var id: String
  package var role: UserRole
  package var name: String
  package init(id: String, role: UserRole, name: String) {
    self.id = id
    self.role = role
    self.name = name
  }

  /// Whoever it is, by whatever name: another token may bring another one.
  package func isSame(as other: Person) -> Bool { role == other.role && id.hasSameBytes(as: other.id) }

  package static func == (left: Person, right: Person) -> Bool {
    left.isSame(as: right) && left.name.hasSameBytes(as: right.name)
  }

  package func hash(into hasher: inout Hasher) {
    id.hashBytes(into: &hasher)
    hasher.combine(role)
    name.hashBytes(into: &hasher)
  }
}
