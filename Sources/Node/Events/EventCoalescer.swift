import Desk
import Kernel
import Protocol

/// The owner's side of signals: of many of one kind, by one person in one session, the newest passes, and what says
/// nothing new does not.
struct EventCoalescer {
  private struct Key: Hashable {
    let session: SessionID
    let person: TextKey
    let role: UserRole
    let isTyping: Bool
  }

  /// What waits at most; more are dropped, as signals may be.
  static let limit = 10_000
  /// Typing that goes on is told again after this long, so that a reader can let it fade.
  private let refresh = Span.seconds(2)

  private var waiting: [Key: Signal] = [:]
  private var order: [Key] = []
  private var told: [Key: (kind: Signal.Kind, at: Instant)] = [:]

  var isEmpty: Bool { order.isEmpty }

  mutating func add(_ signal: Signal) {
    let isTyping = if case .typing = signal.kind { true } else { false }
    let key = Key(
      session: signal.session, person: TextKey(signal.person.id), role: signal.person.role, isTyping: isTyping)
    if case .read(let sequence) = signal.kind, case .read(let before)? = waiting[key]?.kind, before >= sequence
    {
      return
    }
    if waiting[key] == nil {
      guard order.count < Self.limit else { return }
      order.append(key)
    }
    waiting[key] = signal
  }

  /// What is to be told now, in the order in which it came.
  mutating func take(_ now: Instant) -> [Signal] {
    if told.count > Self.limit { told.removeAll(keepingCapacity: true) }
    var passed: [Signal] = []
    for key in order {
      guard var signal = waiting[key] else { continue }
      if let last = told[key], saysNothingNew(signal.kind, after: last, now: now) { continue }
      told[key] = (signal.kind, now)
      signal.isRelayed = true
      passed.append(signal)
    }
    order.removeAll(keepingCapacity: true)
    waiting.removeAll(keepingCapacity: true)
    return passed
  }

  private func saysNothingNew(
    _ kind: Signal.Kind, after last: (kind: Signal.Kind, at: Instant), now: Instant
  ) -> Bool {
    switch (kind, last.kind) {
    case (.read(let sequence), .read(let before)): sequence <= before
    case (.typing(true), .typing(true)): now - last.at < refresh
    default: kind == last.kind
    }
  }
}
