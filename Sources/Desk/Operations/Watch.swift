package import Kernel

/// Looks on unseen.
package struct Watch: SessionOperation {
  package static let number: UInt16 = 40
  package static let since = Level.ninth
  package static let name: StaticString = "watch"
  package static let summary = "Look on in a session, unseen"
  package static let about = """
    For supervisors and admins: seen by supervisors and admins alone. The connection that asks follows the session from its first \
    message on; over HTTP it is only said that one watches. A session has \(Team.mostWatching) who watch, at the most. It is noted in the \
    audit, as its end is.
    """
  package static let allowed: Roles = [.supervisor, .admin]
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/watch")
  package static let events: [any SessionNews.Type] = [Watched.self]
  package static let isUnseen = true

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { person.supervises }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let (by, now) = (scope.by, scope.now)
    let watching = scope.session.team?.watching ?? []
    if watching.contains(where: { $0.person.isSame(as: by) }) { return }
    guard watching.count < Team.mostWatching else { throw .tooManyWatching }
    scope.desk.changeSession(scope.id) { session in
      session.changeTeam { $0.watching.append(Team.Watcher(person: by, since: now)) }
    }
    scope.tell(Watched(by: by.id, role: by.role, shown: by.name, on: true))
  }
}

/// Looks on no longer.
package struct Unwatch: SessionOperation {
  package static let number: UInt16 = 41
  package static let since = Level.ninth
  package static let name: StaticString = "unwatch"
  package static let summary = "Look on in a session no longer"
  package static let about = "For whoever watches it. Connections of that person follow it no longer."
  package static let allowed: Roles = [.supervisor, .admin]
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/unwatch")
  package static let whenClosed = WhenClosed.done
  package static let isUnseen = true

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { person.supervises }

  package func apply(to scope: inout SessionScope) {
    let by = scope.by
    guard scope.session.team?.watches(by) == true else { return }
    scope.desk.changeSession(scope.id) { session in
      session.changeTeam { team in team.watching.removeAll { $0.person.isSame(as: by) } }
    }
    scope.tell(Watched(by: by.id, role: by.role, shown: by.name, on: false))
  }
}

/// Somebody looks on, or no longer.
package struct Watched: SessionNews {
  package static let number: UInt16 = 40
  package static let name: StaticString = "watched"
  package static let summary =
    "A supervisor or an admin looks on, or no longer. Supervisors and admins alone are told."
  package static let audience = NewsAudience.supervisors

  package var by: String
  package var role: UserRole
  package var shown: String
  package var on: Bool
  package init(by: String, role: UserRole, shown: String, on: Bool) {
    (self.by, self.role, self.shown, self.on) = (by, role, shown, on)
  }

  package static let fields = Fields(
    Self.init(by:role:shown:on:),
    Field(1, "by", { $0.by }, .text(128), "Who."),
    Field(2, "role", { $0.role }, .role, "What they are."),
    Field(3, "name", { $0.shown }, .text(256), "That one's name."),
    Field(4, "on", { $0.on }, .flag, "Whether they look on."))
}
