internal import NIOCore

/// The connections of one loop that have not shown yet what they want. All wait equally long, so the first that came
/// is the first whose time is over: a queue and one timer do for all, where a timer for each connection would have to
/// be found and taken out of the loop's heap again, ten thousand times in a storm.
final class HandshakeDeadlines {
  private var waiting = CircularBuffer<(deadline: NIODeadline, door: FrontDoor)>()
  private var isScheduled = false
  private let loop: any EventLoop
  /// Connections of one loop that may be undecided: above, the one that took longest goes.
  private static let limit = 16_384
  private let allowance: TimeAmount

  init(loop: any EventLoop, allowance: TimeAmount) {
    self.loop = loop
    self.allowance = allowance
  }

  func add(_ door: FrontDoor) {
    forgetServed()
    if waiting.count >= Self.limit { waiting.removeFirst().door.expire() }
    waiting.append((.now() + allowance, door))
    schedule()
  }

  private func forgetServed() {
    while let first = waiting.first, !first.door.isOccupied { waiting.removeFirst() }
  }

  private func schedule() {
    guard !isScheduled, let first = waiting.first else { return }
    isScheduled = true
    loop.assumeIsolated().scheduleTask(deadline: first.deadline) {
      self.isScheduled = false
      self.sweep(now: .now())
    }
  }

  private func sweep(now: NIODeadline) {
    while let first = waiting.first, !first.door.isOccupied || first.deadline <= now {
      waiting.removeFirst()
      first.door.expire()
    }
    schedule()
  }
}
