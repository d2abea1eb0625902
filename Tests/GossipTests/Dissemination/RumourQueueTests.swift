import Testing

@testable import Gossip

@Suite("The queue of rumours")
struct RumourQueueTests {
  /// What the queue offers, in order, when all of it is sent.
  static func offered(_ queue: inout RumourQueue, room: Int = .max) -> [RumourQueue.Subject] {
    var subjects: [RumourQueue.Subject] = []
    queue.offer(limit: 3) { subject in
      guard subjects.count < room else { return false }
      subjects.append(subject)
      return true
    }
    return subjects
  }

  @Test("health goes before load, then what was sent least, then the newest")
  func order() {
    var queue = RumourQueue()
    queue.spread(.load(MemberID(1)))
    queue.spread(.health(MemberID(2)))
    queue.spread(.load(MemberID(3)))
    queue.spread(.suspicion(MemberID(4), by: MemberID(1)))
    let first = Self.offered(&queue, room: 3)
    #expect(first == [.suspicion(MemberID(4), by: MemberID(1)), .health(MemberID(2)), .load(MemberID(3))])
    let second = Self.offered(&queue, room: 3)
    #expect(second == [.suspicion(MemberID(4), by: MemberID(1)), .health(MemberID(2)), .load(MemberID(1))])
    let third = Self.offered(&queue)
    #expect(third.count == 4)
    let fourth = Self.offered(&queue)
    #expect(fourth == [.load(MemberID(3)), .load(MemberID(1))])
    #expect(queue.isEmpty)
  }

  @Test("what is spread anew counts from the start, and is there once")
  func again() {
    var queue = RumourQueue()
    queue.spread(.load(MemberID(1)))
    _ = Self.offered(&queue)
    queue.spread(.load(MemberID(1)))
    #expect(queue.count == 1)
    for _ in 0..<3 {
      let offered = Self.offered(&queue)
      #expect(offered == [.load(MemberID(1))])
    }
    #expect(queue.isEmpty)
  }

  @Test("a subject on which there is nothing left to say is dropped")
  func nothingToSay() {
    var queue = RumourQueue()
    queue.spread(.load(MemberID(1)))
    queue.offer(limit: 3) { _ in nil }
    #expect(queue.isEmpty)
  }
}
