/// From when on a desk has something to do that nobody asks for: deadlines, waiting lines that an entry had no room for, and
/// what is left of a deleted one.
struct DeskDuty: Hashable, Comparable, Sendable {
  /// ms since 1970; 0: now.
  var time: UInt64
  var desk: DeskNumber

  static func < (left: DeskDuty, right: DeskDuty) -> Bool {
    left.time != right.time ? left.time < right.time : left.desk < right.desk
  }
}

extension DeskState {
  var duty: DeskDuty? {
    if hasUnserved || isDeleted { return DeskDuty(time: 0, desk: number) }
    return nextDeadline.map { DeskDuty(time: $0, desk: number) }
  }
}

extension ReplicatedState {
  /// Deadlines pass in all desks that have something to do, each with its share of what one command may change.
  mutating func apply(_ time: TimePasses, into effects: inout [Effect]) -> Answer {
    let limit = Int(max(1, time.limit))
    var due: [DeskNumber] = duties.prefix(limit).prefix { $0.time <= now }.map(\.desk)
    if due.isEmpty || main.duty.map({ $0.time <= now }) == true {
      // In turn with the others when there are more than can be looked after at once.
      if due.count >= limit { due.removeLast() }
      due.insert(.main, at: 0)
    }
    let share = max(1, limit / due.count)
    var chats = 0
    for desk in due {
      if let passed = change(desk, { $0.passTime(limit: share, into: &effects) }) {
        chats += passed
      } else {
        deleteMore(of: desk)
      }
    }
    effects.append(.timePassed(chats: chats))
    return .done
  }

  /// When something falls due, in ms since 1970: `TimePasses` has an effect from then on. nil: nothing is to come.
  package var nextDeadline: UInt64? {
    guard let other = duties.first?.time else { return main.nextDeadline }
    return min(other, main.nextDeadline ?? .max)
  }

  /// Somebody waits although an agent is free, for there was more to give than one entry may: `TimePasses` goes on with it.
  package var hasUnserved: Bool { main.hasUnserved || duties.first?.time == 0 }
}
