internal import Kernel

/// In which lines a session that waits is. All of it follows from the session and the policy under which it waits.
extension DeskState {
  /// A session that waits, and is not passed over, enters its line, and whatever else it may be taken from.
  mutating func enterLines(_ session: Session) {
    let place = session.queuePlace(at: level)
    guard level >= VirtualArrival.since else {
      return changeLine(session.skill) { $0.waiting.insert(place) }
    }
    let asking = asking(for: session)
    changeLine(session.skill) { line in
      if asking.isPlain { line.waiting.insert(place) } else { line.narrowed.insert(place) }
    }
    for (line, gate) in asking.gates { changeLine(line) { $0.insert(place, behind: gate) } }
    if let deadline = stepDeadline(of: session) { stepDeadlines.insert(deadline) }
  }

  /// - Parameter session: as it entered them.
  mutating func leaveLines(_ session: Session) {
    let place = session.queuePlace(at: level)
    guard level >= VirtualArrival.since else {
      return changeLine(session.skill) { $0.waiting.remove(place) }
    }
    let asking = asking(for: session)
    changeLine(session.skill) { line in
      if asking.isPlain { line.waiting.remove(place) } else { line.narrowed.remove(place) }
    }
    for (line, gate) in asking.gates { changeLine(line) { $0.remove(place, behind: gate) } }
    if let deadline = stepDeadline(of: session) { stepDeadlines.remove(deadline) }
  }

  /// Who may be asked for a session by the policy under which it waits.
  func asking(for session: Session) -> Asking {
    let routing = session.routingOrUsual
    return policies.version(routing.policy).asking(step: routing.step, skill: session.skill)
  }

  /// When more agents may be asked; nil: no other step follows.
  func stepDeadline(of session: Session) -> StepDeadline? {
    let routing = session.routingOrUsual
    guard routing.policy > 0 else { return nil }
    let policy = policies.version(routing.policy).policy
    guard policy.algorithm != .manual, routing.step < policy.steps.count else { return nil }
    let (time, isTooLate) = session.queuedAt.addingReportingOverflow(UInt64(policy.steps[routing.step].after))
    return StepDeadline(time: isTooLate ? .max : time, session: session.id)
  }
}

/// When the next step of a session's policy begins, in the order in which that happens.
struct StepDeadline: Comparable, Sendable {
  /// ms since 1970.
  var time: UInt64
  var session: SessionID

  static func < (left: StepDeadline, right: StepDeadline) -> Bool {
    left.time != right.time ? left.time < right.time : left.session < right.session
  }
}
