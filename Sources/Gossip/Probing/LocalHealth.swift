/// The local health multiplier of Lifeguard (section IV-A): rises with signs that this node itself is slow or cut
/// off, and falls with each probe that is answered. With a maximum of 0 it is always well.
struct LocalHealth: Sendable {
  private(set) var score = 0
  let maximum: Int

  init(maximum: Int) { self.maximum = maximum }

  mutating func worsen(by steps: Int) { score = min(maximum, score + max(0, steps)) }
  mutating func improve() { score = max(0, score - 1) }

  func scale(_ time: UInt64) -> UInt64 { time * UInt64(score + 1) }
}

extension GossipNode {
  /// A process that was stopped or starved finds all its timers expired at once, and the answers that would have
  /// stopped them still unread. What it did not see, it must not judge: the timers begin where they stood.
  mutating func noticePause() {
    defer { lastTick = clock }
    guard configuration.lifeguard.pauseAware, let last = lastTick else { return }
    let gap = clock - last
    guard gap > configuration.probeTimeout else { return }
    counters.pauses += 1
    localHealth.worsen(by: 1)
    probe?.shift(by: gap)
    for place in table.indices where table[place].suspicion != nil {
      table[place].suspicion?.startedAt += gap
    }
    for place in relays.indices { relays[place].shift(by: gap) }
  }
}
