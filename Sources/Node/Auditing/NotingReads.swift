import Desk
import Kernel
import Protocol

/// Reads of the staff that are noted before they are answered: see `AuditRule`. From level 8 on.
extension Node {
  /// - Returns: it waits for that, or was answered.
  mutating func waitsForNote(_ request: ClientRequest) -> Bool {
    guard state.level >= .eighth, request.person.role != .customer, !has(.readUnnoted),
      let read = noteOfRead(request),
      !audited.isNoted(read, at: now)
    else { return false }
    if !request.body.isResume, let failure = readFailureNow() {
      answer(request, .failed(failure))
      return true
    }
    guard audited.hasRoom else {
      if let reply = request.replyWhenFull { answer(request, reply) }
      return true
    }
    note(read, for: .client(request))
    return true
  }

  /// A page that is read from this node's state by somebody of whom the node knows nothing else.
  mutating func noteForCall(_ person: Person, _ name: DeskName, _ session: SessionID, _ number: UInt64) {
    guard state.level >= .eighth, let desk = state.number(of: name),
      let read = noteOfRead(History.self, AuditMatter(session: session), by: person, in: desk),
      !audited.isNoted(read, at: now)
    else { return output.answers.append((number, .readable(nil))) }
    if let failure = readFailureNow() { return output.answers.append((number, .readable(failure))) }
    guard audited.hasRoom else { return output.answers.append((number, .readable(.tooManyRequests))) }
    note(read, for: .call(number))
  }

  private mutating func note(_ read: NoteRead, for waiter: AuditedReads.Waiter) {
    if audited.wait(waiter, for: read, since: now) { enter(.noteRead(read), for: nil) }
  }

  /// nil: it is read by whoever it concerns, or is no read.
  private func noteOfRead(_ request: ClientRequest) -> NoteRead? {
    guard let number = state.number(of: request.desk) else { return nil }
    switch request.body {
    case .history(let session, _, _):
      return noteOfRead(History.self, AuditMatter(session: session), by: request.person, in: number)
    case .join(let session, _), .resume(let session, _):
      return noteOfRead(Join.self, AuditMatter(session: session), by: request.person, in: number)
    case .query(let asked):
      func note<One: Query>(_ query: One) -> NoteRead? {
        noteOfRead(One.self, query.auditMatter, by: request.person, in: number)
      }
      return note(asked.query)
    case .open, .send, .arrange, .perform, .govern, .typing, .read, .disconnected: return nil
    }
  }

  private func noteOfRead<One: ClientOperation>(
    _: One.Type, _ matter: AuditMatter, by person: Person, in number: DeskNumber
  ) -> NoteRead? {
    guard state.notes(One.audit, of: person, in: matter.session) else { return nil }
    return NoteRead(desk: number, note: AuditNote(person, "\(One.name)", matter, in: number))
  }

  /// The note has come out of the log here, or cannot.
  mutating func noteWasAnswered(_ read: NoteRead, _ answer: Answer) {
    let isNoted = answer == .done
    let waiters = isNoted ? audited.wasNoted(read, at: now) : audited.wasRefused(read)
    for waiter in waiters {
      switch waiter {
      case .client(let request):
        guard subscriptions.isPresent(request.connection) else { continue }
        if isNoted { beginNoted(request) } else { self.answer(request, .failed(.noSuchDesk)) }
      case .call(let number): output.answers.append((number, .readable(isNoted ? nil : .noSuchDesk)))
      }
    }
  }

  /// Whoever resumes waits for as long as its connection is there: see `ReadBarriers.expire`.
  mutating func expireNotes(noQuorum: Bool, patience: Span) {
    guard !audited.isEmpty else { return }
    let (now, subscriptions) = (now, subscriptions)
    let late = audited.takeLate { waiter, since in
      if case .client(let request) = waiter {
        if !subscriptions.isPresent(request.connection) { return true }
        if request.body.isResume { return false }
      }
      return noQuorum || now - since > patience
    }
    let failure =
      readFailureNow()
      ?? Failure(
        .busy, "the read could not be noted in the audit in time; try again", retryAfterMilliseconds: 200)
    for waiter in late {
      switch waiter {
      case .client(let request):
        if subscriptions.isPresent(request.connection) { answer(request, .failed(failure)) }
      case .call(let number): output.answers.append((number, .readable(failure)))
      }
    }
  }

  mutating func abandonNotes() {
    let failure = Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500)
    for case .call(let number) in audited.takeLate({ _, _ in true }) {
      output.answers.append((number, .readable(failure)))
    }
  }
}
