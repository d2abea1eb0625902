package import Kernel

/// Takes part in a session no longer.
package struct Leave: SessionOperation {
  package static let number: UInt16 = 37
  package static let since = Level.ninth
  package static let name: StaticString = "leave"
  package static let summary = "Leave a session to the others"
  package static let about = """
    For agents who are invited to it, and for whoever serves it: then the first of those who are invited and have room serves, else it \
    goes back to its place in the line.
    """
  package static let allowed = Roles.staff
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/leave")
  package static let events: [any SessionNews.Type] = [InviteEnded.self]
  package static let whenClosed = WhenClosed.done

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool {
    session.takesPart(person)
  }

  package func apply(to scope: inout SessionScope) {
    let session = scope.session
    guard session.isAssigned(scope.by) else {
      return scope.desk.endInvitation(
        of: AgentID(scope.by.id), to: session.id, because: .left, into: &scope.effects)
    }
    let heir = scope.desk.heir(of: session.id)
    scope.handOn(session, to: heir.map { .agent($0) } ?? .skill(session.skill))
  }
}

/// An agent takes part in the session no longer.
package struct InviteEnded: SessionNews {
  package enum Reason: UInt8, Sendable, CaseIterable {
    case left = 0
    /// It was gone, and did not come back in time.
    case lost = 1

    package var name: String {
      switch self {
      case .left: "left"
      case .lost: "lost"
      }
    }
  }

  package static let number: UInt16 = 37
  package static let name: StaticString = "invite_ended"
  package static let summary =
    "An agent who was invited takes part in the session no longer. Where it serves it now, `assigned` says so, and this does not come."

  package var agent: String
  package var reason: Reason
  package init(agent: String, reason: Reason) { (self.agent, self.reason) = (agent, reason) }

  package static let fields = Fields(
    Self.init(agent:reason:),
    Field(1, "agent", { $0.agent }, .text(128), "Who."),
    Field(
      2, "reason", { $0.reason }, .named(Reason.allCases, { $0.name }, number: { $0.rawValue }),
      "`lost`: it did not come back in time."))
}
