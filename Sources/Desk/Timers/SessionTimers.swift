internal import Kernel

/// The timers of one session: at most one of each kind. What starts and what stops them is here, and nowhere else.
struct SessionTimers: Hashable, Sendable {
  struct Armed: Hashable, Sendable {
    var kind: TimerKind
    /// ms since 1970.
    var time: UInt64
  }

  /// By kind.
  private(set) var armed: [Armed] = []
  /// The customer was reminded, and has said nothing since.
  private(set) var isReminded = false

  init() {}

  var isEmpty: Bool { armed.isEmpty && !isReminded }

  func time(of kind: TimerKind) -> UInt64? { armed.first { $0.kind == kind }?.time }

  /// It has come into the line. Whoever has waited there for a while goes on to.
  mutating func waits(_ rules: borrowing TimerRules, at now: UInt64) {
    guard time(of: .queueLimit) == nil else { return }
    arm(.queueLimit, rules, at: now)
  }

  /// An agent is asked for it.
  /// - Parameter timeout: in ms.
  mutating func rings(for timeout: UInt32, at now: UInt64) { arm(.ring, after: timeout, at: now) }

  /// Nobody is asked any more.
  mutating func ringEnds() { disarm(.ring) }

  /// It was given to an agent.
  mutating func isGiven(_ rules: borrowing TimerRules, at now: UInt64) {
    isTaken()
    arm(.noReply, rules, at: now)
  }

  /// Nobody serves it any more, or somebody else is going to.
  mutating func isTaken() {
    armed.removeAll()
    isReminded = false
  }

  /// Somebody has said something in it, while it is served.
  mutating func hears(fromCustomer: Bool, _ rules: borrowing TimerRules, at now: UInt64) {
    guard !fromCustomer else {
      disarm(.remind)
      disarm(.idleClose)
      isReminded = false
      return
    }
    disarm(.noReply)
    if !isReminded { arm(.remind, rules, at: now) }
    arm(.idleClose, rules, at: now)
  }

  /// Its time has come.
  mutating func fires(_ kind: TimerKind) {
    disarm(kind)
    if kind == .remind { isReminded = true }
  }

  private mutating func disarm(_ kind: TimerKind) { armed.removeAll { $0.kind == kind } }

  private mutating func arm(_ kind: TimerKind, _ rules: borrowing TimerRules, at now: UInt64) {
    arm(kind, after: rules.delay(of: kind), at: now)
  }

  /// - Parameter delay: in ms; 0: it is not armed.
  private mutating func arm(_ kind: TimerKind, after delay: UInt32, at now: UInt64) {
    disarm(kind)
    guard delay > 0 else { return }
    let (time, overflow) = now.addingReportingOverflow(UInt64(delay))
    let place = armed.firstIndex { $0.kind.rawValue > kind.rawValue } ?? armed.count
    armed.insert(Armed(kind: kind, time: overflow ? .max : time), at: place)
  }
}

extension SessionTimers {
  /// The lowest bit says whether the customer was reminded, the others how many are armed.
  func encode(into writer: inout ByteWriter) {
    writer.write(UInt8(armed.count << 1 | (isReminded ? 1 : 0)))
    for timer in armed {
      writer.write(timer.kind.rawValue)
      writer.writeVarint(timer.time)
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let head = try reader.readUInt8()
    isReminded = head & 1 == 1
    for _ in 0..<(head >> 1) {
      guard let kind = TimerKind(rawValue: try reader.readUInt8()),
        armed.last.map({ $0.kind.rawValue < kind.rawValue }) ?? true
      else { throw .invalid("a session's timers are not in the order of their kinds") }
      armed.append(Armed(kind: kind, time: try reader.readVarint()))
    }
  }

  /// What is wrong with the timers of a session in that state; empty: nothing.
  func check(in state: Session.State, level: Level) -> [String] {
    var problems: [String] = []
    if !isEmpty, level < TimerRules.since { problems.append("has timers, which level \(level) does not know") }
    let fitting: Set<TimerKind> =
      switch state {
      case .queued: level >= Offer.since ? [.queueLimit, .ring] : [.queueLimit]
      case .active: [.noReply, .remind, .idleClose]
      case .closed: []
      }
    if armed.contains(where: { !fitting.contains($0.kind) }) || (isReminded && state != .active) {
      problems.append("has timers that do not fit its state")
    }
    return problems
  }
}

/// When a timer of a session fires, in the order in which that happens.
struct TimerDeadline: Comparable, Sendable {
  /// ms since 1970.
  var time: UInt64
  var session: SessionID
  var kind: TimerKind

  static func < (left: TimerDeadline, right: TimerDeadline) -> Bool {
    if left.time != right.time { return left.time < right.time }
    return left.session != right.session
      ? left.session < right.session : left.kind.rawValue < right.kind.rawValue
  }
}

extension Session {
  /// - Returns: its timers before and after those words; nil: they are the same.
  mutating func moveTimers(
    hearing send: borrowing SendMessage, _ rules: borrowing TimerRules, at now: UInt64
  ) -> (before: [SessionTimers.Armed], after: [SessionTimers.Armed])? {
    guard state == .active, send.kind == .text, !timers.isEmpty || rules.concernsWords else { return nil }
    let before = timers.armed
    timers.hears(fromCustomer: isCustomer(send.sender), rules, at: now)
    return before == timers.armed ? nil : (before, timers.armed)
  }
}
