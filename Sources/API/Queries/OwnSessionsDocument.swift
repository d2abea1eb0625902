internal import Desk
internal import Protocol

/// `GET /v1/sessions`: the open sessions of whoever asks, newest first. Older than the documents that are made from
/// declarations: a place is said of sessions that wait alone.
struct OwnSessionsDocument: Encodable {
  var sessions: [SessionHead]
  var more: Bool
  var next: String?

  init(_ own: OwnSessions, next: PageCursor?) {
    self.next = next?.text
    sessions = own.sessions.map { SessionHead($0) }
    more = own.more
  }
}
