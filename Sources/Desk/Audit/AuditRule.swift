/// Whether it is noted who does something: declared with each operation and each query.
package enum AuditRule: Sendable {
  /// Everyday work of whoever does it, or nothing that names anybody.
  case never
  /// Whoever of the staff does it.
  case byStaff
  /// Whoever of the staff does it in a conversation that they do not serve.
  case inForeignSession
}

/// What an entry of an audit says beside who and what. Never a word of a conversation, nor of a search.
package struct AuditMatter: Hashable, Sendable {
  package static let none = AuditMatter()

  package var session: SessionID?
  /// The id. An entry has a mark of it alone.
  package var customer: String?
  /// What else tells it from others: names of desks and settings, numbers.
  package var detail: String?

  package init(session: SessionID? = nil, customer: String? = nil, detail: String? = nil) {
    (self.session, self.customer, self.detail) = (session, customer, detail)
  }
}

extension AuditRule {
  /// Whether it is noted that the person does something.
  /// - Parameter serves: whether the person serves the session that it is about, as it was before; nil: it is about none, or about
  ///   one that is not in the state, and nobody can say whose that was.
  func notes(_ person: Person, serves: @autoclosure () -> Bool?) -> Bool {
    guard person.role != .customer else { return false }
    return switch self {
    case .never: false
    case .byStaff: true
    case .inForeignSession: serves() != true
    }
  }
}

extension ClientOperation {
  package var auditMatter: AuditMatter { .none }
}
