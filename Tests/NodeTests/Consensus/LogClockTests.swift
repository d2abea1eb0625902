import Kernel
import Testing

@testable import Node

@Suite("The clock that entries are stamped with")
struct LogClockTests {
  private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: 0) + .milliseconds(milliseconds) }

  @Test("it is the time of day, and follows it forwards at once")
  func forwards() {
    var clock = LogClock(1_000, at: at(0))
    #expect(clock.read(1_010, at: at(10)) == 1_010)
    #expect(clock.read(3_601_010, at: at(11)) == 3_601_010)
  }

  @Test("set back, it goes on more slowly, and never stands still for longer than a reading")
  func backwards() {
    var clock = LogClock(1_000_000, at: at(0))
    var last = clock.milliseconds
    for step in 1...800 {
      let now = clock.read(UInt64(10_000 + step * 10), at: at(Int64(step) * 10))
      #expect(now > last)
      last = now
    }
    #expect(last == 1_000_000 + 8_000 * 7 / 8)
  }

  @Test("readings that are close together lose nothing of the time between them")
  func fractions() {
    var clock = LogClock(1_000_000, at: Instant(nanoseconds: 0))
    for step in 1...80_000 {
      _ = clock.read(0, at: Instant(nanoseconds: UInt64(step) * 100_000))
    }
    #expect(clock.milliseconds == 1_000_000 + 7_000)
  }

  @Test("an hour ahead, it meets the time of day after eight hours and is that from then on")
  func meets() {
    let hour: Int64 = 3_600_000
    var clock = LogClock(UInt64(hour), at: at(0))
    #expect(clock.read(UInt64(8 * hour - 8_000), at: at(8 * hour - 8_000)) > UInt64(8 * hour - 8_000))
    #expect(clock.read(UInt64(8 * hour + 8_000), at: at(8 * hour + 8_000)) == UInt64(8 * hour + 8_000))
  }

  @Test("stamps of another leader that are ahead are never gone below, and time goes on from them")
  func stamps() {
    var clock = LogClock(5_000, at: at(0))
    clock.saw(60_000)
    clock.saw(40_000)
    #expect(clock.read(5_080, at: at(80)) == 60_070)
  }

  @Test("a clock that is read with an older moment does not go back")
  func olderMoment() {
    var clock = LogClock(5_000, at: at(100))
    #expect(clock.read(0, at: at(20)) == 5_000)
    #expect(clock.read(0, at: at(108)) == 5_007)
  }
}
