import Gossip
import Testing

/// What Lifeguard was made for: a node that gets no processor time blames the others for its own slowness.
@Suite("Starved nodes")
struct StarvationTests {
  struct Outcome: Hashable {
    /// Healthy nodes that a healthy or starved node declared dead.
    var falseDeaths = 0
    /// Suspicions of healthy nodes.
    var suspicions = 0
    /// The highest that a starved node doubted itself, and a healthy one.
    var starvedDoubt = 0
    var healthyDoubt = 0
  }

  static func run(
    _ starvation: SimulatedCluster.Starvation, starved: Int, _ lifeguard: GossipConfiguration.Lifeguard,
    seed: UInt64, loss: Int = 20
  ) throws -> Outcome {
    let count = 12
    var cluster = SimulatedCluster(count, seed: seed)
    cluster.lossPerMille = loss
    cluster.configure = { $0.lifeguard = lifeguard }
    try cluster.startAll()
    cluster.run(for: 5_000)
    for index in 0..<starved { cluster.starve(index, starvation) }
    var outcome = Outcome()
    for _ in 0..<120 {
      cluster.run(for: 500)
      for index in 0..<count {
        let doubt = cluster.node(index)?.localHealthScore ?? 0
        if index < starved {
          outcome.starvedDoubt = max(outcome.starvedDoubt, doubt)
        } else {
          outcome.healthyDoubt = max(outcome.healthyDoubt, doubt)
        }
      }
    }
    outcome.falseDeaths = cluster.deaths(of: starved..<count).count
    let healthy = cluster.ids[starved...]
    outcome.suspicions = cluster.events.count { event in
      event.time > 5_000 && event.change.to == .suspect && healthy.contains(event.change.member)
    }
    return outcome
  }

  @Test("nodes that read late doubt themselves and kill nobody; without Lifeguard they do")
  func late() throws {
    var with: [Outcome] = []
    var without: [Outcome] = []
    for seed in UInt64(1)...3 {
      with.append(try Self.run(.reads(late: 3_000), starved: 3, .init(), seed: seed))
      without.append(try Self.run(.reads(late: 3_000), starved: 3, .off, seed: seed))
    }
    print("reads 3 s late, with Lifeguard: \(with)\nwithout: \(without)")
    #expect(with.allSatisfy { $0.falseDeaths == 0 })
    #expect(with.allSatisfy { $0.starvedDoubt > $0.healthyDoubt })
    #expect(without.contains { $0.falseDeaths > 0 })
  }

  @Test("nodes that are stopped again and again doubt themselves and kill nobody; without Lifeguard they do")
  func stopped() throws {
    var with: [Outcome] = []
    var without: [Outcome] = []
    for seed in UInt64(1)...3 {
      with.append(try Self.run(.stops(stopped: 2_900, running: 100), starved: 3, .init(), seed: seed))
      without.append(try Self.run(.stops(stopped: 2_900, running: 100), starved: 3, .off, seed: seed))
    }
    print("stopped for 2.9 of 3 s, with Lifeguard: \(with)\nwithout: \(without)")
    #expect(with.allSatisfy { $0.falseDeaths == 0 })
    #expect(with.allSatisfy { $0.starvedDoubt > $0.healthyDoubt })
    #expect(without.contains { $0.falseDeaths > 0 })
  }
}
