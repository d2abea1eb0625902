internal import Protocol

/// `GET /v1/sessions`: the open sessions of whoever asks, newest first.
struct OwnSessionsDocument: Encodable {
  var sessions: [SessionHead]
  var more: Bool
  var next: String?

  init(_ own: OwnSessions, next: PageCursor?) {
    self.next = next?.text
    sessions = own.sessions.map {
      SessionHead(
        $0.summary, channel: $0.channel, skill: $0.skill, openedAt: $0.openedAt, updatedAt: $0.updatedAt)
    }
    more = own.more
  }
}
