import Kernel
import Testing

@testable import Node

@Suite("Peers that do not answer are left alone for a while")
struct CircuitBreakerTests {
  private let start = Instant(nanoseconds: 5_000_000_000)
  private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

  private func broken(good: Int, bad: Int) -> CircuitBreaker {
    var breaker = CircuitBreaker()
    for _ in 0..<good { breaker.record(isGood: true, at: start) }
    for _ in 0..<bad { breaker.record(isGood: false, at: start) }
    return breaker
  }

  @Test(
    "it opens at half of at least twenty, and at nothing less",
    arguments: [(10, 9), (0, 19), (12, 11), (100, 50)])
  func staysClosed(good: Int, bad: Int) {
    #expect(broken(good: good, bad: bad).state == .closed)
  }

  @Test("while open nothing passes; then one does, and its outcome decides")
  func halfOpen() {
    var breaker = broken(good: 10, bad: 10)
    let waits = [
      breaker.wait(at(0)), breaker.wait(at(1_500)), breaker.wait(at(2_000)), breaker.wait(at(2_100)),
    ]
    #expect(waits == [2_000, 500, nil, 2_000])
    var worse = breaker
    worse.record(isGood: false, at: at(2_200))
    #expect(worse.state == .open(until: at(4_200)))
    breaker.record(isGood: true, at: at(2_200))
    #expect(breaker.state == .closed)
    let passes = breaker.wait(at(2_201))
    #expect(passes == nil)
  }

  @Test("one that was to find out and was lost is followed by another")
  func lostProbe() {
    var breaker = broken(good: 0, bad: 20)
    let waits = [breaker.wait(at(2_000)), breaker.wait(at(3_000)), breaker.wait(at(4_001))]
    #expect(waits == [nil, 2_000, nil])
  }

  @Test("what is older than ten seconds does not count")
  func window() {
    var breaker = broken(good: 0, bad: 19)
    breaker.record(isGood: false, at: at(10_000))
    #expect(breaker.state == .closed)
  }
}
