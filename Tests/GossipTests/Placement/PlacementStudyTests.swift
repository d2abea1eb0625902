import Testing

@testable import Gossip

/// The study behind the rule of placement. `swift test --filter PlacementStudy` prints its table.
@Suite("Placement under load, against other rules", .serialized)
struct PlacementStudyTests {
  typealias Strategy = PlacementSimulation.Strategy

  static func run(_ strategy: Strategy, _ settings: PlacementSimulation.Settings) -> PlacementSimulation.Result
  {
    var simulation = PlacementSimulation(settings, strategy)
    return simulation.run()
  }

  static func text(_ value: Double) -> String {
    let thousandths = Int((value * 1_000).rounded())
    return "\(thousandths / 1_000).\(String(1_000 + thousandths % 1_000).suffix(3))"
  }

  static func line(_ name: String, _ result: PlacementSimulation.Result) -> String {
    "| \(name) | \(text(result.imbalance)) | \(text(result.worstImbalance)) | \(text(result.herd)) |"
  }

  @Test(
    "two choices with exact counts have the lowest maximum by mean; least loaded by stale hints is a herd",
    arguments: [3, 10, 25, 50])
  func comparison(nodes: Int) {
    var results: [Strategy: PlacementSimulation.Result] = [:]
    print("\(nodes) nodes\n| rule | max / mean | at worst | most of a second's openings |\n|---|---|---|---|")
    for strategy in Strategy.allCases where strategy != .local {
      let result = Self.run(strategy, .init(nodes: nodes))
      results[strategy] = result
      print(Self.line(strategy.rawValue, result))
    }
    let ours = results[.twoExact] ?? .init()
    for other in [Strategy.random, .roundRobin, .leastLoaded, .twoStale] {
      let theirs = results[other] ?? .init()
      #expect(ours.imbalance < theirs.imbalance, "\(other.rawValue)")
      #expect(ours.worstImbalance < theirs.worstImbalance, "\(other.rawValue)")
    }
    let herd = results[.leastLoaded]?.herd ?? 0
    #expect(herd > Double(nodes) * 0.6, "all openings of a second go to one node, or nearly")
    // Who is drawn twice as often as the share of one is the most that two draws can do; a little by chance.
    #expect(ours.herd < 3.2)
  }

  @Test("a node that has started again fills up without a herd, and reaches the others")
  func restarted() {
    for nodes in [3, 10] {
      var settings = PlacementSimulation.Settings(nodes: nodes)
      settings.restartAt = 40
      settings.seconds = 44
      print("\(nodes) nodes, one of them started again 4 s ago: most of a second's openings")
      var herds: [Strategy: Double] = [:]
      for strategy in [Strategy.leastLoaded, .twoStale, .twoExact] {
        herds[strategy] = Self.run(strategy, settings).herd
        print("| \(strategy.rawValue) | \(Self.text(herds[strategy] ?? 0)) |")
      }
      #expect((herds[.twoExact] ?? 9) < (herds[.leastLoaded] ?? 0))
      #expect((herds[.twoExact] ?? 9) < (herds[.twoStale] ?? 0), "the slow start holds it back")
      settings.seconds = 160
      var simulation = PlacementSimulation(settings, .twoExact)
      _ = simulation.run()
      let others = (1..<nodes).map { simulation.sessions(of: $0) }
      let mean = others.reduce(0, +) / others.count
      #expect(simulation.sessions(of: 0) > mean * 9 / 10)
    }
  }

  @Test("with preference for the customer's node most sessions stay there, and the imbalance is bounded")
  func localPreference() {
    for (nodes, skew) in [(3, 0), (3, 500), (10, 500)] {
      var settings = PlacementSimulation.Settings(nodes: nodes)
      settings.skewPerMille = skew
      let result = Self.run(.local, settings)
      print(
        "\(nodes) nodes, \(skew / 10) % of customers at one: max / mean \(Self.text(result.imbalance)), "
          + "local \(Self.text(result.localShare))")
      #expect(result.imbalance < 1.35)
      if skew == 0 { #expect(result.localShare > 0.95) }
    }
  }

  @Test("the same seed places the same")
  func determinism() {
    let settings = PlacementSimulation.Settings(nodes: 5, seconds: 30, warmUp: 10)
    var first = PlacementSimulation(settings, .twoExact)
    var second = PlacementSimulation(settings, .twoExact)
    _ = first.run()
    _ = second.run()
    for node in 0..<5 { #expect(first.sessions(of: node) == second.sessions(of: node)) }
  }
}
