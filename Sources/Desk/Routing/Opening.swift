internal import Kernel

extension DeskState {
  /// What routing keeps with a session from its beginning on. From level 9 on.
  /// - Returns: nil: as many wait for its skill as its policy allows, and nobody is free to take it.
  func routing(of session: Session) -> SessionRouting? {
    let kept = policies.policy(channel: session.channel, intent: session.intent)
    if let limit = kept.policy.queue, isFull(session, under: kept, limit) { return nil }
    return SessionRouting(
      arrival: VirtualArrival.of(
        openedAt: session.openedAt, priority: session.priority, credit: kept.policy.priorityCredit))
  }

  private func isFull(_ session: Session, under kept: KeptPolicy, _ limit: QueueLimit) -> Bool {
    let length = lineTable.read(TextKey(session.skill)) { $0.length } ?? 0
    guard length >= Int(limit.maxLength) else { return false }
    let asking = kept.asking(step: kept.policy.stepsBegun(after: 0), skill: session.skill)
    return candidates(for: session, under: kept, asking, ratherThan: []).loads.isEmpty
  }
}
