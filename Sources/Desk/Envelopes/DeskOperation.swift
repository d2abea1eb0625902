package import Kernel

/// An operation of one desk that belongs to no session, declared and carried out in one file, as `SessionOperation` is for those of
/// sessions. It goes into the log as a `DeskEnvelope`, and is done once whatever is repeated: the desk keeps the last of them.
package protocol DeskOperation: ClientOperation {
  /// In logs, for ever. From 192 to 255; those of the cluster are from 128 to 191.
  static var number: UInt16 { get }
  /// The first level whose nodes know it.
  static var since: Level { get }

  /// Carries it out. Nothing but the scope decides what comes of it.
  /// - Throws: `Refusal`; nothing may have been changed then.
  func apply(to scope: inout DeskScope) throws(Refusal)
  /// It was carried out before, and is asked for again: on another connection perhaps.
  func applyAgain(to scope: inout DeskScope)
}

extension DeskOperation {
  package static var answer: AnswerKind { .ok }
  /// What agents do is their everyday work.
  package static var audit: AuditRule { allowed.contains(.agent) ? .never : .byStaff }
  package func applyAgain(to scope: inout DeskScope) {}

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    try check()
    return .arrange(DeskRecord(self, id: asker.requestID), stays: asker.stays)
  }
}

/// What somebody asks of a desk, in the form in which it travels.
package struct DeskRecord: Hashable, Sendable {
  /// Which operation: see `Operations.ofDesks`.
  package let operation: UInt16
  package let since: Level
  /// By it a repetition is known; empty: it is done each time.
  package let requestID: String
  /// The operation's fields, as `Fields.encode` gives them.
  package let fields: [UInt8]

  package init<One: DeskOperation>(_ operation: One, id: String) {
    self.operation = One.number
    since = max(.sixth, One.since, One.fields.since(operation))
    requestID = id
    fields = One.fields.encode(operation)
  }

  /// From a log.
  /// - Throws: `DecodingFailure` for an operation that this build does not know, or fields that are not its own.
  init(reading number: UInt16, id: String, fields: [UInt8]) throws(DecodingFailure) {
    guard let type = Operations.ofDesks[number] else { throw .invalid("operation \(number) is not known") }
    self = try Self.read(type, id: id, fields: fields)
  }

  private static func read<One: DeskOperation>(
    _: One.Type, id: String, fields: [UInt8]
  ) throws(DecodingFailure) -> Self {
    DeskRecord(try One.fields.decode(fields), id: id)
  }

  /// - Returns: nil when it is another operation.
  package func opened<One: DeskOperation>(as _: One.Type) -> One? {
    operation == One.number ? try? One.fields.decode(fields) : nil
  }

  /// Bytes that it holds.
  package var size: Int { requestID.utf8.count + fields.count }
  var digest: UInt64 { RunningDigest.value(of: fields) }
}

/// An operation of a desk on its way into the log.
package struct DeskEnvelope: Hashable, Sendable {
  package let record: DeskRecord
  package let by: Person
  package let desk: DeskNumber
  /// The connection that has asked, if it stays; nil: it is gone with its answer.
  package let presence: Presence?
  /// How long an agent who goes keeps its chats, in ms; nil: it does not go.
  package let grace: UInt64?

  package init(
    _ record: DeskRecord, by person: Person, in desk: DeskNumber, presence: Presence?, grace: UInt64? = nil
  ) {
    (self.record, by, self.desk, self.presence, self.grace) = (record, person, desk, presence, grace)
  }
}

/// A desk as such an operation sees it while it is carried out.
package struct DeskScope {
  var desk: DeskState
  var effects: [Effect]
  let envelope: DeskEnvelope
  /// Who does it.
  package var by: Person { envelope.by }
}

extension ReplicatedState {
  mutating func apply(_ envelope: DeskEnvelope, from origin: Origin, into effects: inout [Effect]) -> Answer {
    if let presence = envelope.presence, isEarlierLife(origin, of: presence.server) {
      return .refused(.earlierLife)
    }
    return change(envelope.desk, else: .noSuchDesk) { $0.apply(envelope, into: &effects) }
  }
}

extension DeskState {
  fileprivate mutating func apply(_ envelope: DeskEnvelope, into effects: inout [Effect]) -> Answer {
    let record = envelope.record
    guard level >= record.since, let type = Operations.ofDesks[record.operation],
      type.allowed.contains(Roles(envelope.by.role))
    else { return .refused(.forbidden) }
    var isAgain = false
    if !record.requestID.isEmpty, let first = done.find(record.requestID, by: envelope.by) {
      guard first.operation == record.operation, first.digest == record.digest else {
        return .refused(.conflict)
      }
      isAgain = true
    }
    return carryOut(type, envelope, isAgain: isAgain, into: &effects)
  }

  private mutating func carryOut<One: DeskOperation>(
    _: One.Type, _ envelope: DeskEnvelope, isAgain: Bool, into effects: inout [Effect]
  ) -> Answer {
    // Whoever has read the command has read its fields.
    guard let operation = envelope.record.opened(as: One.self) else { return .refused(.forbidden) }
    // Moved, not copied: while there is a copy, the first change of each shard would copy that shard.
    var scope = DeskScope(desk: consume self, effects: consume effects, envelope: envelope)
    let answer: Answer
    do throws(Refusal) {
      if isAgain {
        operation.applyAgain(to: &scope)
      } else {
        try operation.apply(to: &scope)
        if !envelope.record.requestID.isEmpty { scope.desk.done.add(envelope) }
        if One.audit.notes(envelope.by, serves: nil) {
          let desk = scope.desk.number
          scope.desk.note(
            AuditNote(envelope.by, "\(One.name)", operation.auditMatter, in: desk), into: &scope.effects)
        }
      }
      answer = .done
    } catch {
      answer = .refused(error)
    }
    (self, effects) = (scope.desk, scope.effects)
    return answer
  }
}

extension DoneWindow {
  fileprivate mutating func add(_ envelope: DeskEnvelope) {
    add(
      DoneWindow.Done(
        person: TextKey(envelope.by.id), role: envelope.by.role, request: TextKey(envelope.record.requestID),
        operation: envelope.record.operation, digest: envelope.record.digest))
  }
}

extension Operations {
  /// Those of desks, by number.
  package static let ofDesks: [UInt16: any DeskOperation.Type] = {
    var table: [UInt16: any DeskOperation.Type] = [:]
    for case let type as any DeskOperation.Type in all { table[type.number] = type }
    return table
  }()
}
