package import Kernel

/// Says how content a customer was.
package struct Rate: SessionOperation {
  package static let number: UInt16 = 34
  package static let since = Level.third
  package static let name: StaticString = "rate"
  package static let summary = "Rate a session, from 1 to 5"
  package static let about = """
    For its customer, while it is open and for seven days after it was closed. Rated again, the last rating counts. While the cluster \
    has nodes of a release before 0.9.0, not longer than it stays in memory (`history.linger_ms`).
    """
  package static let allowed = Roles.customer
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/rate")
  package static let whenClosed = WhenClosed.performed
  package static let events: [any SessionNews.Type] = [Rated.self]
  package static let facets: [any SessionFacet.Type] = [Rating.self]
  /// How long after a session was closed it can be rated, in ms.
  static let window: UInt64 = 7 * 24 * 3_600_000

  package var session: SessionID
  package var score: UInt32
  package var comment: String?
  package init(session: SessionID, score: UInt32, comment: String? = nil) {
    (self.session, self.score, self.comment) = (session, score, comment)
  }

  package static let fields = Fields(
    Self.init(session:score:comment:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "score", { $0.score }, .amount(1...5), "From 1, not at all, to 5, very."),
    Field(3, "comment", { $0.comment }, .optional(.text(2_000)), "Why, in the customer's own words."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool {
    session.isCustomer(person)
  }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let session = scope.session
    try Self.check(session.closedAt, at: scope.now)
    scope.set(
      Rating(score: score, comment: comment, agent: session.agents.first?.rawValue, time: scope.now))
    scope.tell(Rated(by: scope.by.id, score: score, comment: comment))
  }

  private static func check(_ closedAt: UInt64?, at now: UInt64) throws(Refusal) {
    if let closedAt, now > closedAt, now - closedAt > window { throw .tooLate }
  }

  package static let annotates = true

  package static func permits(_ person: Person, over row: ArchivedSession) -> Bool {
    person.role == .customer && row.customer.hasSameBytes(as: person.id)
  }

  package func annotate(_ row: inout ArchivedSession, by person: Person, at now: UInt64) throws(Refusal) {
    try Self.check(row.closedAt, at: now)
    (row.rating, row.comment, row.ratedAt, row.ratedAgent) = (score, comment, now, row.agents.first)
  }

  package func news(by person: Person) -> NewsRecord? {
    NewsRecord(Rated(by: person.id, score: score, comment: comment))
  }
}

/// How a session was rated last.
package struct Rating: SessionFacet {
  package static let number: UInt16 = 1
  package static let name: StaticString = "rating"

  package var score: UInt32
  package var comment: String?
  /// Who served then, or last; nil: nobody did.
  package var agent: String?
  /// ms since 1970.
  package var time: UInt64

  package static let fields = Fields(
    Self.init(score:comment:agent:time:),
    Field(1, "score", { $0.score }, .amount(1...5), "From 1, not at all, to 5, very."),
    Field(2, "comment", { $0.comment }, .optional(.text(2_000)), "Why, in the customer's own words."),
    Field(3, "agent", { $0.agent }, .optional(.name(128)), "Who served then, or last."),
    Field(4, "time", { $0.time }, .number, "When, in ms since 1970."))
}

/// A customer has rated a session.
package struct Rated: SessionNews {
  package static let number: UInt16 = 1
  package static let name: StaticString = "rated"
  package static let summary = "The customer has rated the session."

  package var by: String
  package var score: UInt32
  package var comment: String?

  package static let fields = Fields(
    Self.init(by:score:comment:),
    Field(1, "by", { $0.by }, .name(128), "The customer."),
    Field(2, "score", { $0.score }, .amount(1...5), "From 1, not at all, to 5, very."),
    Field(3, "comment", { $0.comment }, .optional(.text(2_000)), "Why, in the customer's own words."))
}
