internal import Desk
internal import Protocol

extension ClusterStatus {
  /// What a desk holds in the place of what the cluster does.
  mutating func show(_ desk: DeskSummary?) {
    (sessions, agents) = (.init(), .init())
    guard let desk else { return }
    sessions.active = Int(clamping: desk.active)
    sessions.queued = Int(clamping: desk.queued)
    sessions.closed = Int(clamping: desk.closed)
    agents.online = Int(clamping: desk.online)
    agents.busy = Int(clamping: desk.busy)
    agents.away = Int(clamping: desk.away)
    agents.offline = Int(clamping: desk.offline)
  }
}
