internal import Kernel

/// The waiting lines are of people who are there.
extension DeskState {
  mutating func apply(_ attendance: SetAttendance, into effects: inout [Effect]) -> Answer {
    guard level >= .second else { return .refused(.forbidden) }
    guard let session = session(attendance.session) else { return .refused(.notFound) }
    guard !session.isClosed else { return .refused(.sessionClosed) }
    guard let said = attendance.absence else {
      guard session.absence != nil else { return .done }
      changeSession(session.id) { $0.absence = nil }
      absentCount -= 1
      effects.append(.session(session.id, .returned))
      if session.isPassedOver { seat(session.id, into: &effects) }
      return .done
    }
    guard said.epoch == session.epoch else { return .refused(.staleEpoch) }
    guard session.absence == nil else { return .done }
    let absence = Absence(since: now, queueGrace: said.queueGrace, openGrace: said.openGrace)
    let isPassedOver = session.state == .queued && said.queueGrace > 0
    if isPassedOver {
      if session.isInLine { leaveLines(session) }
      gaveUp(session)
    }
    changeSession(session.id) { $0.absence = absence }
    absentCount += 1
    effects.append(.session(session.id, .left))
    if isPassedOver, let asked = endOffer(of: session.id, because: .withdrawn, into: &effects) {
      // Given with the next word of time: nobody waits for the answer to this one.
      noteUnserved(asked)
    }
    return .done
  }

  /// Changes a session, and its places in the lists of those that are to be closed and of timers. nil: there is none.
  @discardableResult
  mutating func changeSession<Result>(_ id: SessionID, _ change: (inout Session) -> Result) -> Result? {
    guard
      let (result, before, after, armed, armedAfter) = sessionTable.update(
        id,
        {
          session -> (Result, AbsenceDeadline?, AbsenceDeadline?, [SessionTimers.Armed], [SessionTimers.Armed])
          in
          let (before, armed) = (session.absence == nil ? nil : session.absenceDeadline, session.timers.armed)
          let result = change(&session)
          let after = session.absence == nil ? nil : session.absenceDeadline
          return (result, before, after, armed, session.timers.armed)
        })
    else { return nil }
    moveTimers(id, from: armed, to: armedAfter)
    if before != after {
      if let before { absences.remove(before) }
      if let after { absences.insert(after) }
    }
    return result
  }

  /// Customers who did not come back in time: their sessions are closed, in the order of their deadlines.
  ///
  /// - Parameter limit: so many at the most.
  /// - Returns: how many.
  mutating func closeAbandoned(limit: Int, into effects: inout [Effect]) -> Int {
    var count = 0
    while count < limit, let due = absences.first, due.time <= now, let session = session(due.session) {
      let reason =
        session.state == .queued ? Self.leftTheLine : Self.abandoned
      end(session, by: .system, reason: reason, pulls: false, into: &effects)
      count += 1
    }
    return count
  }

  package static let leftTheLine = "the customer left while waiting"
  package static let abandoned = "the customer has not come back"
}

/// What the shell asks.
extension DeskState {
  /// Who is to be there, and whether they are said to be gone; nil: there is no such session.
  package func attendance(of id: SessionID) -> (
    customer: Person, isAbsent: Bool, isClosed: Bool, owner: ServerID
  )? {
    sessionTable.read(id) { ($0.customer, $0.absence != nil, $0.isClosed, $0.owner) }
  }

  /// Cheap: asked for every session that is followed.
  package func isAbsent(_ id: SessionID) -> Bool { sessionTable.read(id) { $0.absence != nil } ?? false }
}
