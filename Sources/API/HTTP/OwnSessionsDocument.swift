internal import Desk
internal import Protocol

/// `GET /v1/sessions`: the open sessions of whoever asks, newest first.
struct OwnSessionsDocument: Encodable {
  struct Session: Encodable {
    var session: String
    var state: String
    var seq: UInt64
    /// Both only while it is queued.
    var position: Int?
    var etaMs: Int?
    var agents: [String]
    var channel: String
    var skill: String
    var openedAt: String
    var updatedAt: String
  }

  var sessions: [Session]
  var more: Bool

  init(_ own: OwnSessions) {
    sessions = own.sessions.map { own in
      let summary = own.summary
      return Session(
        session: summary.session.text, state: summary.state.rawValue, seq: summary.sequence.rawValue,
        position: summary.state == .queued ? summary.position : nil,
        etaMs: summary.state == .queued ? summary.etaMilliseconds : nil,
        agents: summary.agents.map(\.rawValue), channel: own.channel, skill: own.skill,
        openedAt: Timestamp.text(own.openedAt), updatedAt: Timestamp.text(own.updatedAt))
    }
    more = own.more
  }
}
