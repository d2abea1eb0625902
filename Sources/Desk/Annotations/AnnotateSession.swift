package import Kernel

/// An operation on a session that has left the state: what it was, as an archive of the cluster has it, and what somebody says of it. From
/// level 9 on.
///
/// The state knows nothing of such a session any more. The node that is asked reads the row from its archive and proposes both, and
/// all archives put the row that comes of it in the place of theirs: one that has never had it has it then.
package struct AnnotateSession: Hashable, Sendable {
  package static let since = Level.ninth

  package var envelope: Envelope
  /// As it was before.
  package var row: ArchivedSession
  package init(_ envelope: Envelope, of row: ArchivedSession) { (self.envelope, self.row) = (envelope, row) }
}

extension SessionOperation {
  package static var annotates: Bool { false }
  package static func permits(_ person: Person, over row: ArchivedSession) -> Bool { false }
  package func annotate(_ row: inout ArchivedSession, by person: Person, at now: UInt64) throws(Refusal) {
    throw .notFound
  }
  package func news(by person: Person) -> NewsRecord? { nil }
}

extension OperationRecord {
  /// Whether it can be done to a session that has left the state.
  package var annotates: Bool { Operations.ofSessions[operation]?.annotates ?? false }
}

extension DeskState {
  mutating func apply(_ annotation: AnnotateSession, into effects: inout [Effect]) -> Answer {
    let (envelope, row) = (annotation.envelope, annotation.row)
    guard level >= AnnotateSession.since, let type = Operations.ofSessions[envelope.operation], type.annotates,
      type.permits(envelope.by, over: row)
    else { return .refused(.forbidden) }
    guard row.session == envelope.session, row.session.logIndex < servers.entry,
      !sessionTable.contains(row.session), !isErased(row)
    else { return .refused(.notFound) }
    if !envelope.requestID.isEmpty, let first = done.find(envelope.requestID, by: envelope.by) {
      return first.operation == envelope.operation && first.digest == envelope.record.digest
        ? .done : .refused(.conflict)
    }
    return carryOut(type, annotation, into: &effects)
  }

  /// Its customer was erased since the row was read.
  private func isErased(_ row: ArchivedSession) -> Bool {
    servers.erasures.entry(ErasureMark(desk: number, customer: row.customer)).map {
      $0.index > row.session.logIndex
    } ?? false
  }

  private mutating func carryOut<One: SessionOperation>(
    _: One.Type, _ annotation: AnnotateSession, into effects: inout [Effect]
  ) -> Answer {
    let (envelope, by) = (annotation.envelope, annotation.envelope.by)
    guard let operation = envelope.opened(as: One.self) else { return .refused(.forbidden) }
    var row = annotation.row
    do throws(Refusal) { try operation.annotate(&row, by: by, at: now) } catch { return .refused(error) }
    if !envelope.requestID.isEmpty { done.add(envelope) }
    effects.append(.annotated(row))
    if let news = operation.news(by: by) { effects.append(.news(row.session, news)) }
    if One.audit.notes(by, serves: row.agents.contains { $0.hasSameBytes(as: by.id) }) {
      let desk = number
      note(AuditNote(by, "\(One.name)", operation.auditMatter, in: desk), into: &effects)
    }
    return .done
  }
}

extension ReplicatedState {
  /// What is to be proposed for an operation on a session that has left the state.
  /// - Throws: `Failure`: see `over`; the operation is none for such sessions, or the person may not do it.
  package func annotation(
    _ envelope: Envelope, of desk: DeskName, from archive: some ArchiveReading, isCaughtUp: Bool
  ) throws(Failure) -> AnnotateSession {
    guard let number = number(of: desk), envelope.session.desk == number else { throw .noSuchSession }
    let row = try over(envelope.session, by: nil, from: archive, isCaughtUp: isCaughtUp)
    guard let type = Operations.ofSessions[envelope.operation], type.permits(envelope.by, over: row) else {
      throw .notYours
    }
    guard envelope.record.expectation == .none else {
      throw Failure(.preconditionFailed, "the session is over and has no version any more; ask without one")
    }
    return AnnotateSession(envelope, of: row)
  }
}
