/// Reads what was said.
package struct History: ClientOperation {
  package static let name: StaticString = "history"
  package static let frameType: UInt8 = 22
  package static let summary = "Read messages of a session, ascending by `seq`"
  package static let about = """
    At most one of `after`, `before` and `since`; without any, from the first message on. For the session's customer, \
    its agents, supervisors and admins.
    """
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.inForeignSession
  package static let route: Route? = Route(.get, "/v1/sessions/{session}/messages")
  package static let answer = AnswerKind.history
  /// Messages of one page, and when nobody says how many.
  package static let most = 1000
  package static let usual = 100

  package var session: SessionID
  package var after: UInt64?
  package var before: UInt64?
  package var since: UInt64?
  package var limit: Int
  package init(
    session: SessionID, after: UInt64? = nil, before: UInt64? = nil, since: UInt64? = nil, limit: Int = usual
  ) {
    (self.session, self.after, self.before, self.since, self.limit) = (session, after, before, since, limit)
  }

  package static let fields = Fields(
    Self.init(session:after:before:since:limit:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "after", { $0.after }, .optional(.number), "The first messages behind this sequence."),
    Field(3, "before", { $0.before }, .optional(.number), "The last messages before this sequence."),
    Field(
      4, "since", { $0.since }, .optional(.number),
      "The first messages at or after this time, in ms since 1970."),
    Field(
      5, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most).")
  )

  package var auditMatter: AuditMatter { AuditMatter(session: session) }

  package func check() throws(Failure) { _ = try range }

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    .history(session, try range, limit: limit)
  }

  package var range: TranscriptRange {
    get throws(Failure) {
      switch (after, before, since) {
      case (let after?, nil, nil): .after(Sequence(after))
      case (nil, let before?, nil): .before(Sequence(before))
      case (nil, nil, let since?): .since(since)
      case (nil, nil, nil): .after(.zero)
      default: throw Failure(.badFrame, "Give one of `after`, `before` and `since`, not several.")
      }
    }
  }
}
