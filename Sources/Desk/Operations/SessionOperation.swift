package import Kernel

/// An operation that changes one session, by the session's owner under its epoch: declared, permitted and carried out in one
/// file. It travels as an `Envelope`, is done once whatever is repeated (`DoneWindow`), and leaves its traces as facets of the
/// session and as events.
package protocol SessionOperation: ClientOperation {
  /// In logs, for ever. From 32 on: the lower ones are those of `CommandTag` and `WidenedNumber`.
  static var number: UInt16 { get }
  /// The first level whose nodes know it.
  static var since: Level { get }
  /// What it tells to those who follow the session.
  static var events: [any SessionNews.Type] { get }
  /// What it keeps with the session.
  static var facets: [any SessionFacet.Type] { get }
  /// What a closed session makes of it.
  static var whenClosed: WhenClosed { get }
  /// The session takes more memory for it: refused where a node has none left. What has to go on then, as a transfer with its note, is not.
  static var takesMemory: Bool { get }
  /// Its customer learns nothing of it, so the session keeps its version and the time of its last change.
  static var isUnseen: Bool { get }

  var session: SessionID { get set }

  /// Whether this person may do it in this session; that the role may at all is known before.
  static func permits(_ person: Person, in session: borrowing Session) -> Bool
  /// Carries it out. Nothing but the scope decides what comes of it: all nodes do this, for ever, to the same log.
  /// - Throws: `Refusal`; nothing may have been changed then.
  func apply(to scope: inout SessionScope) throws(Refusal)

  /// Whether it can be done to a session that has left the state: see `AnnotateSession`.
  static var annotates: Bool { get }
  /// Whether this person may do it to such a session.
  static func permits(_ person: Person, over row: ArchivedSession) -> Bool
  /// Carries it out on what archives have of the session.
  /// - Throws: `Refusal`
  func annotate(_ row: inout ArchivedSession, by person: Person, at now: UInt64) throws(Refusal)
  /// What is told of that; nil: nothing.
  func news(by person: Person) -> NewsRecord?
}

/// What a closed session makes of an operation.
package enum WhenClosed: Sendable {
  /// It is refused: nothing changes a closed session.
  case refused
  /// What was asked for is so already.
  case done
  /// It is carried out all the same.
  case performed
}

extension SessionOperation {
  /// A test sees to it that none is above 127.
  package static var frameType: UInt8 { UInt8(truncatingIfNeeded: number) }
  package static var answer: AnswerKind { .ok }
  package static var audit: AuditRule { .inForeignSession }
  package var auditMatter: AuditMatter { AuditMatter(session: session) }
  package static var isRemembered: Bool { true }
  package static var events: [any SessionNews.Type] { [] }
  package static var facets: [any SessionFacet.Type] { [] }
  package static var whenClosed: WhenClosed { .refused }
  package static var takesMemory: Bool { !facets.isEmpty }
  package static var isUnseen: Bool { false }

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    try check()
    return .perform(OperationRecord(self, id: asker.requestID, expecting: asker.expectation))
  }
}

extension SessionOperation {
  /// Any one that is taken, for this session: for those who try all that is declared.
  package static func sample(in session: SessionID, _ random: inout SeededGenerator) -> Self {
    var operation = fields.sample(&random)
    // A declaration whose samples seldom go together is found by its tests, not here.
    while (try? operation.check()) == nil { operation = fields.sample(&random) }
    operation.session = session
    return operation
  }
}

extension DeskRequest {
  package static func perform<One: SessionOperation>(_ operation: One, id: String) -> DeskRequest {
    .perform(OperationRecord(operation, id: id))
  }
}

extension Operations {
  /// Those that change a session, by number.
  package static let ofSessions: [UInt16: any SessionOperation.Type] = {
    var table: [UInt16: any SessionOperation.Type] = [:]
    for case let type as any SessionOperation.Type in all { table[type.number] = type }
    return table
  }()
}
