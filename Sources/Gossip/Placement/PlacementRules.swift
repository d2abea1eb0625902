/// How owners are chosen. Times are milliseconds.
package struct PlacementRules: Hashable, Sendable {
  /// The interval at which nodes publish hints; hints of three intervals and more count as unknown.
  package var hintPeriod: UInt64 = 1_000
  /// What the hints can weigh at the most: so many sessions, and this share of the mean of owned sessions.
  package var hintSessions = 8
  package var hintPerMille = 100
  /// A node that has started, or has come back, is treated as if it had the mean number of sessions and
  /// `slowStartSessions` more; what it is charged falls to nothing within this time.
  package var slowStart: UInt64 = 60_000
  package var slowStartSessions = 8
  /// nil: the two candidates are drawn.
  package var preference: LocalPreference? = LocalPreference()

  package init() {}

  /// The node that the customer is connected to is one of the candidates, and stays the owner unless the other one's
  /// score is clearly lower: `own > theirs * (1 + perMille / 1000) + sessions` (docs/decisions/0002).
  package struct LocalPreference: Hashable, Sendable {
    package var sessions = 16
    package var perMille = 250
    package init() {}
  }
}
