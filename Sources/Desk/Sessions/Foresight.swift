/// What a state says about a command before it goes into the log, or when it comes out of it. A node that is behind knows
/// an older state than the one to which the command will be applied: what it may say at once is only what no newer state
/// takes back.
package enum Foresight: Hashable, Sendable {
  /// Whatever comes: it was done already, its id was used for something else, or the session is closed, which nothing
  /// changes.
  case settled(Answer)
  /// So it is in this state. A newer one may know the session, or have given it to the person.
  case doubtful(Answer)
  /// It would be carried out.
  case undecided
}

extension DeskState {
  /// Commands that belong to no session are undecided: they are answered by the log alone.
  mutating func foresee(_ command: Command) -> Foresight {
    switch command {
    case .send(let send): look(send.session) { $0.foresee(send) }
    case .perform(let envelope): look(envelope.session) { $0.foresee(envelope) }
    case .open, .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend, .govern,
      .arrange, .noteRead, .annotate:
      .undecided
    }
  }

  /// Whether the log takes the message, as a new one or as one that it knows: its id is looked up there alone, which waits
  /// for memory.
  mutating func admits(_ send: SendMessage) -> Bool {
    sessionTable.inspect(send.session) { session in
      !session.isClosed && (session.maySend(send.sender) || send.kind == .system)
    } ?? false
  }

  @inline(__always)
  private mutating func look(_ id: SessionID, _ foresee: (inout Session) -> Foresight) -> Foresight {
    sessionTable.inspect(id, foresee) ?? .doubtful(.refused(.notFound))
  }
}

extension Session {
  /// A message that may not be written now can still be one that was written before: a retry after the session was
  /// closed, moved, or passed to another agent gets its first answer. Strangers learn nothing from it: only one's own
  /// ids are looked up for those who may not write.
  func foresee(_ send: borrowing SendMessage, tag: UInt32? = nil) -> Foresight {
    if let first = transcript.sequence(ofID: send.id, tag: tag, by: send.sender) {
      return .settled(
        transcript.says(send.kind, send.body, at: first) ? repeated(first) : .refused(.conflict))
    }
    guard maySend(send.sender) || send.kind == .system else { return refusal(.forbidden) }
    return isClosed ? .settled(.refused(.sessionClosed)) : .undecided
  }

  /// Nobody comes into a session that is closed.
  func refusal(_ reason: Refusal) -> Foresight {
    isClosed ? .settled(.refused(reason)) : .doubtful(.refused(reason))
  }
}
