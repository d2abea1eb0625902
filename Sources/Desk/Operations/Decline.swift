package import Kernel

/// Lets a session pass that one was offered.
package struct Decline: SessionOperation {
  package static let number: UInt16 = 47
  package static let since = Offer.since
  package static let name: StaticString = "decline"
  package static let summary = "Leave a session that one is asked for to others"
  package static let about = """
    For the agent to whom it is offered, as long as it is. Somebody else is asked then; whoever has declined is asked again only where \
    nobody else is free.
    """
  package static let allowed = Roles.staff
  /// Everyday work of whoever does it.
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/decline")
  package static let events: [any SessionNews.Type] = [Offered.self, OfferEnded.self]
  /// Its customer waits as before.
  package static let isUnseen = true
  package static let takesMemory = false

  package var session: SessionID
  package var offer: UInt32
  package init(session: SessionID, offer: UInt32) { (self.session, self.offer) = (session, offer) }

  package static let fields = Fields(
    Self.init(session:offer:), Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "offer", { $0.offer }, .amount(1...UInt32.max), "The number of the offer: that of `offered`."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { true }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    _ = try scope.offer(offer)
    scope.desk.decline(session, into: &scope.effects)
  }
}

/// An agent is asked for the session no longer.
package struct OfferEnded: SessionNews {
  package enum Reason: UInt8, Sendable, CaseIterable {
    case declined = 0
    /// Its time was over.
    case missed = 1
    /// Its time was over, and the agent was not there.
    case lost = 2
    /// The session went elsewhere, its customer is gone, or the agent takes nothing any more.
    case withdrawn = 3

    package var name: String {
      switch self {
      case .declined: "declined"
      case .missed: "missed"
      case .lost: "lost"
      case .withdrawn: "withdrawn"
      }
    }
  }

  package static let number: UInt16 = 47
  package static let name: StaticString = "offer_ended"
  package static let summary =
    "An agent is asked for the session no longer. Where it has accepted, `assigned` says so, and this does not come."
  package static let audience = NewsAudience.supervisors

  package var agent: String
  package var offer: UInt32
  package var reason: Reason

  package func isFor(_ person: Person) -> Bool { person.isAsked(agent) }

  package static let fields = Fields(
    Self.init(agent:offer:reason:),
    Field(1, "agent", { $0.agent }, .text(128), "Who was asked."),
    Field(2, "offer", { $0.offer }, .amount(upTo: .max), "Which of the session's offers."),
    Field(
      3, "reason", { $0.reason }, .named(Reason.allCases, { $0.name }, number: { $0.rawValue }),
      "`declined` by the agent; `missed` by it; `lost`: the agent was not there; `withdrawn`: it cannot be taken any more."
    ))
}
