import Testing

@testable import Gossip

@Suite("Probes")
struct ProbeTests {
  @Test("every member is probed once in each round, in drawn orders")
  func roundRobin() throws {
    // Nobody answers, so nobody must be declared dead within the test.
    var bench = try Bench(6) { $0.suspicionMultiplier = 1_000 }
    bench.node.localHealth = LocalHealth(maximum: 0)
    var targets: [UInt64] = []
    while targets.count < 20 { targets.append(try bench.nextPing().target) }
    let rounds = (0..<4).map { Array(targets[$0 * 5..<$0 * 5 + 5]) }
    for round in rounds { #expect(round.sorted() == [2, 3, 4, 5, 6]) }
    #expect(Set(rounds).count > 1)
  }

  @Test("without an answer others are asked; without theirs the member is suspected, and not before")
  func unanswered() throws {
    var bench = try Bench()
    let ping = try bench.nextPing()
    let early = bench.pass(150)
    #expect(!early.contains { if case .pingRequest = $0.datagram.body { true } else { false } })
    let asked = bench.pass(50).filter {
      $0.datagram.body == .pingRequest(ping.number, target: MemberID(ping.target))
    }
    #expect(asked.count == 3)
    #expect(!asked.contains { $0.to == ping.target })
    bench.pass(250)
    #expect(bench.health(ping.target) == .alive)
    bench.pass(50)
    #expect(bench.health(ping.target) == .suspect)
  }

  @Test("a direct answer, a late one and one through another count; a stranger's does not")
  func answered() throws {
    for isThroughAnother in [false, true] {
      var bench = try Bench()
      let ping = try bench.nextPing()
      let requests = bench.pass(200).filter {
        if case .pingRequest = $0.datagram.body { true } else { false }
      }
      let asked = try #require(requests.first).to
      bench.receive(from: isThroughAnother ? asked : ping.target, .ack(ping.number))
      bench.pass(300)
      #expect(bench.health(ping.target) == .alive)
      #expect(bench.node.counters.failedProbes == 0)
    }
    var bench = try Bench()
    let ping = try bench.nextPing()
    bench.receive(from: ping.target == 2 ? 3 : 2, .ack(ping.number))
    bench.receive(from: ping.target, .ack(ping.number + 1))
    bench.pass(500)
    #expect(bench.health(ping.target) == .suspect)
  }

  @Test("a node that is asked probes, hands the answer on, and says so in time when there is none")
  func helping() throws {
    var bench = try Bench()
    bench.receive(from: 2, .pingRequest(77, target: MemberID(3)))
    let pings = bench.sent()
    guard pings.count == 1, case .ping(let number) = pings[0].datagram.body else {
      Issue.record("not pinged: \(pings)")
      return
    }
    #expect(pings[0].to == 3)
    let waiting = bench.pass(100)
    #expect(!waiting.contains { $0.datagram.body == .nack(77) })
    let nacked = bench.pass(100)
    #expect(nacked.contains { $0.to == 2 && $0.datagram.body == .nack(77) })
    bench.receive(from: 3, .ack(number))
    let acked = bench.sent()
    #expect(acked.contains { $0.to == 2 && $0.datagram.body == .ack(77) })
    bench.receive(from: 3, .ack(number))
    let again = bench.sent()
    #expect(again.isEmpty)
  }

  @Test("probes for others are bounded")
  func boundedHelp() throws {
    var bench = try Bench { $0.maximumRelays = 4 }
    for number in UInt64(0)..<100 { bench.receive(from: 2, .pingRequest(number, target: MemberID(3))) }
    let pings = bench.sent()
    #expect(pings.count == 4)
    #expect(bench.node.relays.count == 4)
    bench.pass(2_500)
    #expect(bench.node.relays.isEmpty)
  }

  @Test(
    "local health: silent helpers and refutations raise it, nacks do not, answers lower it, timeouts follow it")
  func localHealth() throws {
    var bench = try Bench()
    let ping = try bench.nextPing()
    let helpers = bench.pass(200).compactMap { sent -> UInt64? in
      if case .pingRequest = sent.datagram.body { sent.to } else { nil }
    }
    let helper = try #require(helpers.first)
    bench.receive(from: helper, .nack(ping.number))
    // The probe fails with two helpers silent, and the next one begins.
    let next = bench.pass(300).compactMap { sent -> (target: UInt64, number: UInt64)? in
      if case .ping(let number) = sent.datagram.body { (sent.to, number) } else { nil }
    }
    let slow = try #require(next.last)
    #expect(bench.node.localHealthScore == 2)
    bench.receive(from: 2, .gossip, [.suspect(1, 100, by: 2)])
    #expect(bench.node.localHealthScore == 3)
    let early = bench.pass(550).contains { if case .pingRequest = $0.datagram.body { true } else { false } }
    #expect(!early)
    let inTime = bench.pass(50).contains { if case .pingRequest = $0.datagram.body { true } else { false } }
    #expect(inTime)
    bench.receive(from: slow.target, .ack(slow.number))
    #expect(bench.node.localHealthScore == 2)
    bench.receive(from: slow.target, .ack(slow.number))
    #expect(bench.node.localHealthScore == 2)
  }

  @Test("a failed probe that all helpers confirm is no reason for doubt")
  func nacks() throws {
    var bench = try Bench()
    let ping = try bench.nextPing()
    let helpers = bench.pass(200).compactMap { sent -> UInt64? in
      if case .pingRequest = sent.datagram.body { sent.to } else { nil }
    }
    for helper in helpers { bench.receive(from: helper, .nack(ping.number)) }
    bench.pass(300)
    #expect(bench.health(ping.target) == .suspect)
    #expect(bench.node.localHealthScore == 0)
  }

  @Test("after a pause the timers go on where they stood, and the answers that waited are read first")
  func pause() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.suspect(5, 50, by: 2)])
    let ping = try bench.nextPing()
    bench.now += 60_000
    bench.node.tick(now: bench.now)
    #expect(bench.health(ping.target) == .alive || ping.target == 5)
    #expect(bench.health(5) == .suspect)
    #expect(bench.node.counters.pauses == 1)
    #expect(bench.node.localHealthScore == 1)
    bench.receive(from: ping.target, incarnation: 51, .ack(ping.number))
    bench.pass(500)
    #expect(bench.health(ping.target) == .alive)
  }

  @Test("the dead are pinged now and then and told what is thought of them")
  func revival() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.dead(4, 50)])
    let pings = bench.pass(11_000).filter { sent in
      if case .ping = sent.datagram.body { sent.to == 4 } else { false }
    }
    // At once, and then every five seconds.
    #expect(pings.count == 3)
    #expect(pings.allSatisfy { $0.datagram.says(.dead(4, 50)) })
  }
}
