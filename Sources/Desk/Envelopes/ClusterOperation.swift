package import Kernel

/// An operation of the cluster that belongs to no session and to no desk: declared and carried out in one file, as
/// `SessionOperation` is for those of sessions. It goes into the log as a `ClusterEnvelope`, and is done once whatever is
/// repeated. For admins of the cluster: those whose token names no desk.
package protocol ClusterOperation: ClientOperation {
  /// In logs, for ever. From 128 to 191; those of sessions are from 32 to 127.
  static var number: UInt16 { get }
  /// The first level whose nodes know it.
  static var since: Level { get }

  /// Carries it out. Nothing but the scope decides what comes of it.
  /// - Throws: `Refusal`; nothing may have been changed then.
  func apply(to scope: inout ClusterScope) throws(Refusal)
}

extension ClusterOperation {
  package static var frameType: UInt8 { UInt8(truncatingIfNeeded: number) }
  package static var answer: AnswerKind { .ok }
  package static var isRemembered: Bool { true }
  package static var allowed: Roles { .admin }
  package static var audit: AuditRule { .byStaff }

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    guard asker.isClusterAdmin else {
      throw Failure(
        .forbidden,
        "`\(Self.name)` is for admins of the cluster: those whose token names no `desk`. Yours does.")
    }
    try check()
    return .govern(ClusterRecord(self, id: asker.requestID))
  }
}

/// What somebody asks of the cluster, in the form in which it travels.
package struct ClusterRecord: Hashable, Sendable {
  /// Which operation: see `Operations.ofCluster`.
  package let operation: UInt16
  package let since: Level
  package let requestID: String
  /// The operation's fields, as `Fields.encode` gives them.
  package let fields: [UInt8]

  package init<One: ClusterOperation>(_ operation: One, id: String) {
    self.operation = One.number
    since = max(.fourth, One.since, One.fields.since(operation))
    requestID = id
    fields = One.fields.encode(operation)
  }

  /// From a log.
  /// - Throws: `DecodingFailure` for an operation that this build does not know, or fields that are not its own.
  init(reading number: UInt16, id: String, fields: [UInt8]) throws(DecodingFailure) {
    guard let type = Operations.ofCluster[number] else { throw .invalid("operation \(number) is not known") }
    self = try Self.read(type, id: id, fields: fields)
  }

  private static func read<One: ClusterOperation>(
    _: One.Type, id: String, fields: [UInt8]
  ) throws(DecodingFailure) -> Self {
    ClusterRecord(try One.fields.decode(fields), id: id)
  }

  var digest: UInt64 { RunningDigest.value(of: fields) }
}

/// An operation of the cluster on its way into the log.
package struct ClusterEnvelope: Hashable, Sendable {
  package let record: ClusterRecord
  package let by: Person

  package init(_ record: ClusterRecord, by person: Person) {
    (self.record, by) = (record, person)
  }

  package init<One: ClusterOperation>(_ operation: One, id: String, by person: Person) {
    self.init(ClusterRecord(operation, id: id), by: person)
  }
}

/// The cluster as such an operation sees it while it is carried out.
package struct ClusterScope {
  var state: ReplicatedState
  /// Who does it.
  package let by: Person
}

extension ReplicatedState {
  mutating func apply(_ envelope: ClusterEnvelope, into effects: inout [Effect]) -> Answer {
    let record = envelope.record
    guard level >= record.since, envelope.by.role == .admin else { return .refused(.forbidden) }
    if let first = done.find(record.requestID, by: envelope.by) {
      let isSame = first.operation == record.operation && first.digest == record.digest
      return isSame ? .done : .refused(.conflict)
    }
    guard let type = Operations.ofCluster[record.operation] else { return .refused(.forbidden) }
    return carryOut(type, envelope, into: &effects)
  }

  private mutating func carryOut<One: ClusterOperation>(
    _: One.Type, _ envelope: ClusterEnvelope, into effects: inout [Effect]
  ) -> Answer {
    guard let operation = try? One.fields.decode(envelope.record.fields) else { return .refused(.forbidden) }
    // Moved, not copied: while there is a copy, the first change of each shard would copy that shard.
    var scope = ClusterScope(state: consume self, by: envelope.by)
    let answer: Answer
    do throws(Refusal) {
      try operation.apply(to: &scope)
      scope.state.done.add(envelope)
      answer = .done
    } catch {
      answer = .refused(error)
    }
    self = scope.state
    if answer == .done, One.audit.notes(envelope.by, serves: nil) {
      // What belongs to no desk is in the audit of the main one.
      change(.main) { desk in
        desk.note(
          AuditNote(envelope.by, "\(One.name)", operation.auditMatter, in: .main), into: &effects)
      }
    }
    return answer
  }
}

extension DoneWindow {
  mutating func add(_ envelope: ClusterEnvelope) {
    add(
      DoneWindow.Done(
        person: TextKey(envelope.by.id), role: envelope.by.role, request: TextKey(envelope.record.requestID),
        operation: envelope.record.operation, digest: envelope.record.digest))
  }
}

extension Operations {
  /// Those of the cluster, by number.
  package static let ofCluster: [UInt16: any ClusterOperation.Type] = {
    var table: [UInt16: any ClusterOperation.Type] = [:]
    for case let type as any ClusterOperation.Type in all { table[type.number] = type }
    return table
  }()
}
