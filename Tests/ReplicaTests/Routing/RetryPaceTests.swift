import Desk
import NIOCore
import Testing

@testable import Replica

@Suite("When a command without an answer is sent again")
struct RetryPaceTests {
  @Test("after a second, and twice as long each time, up to eight")
  func doubles() {
    let pace = RetryPace(least: .seconds(1))
    #expect(
      [0, 1, 2, 3, 4, 99].map { pace.wait(afterRepeats: $0) } == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
  }

  @Test("later than answers take at present")
  func follows() {
    var pace = RetryPace(least: .seconds(1))
    pace.answered(after: .milliseconds(3))
    #expect(pace.wait(afterRepeats: 0) == .seconds(1))
    for _ in 0..<40 { pace.answered(after: .milliseconds(1_500)) }
    #expect(pace.wait(afterRepeats: 0) > .milliseconds(1_500))
    #expect(pace.wait(afterRepeats: 0) < .milliseconds(2_500))
    for _ in 0..<60 { pace.answered(after: .milliseconds(3)) }
    #expect(pace.wait(afterRepeats: 0) == .seconds(1))
    for _ in 0..<60 { pace.answered(after: .hours(1)) }
    #expect(pace.wait(afterRepeats: 0) == .seconds(8))
    pace.forget()
    #expect(pace.wait(afterRepeats: 0) == .seconds(1))
  }

  /// Node 2 owns the session and node 2 leads; it takes longer and longer to answer.
  @Test("a message that waits is passed on a bounded number of times, and at once to a new owner or leader")
  func boundedCopies() throws {
    let node = try LoneReplica()
    node.say("m", in: try node.open("r", owner: 2), tag: 1)
    let number = try #require(node.pending.first)
    var copies: [Int] = []
    for tenth in 0..<48 {
      if let forwards = node.core.forwards.removeValue(forKey: ServerID(2)) {
        copies += forwards.map { _ in tenth }
      }
      node.later(.milliseconds(100))
      node.core.sweep()
    }
    #expect(copies == [0, 11, 32])
    #expect(node.core.pending[number]?.repeats == 2)
    node.core.pending.startAnew()
    node.core.retryAll()
    #expect(node.core.pending[number]?.repeats == 0)
    #expect(node.core.forwards[ServerID(2)]?.count == 1)
  }
}
