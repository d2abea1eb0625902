/// A format level: what a node can read of logs, snapshots and frames, as one number that only grows.
///
/// Every build reads all levels up to `newest`. What a cluster writes is bound by the level of the cluster, which is
/// part of the replicated state: it begins at `first`, and a leader raises it once every member has announced that it
/// reads more. Until then nothing is written that a member of the previous release could not read, so that such a
/// member can be upgraded, and taken back, while the others serve.
package struct Level: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var rawValue: UInt16

  package init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// That of the releases before there were levels. Who announces none reads this.
  package static let first = Level(1)
  /// Commands in the widened form, snapshots that name their level, entries that name theirs.
  package static let second = Level(2)
  /// Operations of sessions as envelopes, with one window of what was done, and what they keep with a session.
  package static let third = Level(3)
  /// Desks beside the main one.
  package static let fourth = Level(4)
  /// Operations that are bound to a version of their session.
  package static let fifth = Level(5)
  /// What is over leaves the state: sessions a while after their end, and messages that are far behind the newest.
  package static let sixth = Level(6)
  /// Customers whose conversations are erased, and months that are dropped. Sessions count what reports are made of.
  package static let seventh = Level(7)
  /// An audit: who has changed or read what that is not their own, as a chain of each desk.
  package static let eighth = Level(8)
  /// What a team does with a conversation beside leading it, and policies by which conversations are given to agents.
  package static let ninth = Level(9)
  /// Agents are asked before they are given a conversation.
  package static let tenth = Level(10)
  /// The highest that this build reads.
  package static let newest = tenth

  /// The first release that reads each level, from level 1 on. Only ever added to.
  private static let releases = [
    "0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "0.9.0", "0.10.0",
  ]

  /// The first release that reads this level, for instance "0.2.0"; nil for a level that this build does not know.
  package var release: String? {
    (1...Self.releases.count).contains(Int(rawValue)) ? Self.releases[Int(rawValue) - 1] : nil
  }

  package var description: String { "\(rawValue)" }

  @inlinable @inline(__always)
  package static func == (left: Level, right: Level) -> Bool { left.rawValue == right.rawValue }
  @inlinable @inline(__always)
  package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  @inlinable @inline(__always)
  package static func <= (left: Level, right: Level) -> Bool { left.rawValue <= right.rawValue }
  @inlinable @inline(__always)
  package static func > (left: Level, right: Level) -> Bool { left.rawValue > right.rawValue }
  @inlinable @inline(__always)
  package static func >= (left: Level, right: Level) -> Bool { left.rawValue >= right.rawValue }
}
