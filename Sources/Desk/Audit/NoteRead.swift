internal import Kernel

/// Somebody of the staff is about to read what is not their own: noted before they are shown anything. From level 8 on.
package struct NoteRead: Hashable, Sendable {
  package var desk: DeskNumber
  package var note: AuditNote
  package init(desk: DeskNumber, note: AuditNote) { (self.desk, self.note) = (desk, note) }
}

extension DeskState {
  mutating func apply(_ read: NoteRead, into effects: inout [Effect]) -> Answer {
    guard level >= .eighth, let role = UserRole(name: read.note.role), role != .customer else {
      return .refused(.forbidden)
    }
    note(read.note, into: &effects)
    return .done
  }
}

extension ReplicatedState {
  /// Whether it is noted that the person reads something.
  /// - Parameter session: that it is about; one that is not in the state is nobody's any more, and may be whoever's.
  package func notes(_ rule: AuditRule, of person: Person, in session: SessionID?) -> Bool {
    rule.notes(person, serves: session.flatMap { id in look(id.desk) { $0.takesPart(person, in: id) } } ?? nil)
  }
}

extension DeskState {
  fileprivate func takesPart(_ person: Person, in session: SessionID) -> Bool? {
    sessionTable.read(session) { $0.takesPart(person) }
  }
}
