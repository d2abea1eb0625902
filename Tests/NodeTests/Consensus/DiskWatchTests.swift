import Kernel
import Testing

@testable import Node

@Suite("A disk that hangs")
struct DiskWatchTests {
  /// So many ticks of 10 ms.
  private func pass(_ ticks: Int, _ watch: inout DiskWatch, _ now: inout Instant) {
    for _ in 0..<ticks {
      now = now + .milliseconds(10)
      watch.look(now)
    }
  }

  private func watching() -> (DiskWatch, Instant) {
    var watch = DiskWatch()
    let now = Instant(nanoseconds: 1_000_000_000)
    watch.look(now)
    return (watch, now)
  }

  @Test(
    "is known when a write has been under way for three seconds, and forgotten ten seconds after the last such look"
  )
  func hangs() {
    var (watch, now) = watching()
    watch.began(1)
    pass(300, &watch, &now)
    #expect(!watch.isHanging)
    pass(1, &watch, &now)
    #expect(watch.isHanging && watch.age > .seconds(3))
    watch.ended(1)
    pass(999, &watch, &now)
    #expect(watch.isHanging && watch.age == .zero)
    pass(1, &watch, &now)
    #expect(!watch.isHanging)
  }

  @Test("is none when many writes are under way and each ends in time")
  func busy() {
    var (watch, now) = watching()
    for number in 1...2_000 as ClosedRange<UInt64> {
      watch.began(number)
      pass(1, &watch, &now)
      if number > 200 { watch.ended(number - 200) }
      #expect(!watch.isHanging)
    }
  }

  @Test("is none when the process stood still: its disk's word comes after the next tick")
  func paused() {
    var (watch, now) = watching()
    watch.began(1)
    now = now + .seconds(3_600)
    pass(1, &watch, &now)
    #expect(!watch.isHanging)
    watch.ended(1)
    pass(1_000, &watch, &now)
    #expect(!watch.isHanging)
  }

  @Test("costs a bounded memory however long it hangs, and all that was under way ends with its last write")
  func bounded() {
    var (watch, now) = watching()
    for number in 1...5_000 as ClosedRange<UInt64> {
      watch.began(number)
      pass(2, &watch, &now)
    }
    #expect(watch.isHanging && watch.age > .seconds(90))
    watch.ended(4_999)
    #expect(watch.age > .zero)
    watch.ended(5_000)
    #expect(watch.age == .zero)
  }
}
