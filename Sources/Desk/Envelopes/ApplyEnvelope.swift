internal import Kernel

/// What an operation comes to, before it goes into the log and when it comes out of it: the same for all of them.
extension Session {
  /// What was done was done, whatever has become of the session and of the one who asked.
  func foresee(_ envelope: borrowing Envelope) -> Foresight {
    if let first = firstAnswer(to: envelope) { return .settled(first) }
    guard let type = Operations.ofSessions[envelope.operation], type.permits(envelope.by, in: self) else {
      return refusal(.forbidden)
    }
    // A newer state may be what was expected, unless nothing changes this one any more.
    let isExpected = envelope.record.expectation.isMet(by: self)
    guard isClosed else { return isExpected ? .undecided : .doubtful(.refused(.preconditionFailed)) }
    switch type.whenClosed {
    case .refused: return .settled(.refused(.sessionClosed))
    case .done: return isExpected ? .settled(.done) : .doubtful(.refused(.preconditionFailed))
    case .performed: return isExpected ? .undecided : .doubtful(.refused(.preconditionFailed))
    }
  }

  /// nil: it is not known to have been done.
  private func firstAnswer(to envelope: borrowing Envelope) -> Answer? {
    guard !envelope.requestID.isEmpty else { return nil }
    let known =
      done.find(envelope.requestID, by: envelope.by)
      ?? keptTeam?.value.done.find(envelope.requestID, by: envelope.by)
    if let done = known {
      let isSame = done.operation == envelope.operation && done.digest == envelope.record.digest
      return isSame ? .done : .refused(.conflict)
    }
    return answerOfEarlierLevels(to: envelope)
  }

  mutating func remember(_ envelope: borrowing Envelope, level: Level) {
    guard level >= Envelope.since else { return rememberAtEarlierLevel(envelope, level: level) }
    guard !envelope.requestID.isEmpty else { return }
    if Operations.ofSessions[envelope.operation]?.isUnseen == true {
      // Copied: it is borrowed for as long as the team changes.
      let envelope = copy envelope
      changeTeam { $0.done.add(envelope) }
    } else {
      done.add(envelope)
    }
  }
}

extension DeskState {
  mutating func apply(_ envelope: Envelope, into effects: inout [Effect]) -> Answer {
    guard let session = session(envelope.session) else { return .refused(.notFound) }
    switch session.foresee(envelope) {
    case .settled(let answer), .doubtful(let answer): return answer
    case .undecided: break
    }
    guard envelope.epoch == session.epoch else { return .refused(.staleEpoch) }
    guard let type = Operations.ofSessions[envelope.operation] else { return .refused(.forbidden) }
    return carryOut(type, envelope, in: session, into: &effects)
  }

  private mutating func carryOut<One: SessionOperation>(
    _: One.Type, _ envelope: Envelope, in session: Session, into effects: inout [Effect]
  ) -> Answer {
    // Whoever has read the command has read its fields.
    guard let operation = envelope.opened(as: One.self) else { return .refused(.forbidden) }
    let untouched = effects.count
    // Moved, not copied: while there is a copy, the first change of each shard would copy that shard.
    var scope = SessionScope(
      session, by: envelope.by, request: envelope.requestID, in: consume self, consume effects)
    let answer: Answer
    do throws(Refusal) {
      try operation.apply(to: &scope)
      let level = scope.desk.level
      _ = scope.desk.sessionTable.update(envelope.session) { $0.remember(envelope, level: level) }
      if One.audit.notes(envelope.by, serves: session.takesPart(envelope.by)) {
        let desk = scope.desk.number
        scope.desk.note(
          AuditNote(envelope.by, "\(One.name)", operation.auditMatter, in: desk), into: &scope.effects)
      }
      answer = .done
    } catch {
      scope.effects.removeSubrange(untouched...)
      answer = .refused(error)
    }
    self = scope.desk
    effects = scope.effects
    return answer
  }
}
