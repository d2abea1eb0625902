import Simulation
import Testing

@Suite("Desks over groups and nodes")
struct DeskPlacementTests {
  @Test("moving a few desks a day is more even than names, and no placement divides a desk")
  func strategies() {
    var placement = DeskPlacement()
    placement.days = 10
    var peaks: [DeskPlacement.Strategy: Double] = [:]
    for strategy in DeskPlacement.Strategy.allCases {
      for seed in 1...5 as ClosedRange<UInt64> {
        let outcome = placement.run(strategy, seed: seed)
        #expect(outcome.meanPeak >= 1 && outcome.worstPeak >= outcome.meanPeak)
        #expect((outcome.moves > 0) == (strategy == .moved) && outcome.moves <= Double(placement.movesPerDay))
        peaks[strategy, default: 0] += outcome.meanPeak / 5
      }
    }
    #expect(peaks[.moved, default: 9] < peaks[.hashed, default: 0])
    #expect(peaks[.moved, default: 9] < peaks[.fewest, default: 0])
    // One desk that says nearly all of it is on three nodes, whatever is done.
    placement.exponent = 4
    let alone = placement.run(.moved, seed: 1)
    #expect(alone.largest > 0.8 && alone.meanPeak > 2)
  }

  @Test("the same seed is the same outcome, and with desks that are alike nothing has to be moved")
  func even() {
    var placement = DeskPlacement()
    placement.exponent = 0
    placement.desks = 1_200
    let outcome = placement.run(.fewest, seed: 3)
    #expect(outcome.meanPeak < 1.1)
    #expect(placement.run(.fewest, seed: 3).meanPeak == outcome.meanPeak)
  }
}
