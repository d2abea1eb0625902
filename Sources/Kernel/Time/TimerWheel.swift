/// When which connection is to be looked at: one timer for all connections of a loop (hashed timing wheel,
/// Varghese and Lauck 1987, scheme 6 with lazy deletion). A connection stands in it once for each time its
/// deadline came nearer; entries that no longer hold are skipped by whoever takes them.
package struct TimerWheel: Sendable {
  private static let size: UInt64 = 512

  /// Nanoseconds a slot.
  private let step: UInt64
  /// The last slot that was handed out, counted from the start of the clock.
  private var current: UInt64
  private var slots: [[UInt64]]

  /// - Parameter step: the time of a slot; above 0.
  package init(step: Span, now: Instant) {
    self.step = UInt64(max(1, step.nanoseconds))
    current = now.nanoseconds / self.step
    slots = Array(repeating: [], count: Int(Self.size))
  }

  /// The slot in which something that is due at `deadline` is handed out: never too early; for what lies behind
  /// the horizon, the last slot, to be planned anew from there.
  package func slot(of deadline: Instant) -> UInt64 {
    let wanted = deadline.nanoseconds / step + (deadline.nanoseconds % step == 0 ? 0 : 1)
    return min(max(wanted, current + 1), current + Self.size - 1)
  }

  package mutating func add(_ number: UInt64, slot: UInt64) {
    slots[Int(slot % Self.size)].append(number)
  }

  /// Hands out all slots up to now.
  package mutating func advance(now: Instant) -> [(slot: UInt64, numbers: [UInt64])] {
    let target = now.nanoseconds / step
    guard target > current else { return [] }
    var due: [(UInt64, [UInt64])] = []
    let first = target - current >= Self.size ? target - Self.size + 1 : current + 1
    // After a long pause of the process every slot is due, once.
    for slot in first...target where !slots[Int(slot % Self.size)].isEmpty {
      due.append((slot, slots[Int(slot % Self.size)]))
      slots[Int(slot % Self.size)] = []
    }
    current = target
    return due
  }
}
