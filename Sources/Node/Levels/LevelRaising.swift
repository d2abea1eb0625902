import Kernel

/// When a leader raises the cluster's level: once every member, learners too, has announced on the connection that is
/// there now that it reads more. A member that cannot be reached may come back with another release, so it is waited
/// for.
struct LevelRaising {
  /// One that got lost, with a leader for instance, is proposed anew after this time.
  private static let patience = Span.seconds(2)

  private var proposed: (level: Level, at: Instant)?

  /// The level to propose now; nil: none.
  ///
  /// - Parameters:
  ///   - current: that of the cluster, as far as this node has applied the log.
  ///   - own: the highest that this node reads.
  ///   - others: what each other member has announced; nil for one that is not connected.
  mutating func due(current: Level, own: Level, others: [Level?], now: Instant) -> Level? {
    var common = own
    for other in others {
      guard let other else { return nil }
      common = min(common, other)
    }
    guard common > current else { return nil }
    if let proposed, proposed.level == common, now - proposed.at < Self.patience { return nil }
    proposed = (common, now)
    return common
  }
}
