import Desk
import Kernel

/// The timers of sessions, worked out a second time from the log: what fires does so because a rule says so, not before its time,
/// and once.
struct TimerWatch {
  enum Kind: Hashable {
    case queueLimit, noReply, remind, idleClose, ring
  }

  private struct Asked: Hashable {
    var desk: DeskNumber
    var person: String
    var request: String
  }

  private var rules: [DeskNumber: TimerRules] = [:]
  private var done: Set<Asked> = []
  private var running: [SessionID: [Kind: UInt64]] = [:]
  private var reminded: Set<SessionID> = []
  private(set) var fired = 0

  mutating func apply(_ envelope: DeskEnvelope, _ answer: Answer?) {
    guard answer == .done, let set = envelope.record.opened(as: SetTimers.self) else { return }
    let asked = Asked(desk: envelope.desk, person: envelope.by.id, request: envelope.record.requestID)
    if done.insert(asked).inserted { rules[envelope.desk] = set.rules }
  }

  private mutating func start(_ kind: Kind, _ id: SessionID, _ delay: UInt32?, at now: UInt64) {
    running[id, default: [:]][kind] = delay.map { $0 > 0 ? now + UInt64($0) : nil } ?? nil
  }

  mutating func waits(_ id: SessionID, at now: UInt64) {
    guard running[id]?[.queueLimit] == nil else { return }
    start(.queueLimit, id, rules[id.desk]?.queueLimit, at: now)
  }

  /// - Parameter time: in ms.
  mutating func rings(_ id: SessionID, for time: UInt64, at now: UInt64) {
    running[id, default: [:]][.ring] = now + time
  }

  mutating func ringEnds(_ id: SessionID) { running[id]?[.ring] = nil }

  mutating func isGiven(_ id: SessionID, at now: UInt64) {
    isTaken(id)
    start(.noReply, id, rules[id.desk]?.noReply, at: now)
  }

  mutating func isTaken(_ id: SessionID) {
    running[id] = nil
    reminded.remove(id)
  }

  /// Somebody has said something in a session that an agent has.
  mutating func hears(_ id: SessionID, from person: Person, at now: UInt64) {
    if person.role == .customer {
      running[id]?[.remind] = nil
      running[id]?[.idleClose] = nil
      reminded.remove(id)
      return
    }
    running[id]?[.noReply] = nil
    let rules = rules[id.desk]
    if !reminded.contains(id) { start(.remind, id, rules?.remind, at: now) }
    start(.idleClose, id, rules?.idleClose, at: now)
  }

  /// - Returns: false: nothing of the kind was due.
  mutating func fires(_ kind: Kind, _ id: SessionID, at now: UInt64) -> Bool {
    guard let time = running[id]?[kind], time <= now else { return false }
    running[id]?[kind] = nil
    if kind == .remind { reminded.insert(id) }
    fired += 1
    return true
  }

  /// Why the session is closed, if a timer has done it.
  mutating func closes(_ id: SessionID, _ reason: String, at now: UInt64) -> Bool {
    switch reason {
    case DeskState.queuedTooLong: fires(.queueLimit, id, at: now)
    case DeskState.idle: fires(.idleClose, id, at: now)
    default: false
    }
  }

  /// One that should have fired.
  func late(at now: UInt64) -> SessionID? {
    running.filter { $0.value.values.contains { $0 <= now } }.keys.min()
  }
}

/// An admin of the main desk who changes what happens when nothing happens.
extension World {
  func makeTimekeeper() {
    let person = Person(id: "timekeeper", role: .admin, name: "Timekeeper")
    add(
      .timekeeper, person, of: nil, first: timerDice.below(nodes.count), connects: timerDice.below(20_000),
      acts: timerDice.below(plan.clientPause * 2))
  }

  /// - Returns: nil: not now.
  func timekeeperWish(_ client: Int) -> ClientWish? {
    // In the end everything is to come to rest.
    guard !isCalm || clients[client].lastWords > 0,
      nodes.contains(where: { $0.isRunning && $0.state.level >= .ninth })
    else { return nil }
    if !isCalm, let last = clients[client].lastArranged, timerDice.chance(permille: 200) {
      return .arrange(last.operation, id: last.id)
    }
    clients[client].performed += 1
    let operation = SetTimers(isCalm ? Self.noTimers : drawnRules())
    clients[client].lastArranged = (operation, "k\(clients[client].performed)")
    return clients[client].lastArranged.map { .arrange($0.operation, id: $0.id) }
  }

  /// What runs may still say its words.
  static let noTimers = TimerRules(remindText: "Are you still there?")

  private func drawnRules() -> TimerRules {
    TimerRules(
      queueLimit: [0, 0, 150, 600][timerDice.below(4)], noReply: [0, 100, 250][timerDice.below(3)],
      remind: [0, 100][timerDice.below(2)], remindText: Self.noTimers.remindText,
      idleClose: [0, 150, 400][timerDice.below(3)])
  }

  /// Agents answer only where somebody looks at what comes of their silence.
  func agentWords(_ client: Int, _ number: Int) -> ClientWish? {
    guard plan.setsTimers, timerDice.chance(permille: 500),
      let session = timerDice.pick(chats(of: number, client))
    else { return nil }
    clients[client].messages += 1
    return .send(
      session, id: String((client + 1) * 100_000 + clients[client].messages), body: Array("well".utf8))
  }
}

extension SessionHistory {
  /// A message as the number that the checks know it by: those of clients are above 0, and what desks say by themselves is below.
  static func element(of id: String) -> Int {
    Int(id) ?? (id.hasPrefix("reminder/") ? -1 - (Int(id.dropFirst(9)) ?? 0) : 0)
  }
}
