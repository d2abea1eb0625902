import Testing

@testable import Gossip

@Suite("Numbers")
struct NumberTests {
  @Test("logarithms are right to the twelfth digit, and nothing is asked of impossible values")
  func logarithms() {
    let known: [(Double, Double)] = [
      (1, 0), (2, 0.693_147_180_559_945_3), (10, 2.302_585_092_994_045_7), (1.5, 0.405_465_108_108_164_4),
      (51, 3.931_825_632_724_325_7), (0.001, -6.907_755_278_982_137), (1e300, 690.775_527_898_213_7),
    ]
    for (value, logarithm) in known {
      #expect(abs(Logarithm.natural(value) - logarithm) <= 1e-12 * max(1, abs(logarithm)))
    }
    #expect(Logarithm.natural(0) == 0)
    #expect(Logarithm.natural(-1) == 0)
    #expect(Logarithm.natural(.nan) == 0)
    #expect(Logarithm.natural(.infinity) == 0)
  }

  @Test("a drawn order has each element once, and every place is as likely")
  func shuffling() {
    var generator = SeededGenerator(seed: 3)
    var firsts = Array(repeating: 0, count: 5)
    for _ in 0..<5_000 {
      var elements = [0, 1, 2, 3, 4]
      generator.shuffle(&elements)
      #expect(elements.sorted() == [0, 1, 2, 3, 4])
      firsts[elements[0]] += 1
    }
    #expect(firsts.allSatisfy { $0 > 850 && $0 < 1_150 })
  }

  @Test("a sample has different elements, as many as there are")
  func sampling() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<200 {
      let sample = generator.sample([1, 2, 3, 4, 5], count: 3)
      #expect(Set(sample).count == 3)
    }
    let all = generator.sample([1, 2], count: 9)
    #expect(all.sorted() == [1, 2])
    let none = generator.sample([Int](), count: 3)
    #expect(none.isEmpty)
  }

  @Test("a configuration that cannot work is refused with what to change")
  func configuration() {
    func problem(_ change: (inout GossipConfiguration) -> Void) -> String? {
      var configuration = GossipConfiguration(
        id: MemberID(1), cluster: ClusterCheck(cluster: "a"), seed: 1, incarnation: Incarnation(1))
      change(&configuration)
      do {
        _ = try GossipNode(configuration: configuration)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.id = .nobody }?.contains("id") == true)
    #expect(problem { $0.incarnation = .zero }?.contains("incarnation") == true)
    #expect(problem { $0.probeTimeout = 250 }?.contains("probeTimeout") == true)
    #expect(problem { $0.gossipInterval = 0 }?.contains("gossipInterval") == true)
    #expect(problem { $0.indirectProbes = 0 }?.contains("indirectProbes") == true)
    #expect(problem { $0.maximumDatagramBytes = 100 }?.contains("maximumDatagramBytes") == true)
  }
}
