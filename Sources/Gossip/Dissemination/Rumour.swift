/// What a member is thought to be, from the best to the worst.
package enum Health: UInt8, Hashable, Comparable, Sendable, CaseIterable {
  /// Answers, or was never asked.
  case alive = 0
  /// Did not answer somebody; has time to contradict.
  case suspect = 1
  /// Did not contradict in time. Advice: what becomes of its sessions is for the log to decide.
  case dead = 2
  /// Has said goodbye.
  case left = 3

  package static func < (left: Health, right: Health) -> Bool { left.rawValue < right.rawValue }
}

/// A statement about a member's health. Statements on one member are in one total order, first by incarnation, then
/// by health, and the highest holds; so nodes that have heard the same rumours agree, in whatever order they heard
/// them (SWIM, section 4.2).
struct HealthRumour: Hashable, Sendable {
  var member: MemberID
  var health: Health
  var incarnation: Incarnation
  /// Who suspects, when somebody does; `nobody` for the other kinds.
  var accuser: MemberID = .nobody

  /// Whether this one holds against the other, which is on the same member.
  func overrides(_ other: (health: Health, incarnation: Incarnation)) -> Bool {
    (incarnation, health) > (other.incarnation, other.health)
  }
}

/// A member's hints, with their age at the moment of sending.
struct LoadRumour: Hashable, Sendable {
  /// Milliseconds; 35 years. Higher ages are not told apart.
  static let highestAge: UInt64 = 1 << 40

  var member: MemberID
  var stamp: HintStamp
  var age: UInt64
  var hints: LoadHints
}

enum Rumour: Hashable, Sendable {
  case health(HealthRumour)
  case load(LoadRumour)
}
