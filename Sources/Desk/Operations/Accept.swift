package import Kernel

/// Takes a session that one was offered.
package struct Accept: SessionOperation {
  package static let number: UInt16 = 46
  package static let since = Offer.since
  package static let name: StaticString = "accept"
  package static let summary = "Take a session that one is asked for"
  package static let about = """
    For the agent to whom it is offered (`offered`), as long as it is. `offer` says which offer is meant: one that has ended is refused \
    (`taken`), whatever has become of the session since. Whoever serves the session already has done it. The agent has to \
    be connected somewhere.
    """
  package static let allowed = Roles.staff
  /// Everyday work of whoever does it.
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/accept")

  package var session: SessionID
  package var offer: UInt32
  package init(session: SessionID, offer: UInt32) { (self.session, self.offer) = (session, offer) }

  package static let fields = Fields(
    Self.init(session:offer:), Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "offer", { $0.offer }, .amount(1...UInt32.max), "The number of the offer: that of `offered`."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { true }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let session = scope.session
    if session.state == .active, session.isAssigned(scope.by) { return }
    let current = try scope.offer(offer)
    try scope.desk.accept(session, current, into: &scope.effects)
  }
}

extension Person {
  /// Whether an offer to that agent is for this person to hear.
  func isAsked(_ agent: String) -> Bool {
    supervises || role == .agent && id.hasSameBytes(as: agent)
  }
}

extension SessionScope {
  /// The offer that is meant, if it is one to whoever asks and has not ended.
  func offer(_ number: UInt32) throws(Refusal) -> Offer {
    guard let current = session.offer, current.number == number, current.agent == AgentID(by.id) else {
      throw .offerEnded
    }
    return current
  }
}

/// An agent is asked whether it serves a session.
package struct Offered: SessionNews {
  package static let number: UInt16 = 46
  package static let name: StaticString = "offered"
  package static let summary =
    "An agent is asked whether it serves the session: `accept` or `decline`, before the time is over. Said again to whoever comes back."
  package static let audience = NewsAudience.supervisors
  /// Characters.
  static let mostLine = 100

  package var agent: String
  package var offer: UInt32
  package var expires: UInt64
  package var waited: UInt64
  package var customer: String
  package var shown: String
  package var channel: String
  package var skill: String
  package var line: String?

  package func isFor(_ person: Person) -> Bool { person.isAsked(agent) }

  package static let fields = Fields(
    Self.init(agent:offer:expires:waited:customer:shown:channel:skill:line:),
    Field(1, "agent", { $0.agent }, .text(128), "Who is asked: the `sub` of its token."),
    Field(2, "offer", { $0.offer }, .amount(upTo: .max), "Which of the session's offers it is, from 1."),
    Field(3, "expires_in_ms", { $0.expires }, .number, "For how long it is asked from now on."),
    Field(4, "waited_ms", { $0.waited }, .number, "How long the customer has waited."),
    Field(5, "customer", { $0.customer }, .text(128), "The `sub` of the customer's token."),
    Field(6, "name", { $0.shown }, .text(256).or(""), "The customer's name."),
    Field(7, "channel", { $0.channel }, .text(64).or(""), "Where the session comes from."),
    Field(8, "skill", { $0.skill }, .text(64).or(""), "The skill that it asks for."),
    Field(
      9, "line", { $0.line }, .optional(.text(mostLine * 4)),
      "The beginning of what the customer has said first."))
}
