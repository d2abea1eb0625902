import Kernel
import Testing

@Suite struct TimerWheelTests {
  @Test("nothing is handed out too early, nothing more than a slot too late, and nothing is lost")
  func times() {
    var random = SplitMix(seed: 3)
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var wheel = TimerWheel(step: .milliseconds(50), now: now)
    let end = now + .seconds(62)
    var deadlines: [UInt64: Instant] = [:]
    var slots: [UInt64: UInt64] = [:]
    for number in 0..<2000 as Range<UInt64> {
      let deadline = now + .milliseconds(Int64(random.next() % 60_000))
      deadlines[number] = deadline
      let slot = wheel.slot(of: deadline)
      slots[number] = slot
      wheel.add(number, slot: slot)
    }
    while now < end {
      now += .milliseconds(Int64(random.next() % 300))
      for (slot, numbers) in wheel.advance(now: now) {
        for number in numbers where slots[number] == slot {
          guard let deadline = deadlines[number] else {
            Issue.record("seed 3: \(number) came twice")
            continue
          }
          if deadline <= now {
            #expect(now - deadline < .milliseconds(50 + 300), "seed 3")
            deadlines[number] = nil
          } else {
            let next = wheel.slot(of: deadline)
            slots[number] = next
            wheel.add(number, slot: next)
          }
        }
      }
    }
    #expect(deadlines.isEmpty)
  }

  @Test("after a long pause every slot is handed out once")
  func pause() {
    var wheel = TimerWheel(step: .milliseconds(50), now: .zero)
    for number in 1...100 as ClosedRange<UInt64> {
      wheel.add(number, slot: wheel.slot(of: .zero + .milliseconds(Int64(number) * 200)))
    }
    #expect(wheel.advance(now: .zero + .seconds(1000)).flatMap(\.numbers).sorted() == Array(1...100))
    #expect(wheel.advance(now: .zero + .seconds(2000)).isEmpty)
  }
}
