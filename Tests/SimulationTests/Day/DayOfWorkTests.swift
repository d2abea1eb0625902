import Desk
import Simulation
import Testing

@Suite("A day of a support team")
struct DayOfWorkTests {
  @Test(
    "what customers are told of their wait is right in eight of ten, and better than what others have waited",
    arguments: [1, 2] as [UInt64])
  func estimates(seed: UInt64) {
    var day = DayOfWork(DayPlan(seed: seed, customers: 2_000, agents: 11), policy: nil)
    let figures = day.run()
    #expect(figures.withEstimate > 500 && figures.withoutEstimate < 100)
    #expect((75.0...87.0).contains(figures.insideRange), "\(figures.insideRange)")
    #expect(figures.meanError * 20 < figures.meanErrorOfRecent * 19, "\(figures.meanError) ms")
    #expect(abs(figures.meanBias) * 8 < Int64(figures.meanWait), "\(figures.meanBias) ms")
  }

  @Test("the composite rule has people wait less than lots, and than each in turn, with as many at work")
  func composite() {
    let plan = DayPlan(seed: 1, customers: 2_000, agents: 11)
    var day = DayOfWork(plan, policy: Policy(algorithm: .composite))
    let figures = day.run()
    for rule in PlainDispatch.Rule.allCases {
      var other = PlainDispatch(plan, rule, seed: 1)
      let plain = other.run()
      #expect(figures.wait(percentile: 95) < plain.wait(percentile: 95), "\(rule)")
      #expect(figures.served > plain.served, "\(rule)")
      #expect(plain.served + plain.gaveUp == plan.customers.count)
    }
  }

  @Test("is the same from the same seed")
  func same() {
    var figures: [[UInt64]] = []
    for _ in 0..<2 {
      var day = DayOfWork(DayPlan(seed: 3, customers: 300, agents: 3), policy: nil)
      let one = day.run()
      figures.append([UInt64(one.served), UInt64(one.gaveUp), one.meanWait, one.meanError])
    }
    #expect(figures[0] == figures[1] && figures[0][0] > 100)
  }
}
