import Desk
import Kernel
import Testing

@testable import Node

@Suite("When a command without an answer is sent again")
struct RetryPaceTests {
  @Test("after a second, and twice as long each time, up to eight")
  func doubles() {
    let pace = RetryPace(least: .seconds(1))
    #expect(
      [0, 1, 2, 3, 4, 99].map { pace.wait(afterRepeats: $0) } == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
  }

  @Test("a node's own after two seconds at the latest, whatever answers take")
  func own() {
    var pace = RetryPace(least: .seconds(1))
    #expect(
      [0, 1, 2, 9].map { pace.wait(afterRepeats: $0, isOwn: true) } == [1, 2, 2, 2].map { .seconds($0) })
    for _ in 0..<60 { pace.answered(after: .seconds(3_600)) }
    #expect(pace.wait(afterRepeats: 0, isOwn: true) == .seconds(2))
    #expect(RetryPace(least: .seconds(5)).wait(afterRepeats: 3, isOwn: true) == .seconds(5))
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
    for _ in 0..<60 { pace.answered(after: .seconds(3_600)) }
    #expect(pace.wait(afterRepeats: 0) == .seconds(8))
    pace.forget()
    #expect(pace.wait(afterRepeats: 0) == .seconds(1))
  }

  /// Node 2 owns the session and leads; it does not answer.
  @Test("a message that waits is passed on a bounded number of times, and at once to a new owner or leader")
  func boundedCopies() throws {
    var node = try LoneNode()
    node.say("m", in: try node.open("r", owner: 2), tag: 1)
    let number = try #require(node.pending.first)
    var copies: [Int] = []
    for tenth in 0..<48 {
      node.endTurn()
      copies += node.forwards(to: 2).map { _ in tenth }
      node.forget()
      node.pass(100)
    }
    #expect(copies == [0, 11, 32])
    #expect(node.node.pending[number]?.repeats == 2)
    node.node.pending.startAnew()
    node.node.retryAll()
    node.endTurn()
    #expect(node.node.pending[number]?.repeats == 0)
    #expect(node.forwards(to: 2).count == 1)
  }
}
