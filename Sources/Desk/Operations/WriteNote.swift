package import Kernel

/// Writes something that the customer does not see.
package struct WriteNote: NoteOperation {
  package static let number: UInt16 = 38
  package static let since = Level.ninth
  package static let name: StaticString = "note"
  package static let summary = "Write a note that the customer never sees"
  package static let about = """
    For whoever serves the session or is invited to it, supervisors and admins; told to those of them who follow it. Notes have a \
    `seq` of their own. Up to \(NoteList.most) notes of \(NoteList.mostBytes) bytes in all; one more is refused (`too_large`). A session \
    that is closed takes notes for as long as it is in memory.
    """
  package static let allowed = Roles.staff
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/notes")
  package static let events: [any SessionNews.Type] = [Noted.self, NotesTold.self]
  package static let whenClosed = WhenClosed.performed

  package var session: SessionID
  /// UTF-8.
  package var body: [UInt8]
  package init(session: SessionID, body: [UInt8]) { (self.session, self.body) = (session, body) }

  package static let fields = Fields(
    Self.init(session:body:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "body", { $0.body }, .body, "What it says, up to the `body_bytes` of `welcome`."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool {
    person.supervises || session.takesPart(person)
  }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    try scope.checkRoom(forNote: body)
    scope.addNote(.note, body)
  }
}

/// Keeps words of the team with a session.
package protocol NoteOperation: SessionOperation {
  /// UTF-8.
  var body: [UInt8] { get }
}

extension NoteOperation {
  package static var takesMemory: Bool { true }
  package static var isUnseen: Bool { true }

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    try asker.checkNote(body, "body")
    return .perform(OperationRecord(self, id: asker.requestID, expecting: asker.expectation))
  }
}

extension Asker {
  /// - Throws: `Failure`: it is longer than a message may be.
  func checkNote(_ body: [UInt8], _ field: StaticString) throws(Failure) {
    guard bodyBytes > 0, body.count > bodyBytes else { return }
    throw Failure(.tooLarge, "`\(field)` has \(body.count) bytes; \(bodyBytes) are allowed.")
  }
}

extension SessionScope {
  /// - Throws: `Refusal`: the session has as many notes as it can.
  func checkRoom(forNote body: [UInt8]) throws(Refusal) {
    guard (session.team?.notes ?? NoteList()).hasRoom(for: body, id: requestID) else { throw .tooManyNotes }
  }

  /// The note is kept and told. There is room for it.
  /// - Parameter to: of a whisper: who serves now.
  mutating func addNote(_ kind: Note.Kind, _ body: [UInt8], to: AgentID? = nil) {
    let (by, id, now) = (by, requestID, now)
    var note: Note?
    desk.changeSession(self.id) { session in
      session.changeTeam { team in
        let next = Note(
          sequence: team.notes.last.next, kind: kind, id: id, author: by, to: to?.rawValue, body: body,
          time: now)
        team.notes.add(next)
        note = next
      }
    }
    guard let note else { return }
    if kind == .whisper { tell(Whispered(note: note)) } else { tell(Noted(note: note)) }
  }
}

/// Somebody of the team has written a note.
package struct Noted: SessionNews {
  package static let number: UInt16 = 38
  package static let name: StaticString = "note"
  package static let summary = "Somebody of the team has written a note. The customer is not told."
  package static let audience = NewsAudience.staff

  package var note: Note
  package init(note: Note) { self.note = note }

  package static let fields = Fields(
    Self.init(note:), Field(1, "note", { $0.note }, .record(Note.fields), "The note."))
}

/// Up to where there are notes.
package struct NotesTold: SessionNews {
  package static let number: UInt16 = 41
  package static let name: StaticString = "notes"
  package static let summary =
    "The session has notes up to this one. Told to staff who follow it anew, or again: `notes` reads those that are missing."
  package static let audience = NewsAudience.staff

  package var seq: Sequence
  package init(seq: Sequence) { self.seq = seq }

  package static let fields = Fields(
    Self.init(seq:), Field(1, "last", { $0.seq }, .sequence, "The `seq` of the last note."))
}
