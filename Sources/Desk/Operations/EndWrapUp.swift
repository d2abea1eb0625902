package import Kernel

/// Says that one has done with a chat that is over.
package struct EndWrapUp: DeskOperation {
  package static let number: UInt16 = 194
  package static let since = WrapUp.since
  package static let name: StaticString = "ready"
  package static let frameType: UInt8 = 31
  package static let summary = "End the time behind a chat that is over"
  package static let about = """
    For agents, of their own chats. Where the desk's policy gives time behind a chat (`wrap_up_ms`), it takes the room of the chat until it is over, or \
    until this is said. Where there is nothing to end, nothing is done.
    """
  package static let allowed = Roles.staff
  /// Everyday work of whoever does it.
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.post, "/v1/agents/ready")
  package static let noun: Noun? = .agent
  /// With one word, at the most.
  package static let most = 256

  package var session: SessionID?
  package init(session: SessionID? = nil) { self.session = session }

  package static let fields = Fields(
    Self.init(session:),
    Field(
      1, "session", { $0.session }, .optional(.session), "Which one; left out: all, up to \(most)."))

  package func apply(to scope: inout DeskScope) {
    scope.desk.endWrapUps(
      of: AgentID(scope.by.id), of: session, limit: Self.most, into: &scope.effects)
  }
}
