internal import Kernel

/// Reads what the team has written to each other in a session.
package struct Notes: SessionQuery, PagedQuery {
  package typealias Answer = NotePage

  package static let name: StaticString = "notes"
  package static let frameType: UInt8 = 110
  package static let summary = "Notes of a session, ascending by their `seq`"
  package static let about = """
    For agents who may read the session, supervisors and admins; never for customers. Whispers are left out but for whoever they were for, \
    supervisors and admins. Also of sessions that have left memory.
    """
  package static let allowed = Roles.staff
  package static let audit = AuditRule.inForeignSession
  package static let route: Route? = Route(.get, "/v1/sessions/{session}/notes")

  /// Of one answer, and when nobody says how many.
  package static let most = 200
  package static let usual = 50
  /// Of the notes of one answer, in bytes; one note at the least.
  static let mostBytes = 64 << 10

  package var session: SessionID
  package var after: Sequence?
  package var limit: Int
  package init(session: SessionID, after: Sequence? = nil, limit: Int = usual) {
    (self.session, self.after, self.limit) = (session, after, limit)
  }

  package static let fields = Fields(
    Self.init(session:after:limit:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "after", { $0.after }, .optional(.sequence), "The first notes behind this `seq`."),
    Field(
      3, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most)."))

  package var auditMatter: AuditMatter { AuditMatter(session: session) }

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> NotePage {
    guard let found = desk.session(session) else { throw .noSuchSession }
    guard reader.person.role != .customer, desk.mayRead(reader.person, session: session) else {
      throw .notYours
    }
    let page = page(of: found.team?.notes ?? NoteList(), for: reader.person)
    reader.look(at: page.notes.count)
    return page
  }

  package func answer(
    to reader: QueryReader, over row: ArchivedSession
  ) throws(Failure) -> NotePage {
    guard reader.person.role != .customer else { throw .notYours }
    return page(of: row.team?.notes ?? NoteList(), for: reader.person)
  }

  private func page(of notes: NoteList, for person: Person) -> NotePage {
    let page = notes.page(after: after ?? .zero, for: person, limit: limit, mostBytes: Self.mostBytes)
    return NotePage(session: session, notes: page.notes, more: page.more)
  }

  package static let placeField: StaticString = "after"
  package static let listField: StaticString = "notes"
  package var place: Sequence? {
    get { after }
    set { after = newValue }
  }
  package func place(behind answer: NotePage) -> Sequence? { answer.more ? answer.notes.last?.sequence : nil }
}

/// A part of the notes of a session.
package struct NotePage: AnswerRecord, Hashable {
  package static let name: StaticString = "notes"
  package static let frameType: UInt8 = 222

  package var session: SessionID
  package var notes: [Note]
  /// There are others behind them.
  package var more: Bool
  package init(session: SessionID, notes: [Note], more: Bool) {
    (self.session, self.notes, self.more) = (session, notes, more)
  }

  package static let fields = Fields(
    Self.init(session:notes:more:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "notes", { $0.notes }, .list(of: .record(Note.fields), upTo: Notes.most), "Ascending by `seq`."),
    Field(3, "more", { $0.more }, .flag, "Whether there are others behind them."))
}

extension Sequence: PagePlace {
  package var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> (56 - 8 * UInt64($0))) } }

  package init?(bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    self.init(bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
