package import Kernel

/// Writes something to whoever serves a session, and to nobody else.
package struct Whisper: NoteOperation {
  package static let number: UInt16 = 39
  package static let since = Level.ninth
  package static let name: StaticString = "whisper"
  package static let summary = "Write a note to whoever serves a session alone"
  package static let about = """
    For supervisors and admins. Told to the agent who serves, and to supervisors and admins who follow the session; whoever serves \
    it later does not read it. A note in all else.
    """
  package static let allowed: Roles = [.supervisor, .admin]
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/whisper")
  package static let events: [any SessionNews.Type] = [Whispered.self]

  package var session: SessionID
  /// UTF-8.
  package var body: [UInt8]
  package init(session: SessionID, body: [UInt8]) { (self.session, self.body) = (session, body) }

  package static let fields = Fields(
    Self.init(session:body:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "body", { $0.body }, .body, "What it says, up to the `body_bytes` of `welcome`."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { person.supervises }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    guard let agent = scope.session.agents.first else { throw .unserved }
    try scope.checkRoom(forNote: body)
    scope.addNote(.whisper, body, to: agent)
  }
}

/// A supervisor has written to whoever serves.
package struct Whispered: SessionNews {
  package static let number: UInt16 = 39
  package static let name: StaticString = "whisper"
  package static let summary =
    "A supervisor or an admin has written to whoever serves. Nobody else is told but supervisors and admins."
  package static let audience = NewsAudience.supervisors

  package var note: Note
  package init(note: Note) { self.note = note }

  package func isFor(_ person: Person) -> Bool { note.isFor(person) }

  package static let fields = Fields(
    Self.init(note:), Field(1, "note", { $0.note }, .record(Note.fields), "The note."))
}
