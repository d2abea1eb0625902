package import Kernel

/// Ends a conversation.
package struct Close: SessionOperation {
  package static let number: UInt16 = 32
  package static let since = Level.first
  package static let name: StaticString = "close"
  package static let summary = "End a session"
  package static let about = "For its customer, whoever serves it, supervisors and admins."
  package static let allowed = Roles.everybody
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/close")
  package static let isRemembered = false
  /// Once it is closed it is closed, whoever asks for it again and whatever the reason.
  package static let whenClosed = WhenClosed.done

  package var session: SessionID
  package var reason: String
  package init(session: SessionID, reason: String = "") { (self.session, self.reason) = (session, reason) }

  package static let fields = Fields(
    Self.init(session:reason:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "reason", { $0.reason }, .text(256).or(""), "Told to all of the session."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool {
    session.mayClose(person)
  }

  package func apply(to scope: inout SessionScope) {
    scope.desk.end(scope.session, by: scope.by, reason: reason, into: &scope.effects)
  }
}
