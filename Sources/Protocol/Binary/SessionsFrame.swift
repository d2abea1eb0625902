package import Desk

package struct SessionsFrame: ServerFrame {
  package static let type = BinaryFrameType.sessions

  package struct Session: Sendable {
    var session: SessionID
    var state: String
    var seq: Sequence
    var position: UInt64
    var eta: UInt64
    var agents: [String]
    var channel: String
    var skill: String
    var openedAt: UInt64
    var updatedAt: UInt64

    static let fields = Fields(
      Self.init(session:state:seq:position:eta:agents:channel:skill:openedAt:updatedAt:),
      Field(1, "session", { $0.session }, .session, "Which one."),
      Field(2, "state", { $0.state }, .text(16), "`queued` or `active`."),
      Field(3, "seq", { $0.seq }, .sequence, "Of its last message."),
      Field(4, "position", { $0.position }, .number, "The place in its line; 0: it does not wait."),
      Field(5, "eta_ms", { $0.eta }, .number, "How long it will wait; 0: nothing can be said."),
      Field(6, "agents", { $0.agents }, .names, "Who serve it."),
      Field(7, "channel", { $0.channel }, .text(64), "Where the customer comes from."),
      Field(8, "skill", { $0.skill }, .text(64), "What its agent has to know."),
      Field(9, "opened_at", { $0.openedAt }, .number, "When, in ms since 1970."),
      Field(10, "updated_at", { $0.updatedAt }, .number, "When it changed last."))
  }

  var sessions: [Session]
  var more: Bool

  package static let fields = Fields(
    Self.init(sessions:more:),
    Field(
      1, "sessions", { $0.sessions }, .list(of: .record(Session.fields), upTo: Sessions.most), "Newest first."),
    Field(2, "more", { $0.more }, .flag, "Whether there are older ones."))
}

extension SessionsFrame {
  init(_ own: OwnSessions) {
    self.init(sessions: own.sessions.map { Session($0) }, more: own.more)
  }
}

extension SessionsFrame.Session {
  init(_ own: OwnSessions.Session) {
    self.init(
      session: own.summary.session, state: own.summary.state.rawValue, seq: own.summary.sequence,
      position: UInt64(max(0, own.summary.position)), eta: UInt64(max(0, own.summary.etaMilliseconds)),
      agents: own.summary.agents.map(\.rawValue), channel: own.channel, skill: own.skill,
      openedAt: own.openedAt,
      updatedAt: own.updatedAt)
  }
}

extension OpenedFrame {
  init(_ summary: SessionSummary) {
    self.init(
      session: summary.session, state: summary.state.rawValue, position: UInt64(max(0, summary.position)),
      eta: UInt64(max(0, summary.etaMilliseconds)), agents: summary.agents.map(\.rawValue))
  }
}

extension JoinedFrame {
  init(_ summary: SessionSummary) {
    self.init(session: summary.session, state: summary.state.rawValue, seq: summary.sequence)
  }
}
