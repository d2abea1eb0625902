/// Finds one's own open sessions.
package struct Sessions: DeskQuery, PagedQuery {
  package typealias Answer = OwnSessions

  package static let name: StaticString = "sessions"
  package static let frameType: UInt8 = 23
  package static let summary = "One's own open sessions, newest first"
  package static let about = """
    Those that a customer has opened, those that anybody else serves. Whoever has kept nothing goes on with one of them.
    """
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/sessions")

  /// Of one answer, and when nobody says how many.
  package static let most = 100
  package static let usual = 20

  package var limit: Int
  package var before: SessionID?
  package init(limit: Int = usual, before: SessionID? = nil) { (self.limit, self.before) = (limit, before) }

  package static let fields = Fields(
    Self.init(limit:before:),
    Field(
      1, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most)."),
    Field(
      2, "before", { $0.before }, .optional(.session),
      "Those that were opened before this one: the last of the page before."))

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> OwnSessions
  {
    let (found, more) = desk.openSessions(of: reader.person, before: before, limit: limit)
    reader.look(at: found.count)
    var sessions: [OwnSessions.Session] = []
    for id in found { if let session = OwnSessions.Session(id, in: desk) { sessions.append(session) } }
    return OwnSessions(sessions: sessions, more: more)
  }

  package static let placeField: StaticString = "before"
  package static let listField: StaticString = "sessions"
  package var place: SessionID? {
    get { before }
    set { before = newValue }
  }

  // Who pages by the last one misses nobody: what is opened meanwhile stands before the first page.
  package func place(behind answer: OwnSessions) -> SessionID? {
    answer.more ? answer.sessions.last?.session : nil
  }
}

/// The open sessions of whoever asks, newest first.
package struct OwnSessions: AnswerRecord {
  package static let name: StaticString = "sessions"
  package static let frameType: UInt8 = 201

  package struct Session: Hashable, Sendable {
    package var session: SessionID
    package var state: String
    package var seq: Sequence
    package var position: UInt64
    package var eta: UInt64
    package var agents: [String]
    package var channel: String
    package var skill: String
    /// ms since 1970.
    package var openedAt: UInt64
    package var updatedAt: UInt64
    package var etaLow: UInt64?
    package var etaHigh: UInt64?

    package init(
      session: SessionID, state: String, seq: Sequence, position: UInt64, eta: UInt64, agents: [String],
      channel: String, skill: String, openedAt: UInt64, updatedAt: UInt64, etaLow: UInt64? = nil,
      etaHigh: UInt64? = nil
    ) {
      (self.session, self.state, self.seq, self.position, self.eta) = (session, state, seq, position, eta)
      (self.agents, self.channel, self.skill) = (agents, channel, skill)
      (self.openedAt, self.updatedAt, self.etaLow, self.etaHigh) = (openedAt, updatedAt, etaLow, etaHigh)
    }

    /// - Returns: nil: there is no such session.
    init?(_ id: SessionID, in desk: borrowing DeskState) {
      guard let session = desk.session(id) else { return nil }
      let place = desk.position(of: id)
      self.init(
        session: id, state: session.state.name, seq: session.sequence,
        position: UInt64(max(0, place?.position ?? 0)), eta: UInt64(max(0, place?.etaMilliseconds ?? 0)),
        agents: session.agents.map(\.rawValue), channel: session.channel, skill: session.skill,
        openedAt: session.openedAt, updatedAt: session.updatedAt, etaLow: place?.etaRange?.lowerBound,
        etaHigh: place?.etaRange?.upperBound)
    }

    package static let fields = Fields(

      Self.init(session:state:seq:position:eta:agents:channel:skill:openedAt:updatedAt:etaLow:etaHigh:),
      Field(1, "session", { $0.session }, .session, "Which one."),
      Field(2, "state", { $0.state }, .text(16), "`queued` or `active`."),
      Field(3, "seq", { $0.seq }, .sequence, "Of its last message."),
      Field(4, "position", { $0.position }, .number, "The place in its line; 0: it does not wait."),
      Field(5, "eta_ms", { $0.eta }, .number, "How long it will wait; 0: nothing can be said."),
      Field(6, "agents", { $0.agents }, .names, "Who serve it."),
      Field(7, "channel", { $0.channel }, .text(64), "Where the customer comes from."),
      Field(8, "skill", { $0.skill }, .text(64), "What its agent has to know."),
      Field(9, "opened_at", { $0.openedAt }, .time, "When, in ms since 1970."),
      Field(10, "updated_at", { $0.updatedAt }, .time, "When it changed last."),
      Field(
        11, "eta_low_ms", { $0.etaLow }, .optional(.number),
        "Of ten who are told this, one waits less. Missing: nothing can be said."),
      Field(12, "eta_high_ms", { $0.etaHigh }, .optional(.number), "Of ten who are told this, one waits more."))
  }

  package var sessions: [Session]
  /// There are older ones.
  package var more: Bool
  package init(sessions: [Session], more: Bool) { (self.sessions, self.more) = (sessions, more) }

  package static let fields = Fields(
    Self.init(sessions:more:),
    Field(
      1, "sessions", { $0.sessions }, .list(of: .record(Session.fields), upTo: Sessions.most), "Newest first."),
    Field(2, "more", { $0.more }, .flag, "Whether there are older ones."))
}
