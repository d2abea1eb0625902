internal import Kernel

/// Says why a session was given to whom, or why it waits.
package struct Explain: DeskQuery {
  package typealias Answer = Explanation

  package static let name: StaticString = "explain"
  package static let frameType: UInt8 = 103
  package static let summary = "Why a session was given to an agent, or why it waits"
  package static let about = """
    The last assignments: by which policy and version, who could have been asked, what was compared, and why the others could not. Of \
    one that waits also who could take it, and why they do not.
    """
  package static let allowed = Roles.staff
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/sessions/{session}/explain")

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> Explanation
  {
    guard let session = desk.session(session) else {
      throw Failure(.notFound, "There is no such session.")
    }
    let wait = session.state == .queued ? desk.explainWait(of: session, room: reader.room) : nil
    reader.look(at: wait?.looked ?? 1)
    return Explanation(session, wait: wait?.explanation)
  }
}

/// What there is to say of a session's way to its agents.
package struct Explanation: AnswerRecord, Hashable {
  package static let name: StaticString = "explanation"
  package static let frameType: UInt8 = 221

  package var session: SessionID
  package var state: String
  /// ms since 1970.
  package var arrival: Int64
  package var assignments: [AssignmentRecord]
  package var wait: WaitExplanation?

  init(_ session: Session, wait: WaitExplanation?) {
    let routing = session.routingOrUsual
    self.init(
      session: session.id, state: session.state.name, arrival: routing.arrival,
      assignments: routing.assignments.compactMap { try? AssignmentRecord.fields.decode($0) }, wait: wait)
  }

  private init(
    session: SessionID, state: String, arrival: Int64, assignments: [AssignmentRecord],
    wait: WaitExplanation?
  ) {
    (self.session, self.state, self.arrival) = (session, state, arrival)
    (self.assignments, self.wait) = (assignments, wait)
  }

  package static let fields = Fields(
    Self.init(session:state:arrival:assignments:wait:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "state", { $0.state }, .text(16), "`queued`, `active` or `closed`."),
    Field(
      3, "arrival", { $0.arrival }, .integer,
      "What orders its line: when it was opened, less what its priority is worth; in ms since 1970."),
    Field(
      4, "assignments", { $0.assignments },
      .list(of: .record(AssignmentRecord.fields), upTo: SessionRouting.mostAssignments),
      "The last ones, the oldest first."),
    Field(
      5, "wait", { $0.wait }, .optional(.record(WaitExplanation.fields)), "Why it waits; left out: it does not."
    ))
}

extension ReplicatedState {
  /// The last assignments of a session, the oldest first; none: there is no such session, or it was given to nobody since level 9.
  package func assignments(of session: SessionID) -> [AssignmentRecord] {
    let kept =
      look(session.desk) { $0.sessionTable.read(session) { $0.routingOrUsual.assignments } ?? [] } ?? []
    return kept.compactMap { try? AssignmentRecord.fields.decode($0) }
  }
}

extension FieldType where Value == Int64 {
  /// A whole number, possibly negative.
  static var integer: Self {
    FieldType(
      schema: #""type": "integer""#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard let number = value.integer(in: text) else {
          throw .malformed("must be a whole number of 64 bits")
        }
        return number
      },
      write: { number, writer in
        if number < 0 { writer.write(literal: "-") }
        writer.write(decimal: number.magnitude)
      },
      form: .numbered(
        { UInt64(bitPattern: ($0 << 1) ^ ($0 >> 63)) },
        { (number: UInt64) in Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1) }, name: "zigzag"),
      check: { $0 }, sample: { Int64(bitPattern: $0.next()) >> Int64($0.next() % 64) })
  }
}
