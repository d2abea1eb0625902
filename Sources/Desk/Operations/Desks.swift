internal import Kernel

/// The desks of the cluster, for its admins; one's own desk for everybody else who serves.
package struct Desks: ClusterQuery, PagedQuery {
  package typealias Answer = DeskPage

  package static let name: StaticString = "desks"
  package static let frameType: UInt8 = 24
  package static let summary = "The desks of the cluster, or one's own"
  package static let about = """
    By name, with their limits and how much they hold. Admins of the cluster see all desks; whoever's token names a desk sees that \
    one, and others see `main`.
    """
  package static let allowed = Roles.staff
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/desks")
  package static let noun: Noun? = .desk

  /// Of one answer.
  package static let most = 100

  package var after: DeskName?
  package var limit: Int
  package init(after: DeskName? = nil, limit: Int = most) { (self.after, self.limit) = (after, limit) }

  package static let fields = Fields(
    Self.init(after:limit:),
    Field(1, "after", { $0.after }, .optional(.desk), "Those behind this name."),
    Field(
      2, "limit", { $0.limit }, .count(upTo: most).or(most, isSaid: true),
      "How many at the most, up to \(most)."))

  package func answer(
    to reader: inout QueryReader, in state: borrowing ReplicatedState
  ) throws(Failure) -> DeskPage {
    let page = state.desks(reader.isClusterAdmin ? nil : reader.desk, after: after, limit: limit)
    reader.look(at: page.desks.count)
    return page
  }

  package static let placeField: StaticString = "after"
  package static let listField: StaticString = "desks"
  package var place: DeskName? {
    get { after }
    set { after = newValue }
  }
  package func place(behind answer: DeskPage) -> DeskName? { answer.more ? answer.desks.last?.desk : nil }
}

/// A desk as those see it who may know of it.
package struct DeskSummary: Hashable, Sendable {
  package var desk: DeskName
  package var open: Bool
  package var mostSessions: UInt32
  package var mostAgents: UInt32
  package var active: UInt64
  package var queued: UInt64
  package var closed: UInt64
  package var online: UInt64
  package var busy: UInt64
  package var away: UInt64
  package var offline: UInt64

  package init(_ state: borrowing DeskState) {
    let (settings, sessions, agents) = (state.settings, state.sessionCounts, state.agentCounts)
    self.init(
      desk: settings.name, open: settings.isOpen, mostSessions: settings.sessions, mostAgents: settings.agents,
      active: UInt64(sessions.active), queued: UInt64(sessions.queued), closed: UInt64(sessions.closed),
      online: UInt64(agents.online), busy: UInt64(agents.busy), away: UInt64(agents.away),
      offline: UInt64(agents.offline))
  }

  private init(
    desk: DeskName, open: Bool, mostSessions: UInt32, mostAgents: UInt32, active: UInt64, queued: UInt64,
    closed: UInt64, online: UInt64, busy: UInt64, away: UInt64, offline: UInt64
  ) {
    (self.desk, self.open, self.mostSessions, self.mostAgents) = (desk, open, mostSessions, mostAgents)
    (self.active, self.queued, self.closed) = (active, queued, closed)
    (self.online, self.busy, self.away, self.offline) = (online, busy, away, offline)
  }

  package static let fields = Fields(
    Self.init(desk:open:mostSessions:mostAgents:active:queued:closed:online:busy:away:offline:),
    Field(1, "desk", { $0.desk }, .desk, "Its name."),
    Field(2, "open", { $0.open }, .flag, "Whether customers may open sessions."),
    Field(
      3, "most_sessions", { $0.mostSessions }, .amount(upTo: .max), "Open sessions at the most; 0: no limit."),
    Field(4, "most_agents", { $0.mostAgents }, .amount(upTo: .max), "Agents at the most; 0: no limit."),
    Field(5, "active", { $0.active }, .number, "Sessions that are served."),
    Field(6, "queued", { $0.queued }, .number, "Sessions that wait."),
    Field(7, "closed", { $0.closed }, .number, "Sessions that are closed."),
    Field(8, "online", { $0.online }, .number, "Agents who are online."),
    Field(9, "busy", { $0.busy }, .number, "Agents who are busy."),
    Field(10, "away", { $0.away }, .number, "Agents who are away."),
    Field(11, "offline", { $0.offline }, .number, "Agents who are not at work."))
}

/// A part of the desks, by name.
package struct DeskPage: AnswerRecord, Hashable {
  package static let name: StaticString = "desks"
  package static let frameType: UInt8 = 205

  package var desks: [DeskSummary]
  /// There are others behind them.
  package var more: Bool
  package init(desks: [DeskSummary], more: Bool) { (self.desks, self.more) = (desks, more) }

  package static let fields = Fields(
    Self.init(desks:more:),
    Field(1, "desks", { $0.desks }, .list(of: .record(DeskSummary.fields), upTo: Desks.most), "By name."),
    Field(2, "more", { $0.more }, .flag, "Whether there are others behind them."))
}

extension ReplicatedState {
  /// - Parameter name: nil: all of them.
  package func desks(_ name: DeskName?, after: DeskName? = nil, limit: Int) -> DeskPage {
    if let name { return DeskPage(desks: [name].compactMap(summary), more: false) }
    let all = ([.main] + names.keys).filter { name in after.map { $0 < name } ?? true }.sorted()
    return DeskPage(desks: all.prefix(limit).compactMap(summary), more: all.count > limit)
  }

  private func summary(of name: DeskName) -> DeskSummary? {
    number(of: name).flatMap { number in look(number) { DeskSummary($0) } }
  }
}

/// The first that those hear who follow a desk.
extension DeskSummary: DeskNews {
  package static let name: StaticString = "state"
  package static let summary = "What the desk holds: the first event for whoever has seen nothing."
}
