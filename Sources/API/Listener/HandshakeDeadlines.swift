internal import NIOCore

/// The connections of one loop that have not shown yet what they want. All wait equally long, so the first that came
/// is the first whose time is over: a queue and one timer do for all, where a timer for each connection would have to
/// be found and taken out of the loop's heap again, ten thousand times in a storm.
///
/// Whoever comes is let in: when there are too many, in all, of one address, or in bytes, the one that took longest
/// goes. So a crowd that says nothing never keeps out who says something.
final class HandshakeDeadlines {
  struct Bounds: Sendable {
    /// How long a connection may take to show what it wants.
    var allowance = TimeAmount.seconds(10)
    /// Undecided connections of one loop.
    var connections = 16_384
    /// Undecided connections of one address on one loop; 0: no limit.
    var perAddress = 256
    /// Bytes of requests that are not complete, on one loop.
    var bytes = 16 << 20
  }

  private var waiting = CircularBuffer<(deadline: NIODeadline, door: FrontDoor)>()
  private var byAddress: [String: CircularBuffer<FrontDoor>] = [:]
  private var isScheduled = false
  private var bytes = 0
  private let loop: any EventLoop
  private let bounds: Bounds

  init(loop: any EventLoop, bounds: Bounds) {
    self.loop = loop
    self.bounds = bounds
  }

  /// - Parameter isCrowded: there are so many connections in all that one has to go for this one.
  func add(_ door: FrontDoor, isCrowded: Bool) {
    forgetServed()
    if waiting.count >= bounds.connections || isCrowded { expireOldest() }
    waiting.append((.now() + bounds.allowance, door))
    identified(door)
    schedule()
  }

  /// A door counts for its address as soon as that is known.
  func identified(_ door: FrontDoor) {
    guard bounds.perAddress > 0, door.isUndecided, let address = door.address else { return }
    makeRoom(for: address)
    byAddress[address, default: CircularBuffer()].append(door)
  }

  /// Bytes of an incomplete request are kept, or are so no longer.
  func holds(_ more: Int) {
    bytes += more
    while bytes > bounds.bytes, expireOldest() {}
  }

  /// - Returns: whether there was one.
  @discardableResult
  func expireOldest() -> Bool {
    while let first = waiting.popFirst() {
      forgetServed(of: first.door.address)
      guard first.door.isUndecided else { continue }
      first.door.expire()
      return true
    }
    return false
  }

  private func makeRoom(for address: String) {
    guard var doors = byAddress[address], doors.count >= bounds.perAddress else {
      return
    }
    doors.removeAll { !$0.isUndecided }
    let oldest = doors.count >= bounds.perAddress ? doors.removeFirst() : nil
    byAddress[address] = doors
    oldest?.expire()
  }

  private func forgetServed() {
    while let first = waiting.first, !first.door.isOccupied {
      waiting.removeFirst()
      forgetServed(of: first.door.address)
    }
  }

  private func forgetServed(of address: String?) {
    guard let address, var doors = byAddress[address] else { return }
    byAddress[address] = nil
    while let first = doors.first, !first.isUndecided { doors.removeFirst() }
    if !doors.isEmpty { byAddress[address] = doors }
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
      forgetServed(of: first.door.address)
    }
    schedule()
  }
}
