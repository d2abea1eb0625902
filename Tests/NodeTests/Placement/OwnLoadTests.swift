import Gossip
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("what a node tells of its load")
struct OwnLoadTests {
  private func time(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: UInt64(milliseconds) * 1_000_000)
  }

  private var notice: NodeNotice {
    var notice = NodeNotice()
    notice.connections = 5_000_000_000
    notice.ownedSessions = 12
    notice.cpu = 1.5
    notice.loopLagMilliseconds = 0.25
    notice.ackP99Milliseconds = 7.5
    notice.uptimeSeconds = 90
    notice.version = "0.1.0"
    return notice
  }

  @Test("figures come in the units of hints, and none is too large for them")
  func units() {
    let hints = LoadHints(notice, proposalsPerSecond: 30, cores: 2)
    #expect(hints.connections == .max)
    #expect(hints.ownedSessions == 12)
    #expect(hints.cpuPerMille == 750)
    #expect(hints.loopLagMicroseconds == 250)
    #expect(hints.ackP99Microseconds == 7_500)
    #expect(hints.proposalsPerSecond == 30)
    #expect(hints.uptimeSeconds == 90)
    #expect(hints.version == "0.1.0")
    var busy = notice
    busy.cpu = 64
    busy.ackP99Milliseconds = 1e300
    #expect(LoadHints(busy, cores: 2).cpuPerMille == 1_000)
    #expect(LoadHints(busy, cores: 2).ackP99Microseconds == .max)
  }

  @Test("it is measured every half second, and at once when the node begins to drain")
  func due() {
    var load = OwnLoad(at: time(0))
    #expect(load.isDue(time(0), isDraining: false))
    load.measure(notice, proposals: 100, now: time(1_000), cores: 2)
    #expect(!load.isDue(time(1_499), isDraining: false))
    #expect(load.isDue(time(1_500), isDraining: false))
    #expect(load.isDue(time(1_001), isDraining: true))
    var draining = notice
    draining.isDraining = true
    load.measure(draining, proposals: 150, now: time(1_500), cores: 2)
    #expect(load.hints?.proposalsPerSecond == 100)
    #expect(load.hints?.isDraining == true)
    #expect(!load.isDue(time(1_501), isDraining: true))
  }
}
