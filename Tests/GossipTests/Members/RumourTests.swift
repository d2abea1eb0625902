import Testing

@testable import Gossip

@Suite("What rumours change")
struct RumourTests {
  @Test("the higher incarnation holds; within one: alive, suspect, dead, left")
  func order() {
    let all: [Rumour] = [1, 2].flatMap { incarnation -> [Rumour] in
      [
        .alive(3, incarnation), .suspect(3, incarnation, by: 2), .dead(3, incarnation), .left(3, incarnation),
      ]
    }
    let rumours = all.compactMap { if case .health(let rumour) = $0 { rumour } else { nil } }
    for (place, rumour) in rumours.enumerated() {
      for (other, against) in rumours.enumerated() {
        #expect(rumour.overrides((against.health, against.incarnation)) == (place > other))
      }
    }
  }

  @Test("nodes that hear the same rumours in any order agree")
  func anyOrder() throws {
    let rumours: [Rumour] = [
      .suspect(3, 51, by: 2), .alive(3, 52), .dead(3, 51), .suspect(4, 60, by: 3), .alive(4, 60), .alive(4, 59),
      .left(5, 70), .alive(5, 70), .dead(5, 69),
    ]
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<50 {
      var shuffled = rumours
      generator.shuffle(&shuffled)
      var bench = try Bench()
      for rumour in shuffled { bench.receive(from: 2, .gossip, [rumour]) }
      #expect(bench.health(3) == .alive)
      #expect(bench.incarnation(3) == 52)
      #expect(bench.health(4) == .suspect)
      #expect(bench.health(5) == .left)
    }
  }

  @Test("a suspicion of itself is contradicted with a higher incarnation, once")
  func refutation() throws {
    var bench = try Bench()
    bench.receive(from: 2, .ping(1), [.suspect(1, 100, by: 3)])
    #expect(bench.node.incarnation == Incarnation(101))
    let answer = bench.sent()
    #expect(answer.first?.datagram.body == .ack(1))
    #expect(answer.first?.datagram.says(.alive(1, 101)) == true)
    #expect(answer.first?.datagram.incarnation == Incarnation(101))
    bench.receive(from: 4, .gossip, [.suspect(1, 100, by: 3), .dead(1, 100)])
    #expect(bench.node.incarnation == Incarnation(101))
    bench.receive(from: 4, .gossip, [.dead(1, 400)])
    #expect(bench.node.incarnation == Incarnation(401))
    #expect(bench.node.counters.refutations == 2)
  }

  @Test("who was suspected and contradicts is alive again")
  func contradicted() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.suspect(3, 50, by: 2)])
    bench.receive(from: 3, incarnation: 50, .gossip)
    #expect(bench.health(3) == .suspect)
    bench.receive(from: 3, incarnation: 51, .gossip)
    #expect(bench.health(3) == .alive)
    _ = bench.sent()
    #expect(bench.changes.map(\.to) == [.suspect, .alive])
    #expect(bench.node.status(of: MemberID(3))?.recoveredAt == nil)
  }

  @Test("an earlier life is stepped over: by its incarnation, and by hints this life never gave")
  func earlierLife() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.alive(1, 500)])
    #expect(bench.node.incarnation == Incarnation(501))
    bench.receive(from: 2, .gossip, [.load(1, 501, 7, LoadHints(connections: 9))])
    #expect(bench.node.incarnation == Incarnation(502))
    bench.node.updateHints(LoadHints(connections: 1), now: bench.now)
    bench.receive(from: 2, .gossip, [.load(1, 501, 8, LoadHints()), .alive(1, 501)])
    #expect(bench.node.incarnation == Incarnation(502))
  }

  @Test("a node that has forgotten its earlier life is told of it with the next datagram")
  func forgetful() throws {
    var bench = try Bench()
    bench.receive(from: 3, incarnation: 90, .gossip)
    // By then it is no longer news, and would not be told for any other reason.
    bench.pass(450)
    #expect(bench.node.queue.isEmpty)
    bench.receive(from: 3, incarnation: 4, .ping(5))
    let answer = bench.sent()
    #expect(answer.last?.datagram.rumours.first == .alive(3, 90))
  }

  @Test("whom a node suspects hears it first, whatever else there is to tell")
  func buddy() throws {
    for hasBuddy in [true, false] {
      var bench = try Bench(60) { $0.lifeguard.buddy = hasBuddy }
      // Fills every datagram, and the queue of rumours many times over.
      bench.receive(from: 2, .gossip, [.suspect(3, 50, by: 2)])
      bench.pass(6_000)
      bench.receive(
        from: 2, .gossip,
        (4...59).map { .load($0, 50, 1, LoadHints(version: "a version of 32 bytes, or nearly")) })
      _ = bench.sent()
      #expect(bench.health(3) == .suspect)
      bench.receive(from: 3, .ping(5))
      let answer = bench.sent()
      #expect((answer.last?.datagram.rumours.first == .suspect(3, 50, by: 2)) == hasBuddy)
    }
  }

  @Test("a death learnt by comparing tables is only a suspicion, unless the member was never heard of")
  func softened() throws {
    var bench = try Bench()
    bench.receive(from: 3, .gossip)
    let body = Datagram.Body.exchange(first: .nobody, last: MemberID(.max), isAnswer: true)
    bench.receive(from: 2, body, [.dead(3, 50), .dead(4, 50)])
    #expect(bench.health(3) == .suspect)
    #expect(bench.health(4) == .dead)
    bench.receive(from: 2, .gossip, [.dead(3, 50)])
    #expect(bench.health(3) == .dead)
  }

  @Test("a comparison is answered with what is newer here, and nothing else")
  func exchange() throws {
    var bench = try Bench()
    bench.receive(
      from: 3, .gossip, [.alive(4, 60), .suspect(5, 50, by: 3), .load(4, 60, 2, LoadHints(connections: 4))])
    _ = bench.sent()
    let whole = Datagram.Body.exchange(first: .nobody, last: MemberID(.max), isAnswer: false)
    bench.receive(
      from: 2, whole,
      [
        .alive(2, 50), .alive(1, 100), .alive(3, 50), .alive(4, 59), .load(4, 60, 3, LoadHints(connections: 5)),
        .dead(5, 50),
      ])
    let answer = bench.sent()
    #expect(answer.count == 1)
    #expect(answer.first?.datagram.rumours == [.alive(4, 60)])
    #expect(bench.node.status(of: MemberID(4))?.hints?.hints.connections == 5)
    // A question about a range is answered for that range.
    bench.receive(from: 2, .exchange(first: MemberID(3), last: MemberID(3), isAnswer: false))
    let ranged = bench.sent()
    #expect(ranged.first?.datagram.rumours == [.alive(3, 50)])
    bench.receive(from: 2, .exchange(first: .nobody, last: MemberID(.max), isAnswer: true))
    let none = bench.sent()
    #expect(none.isEmpty)
  }

  @Test("hints are taken when newer, age here and on the way, and are not taken twice")
  func hints() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.load(3, 50, 2, age: 400, LoadHints(connections: 5))])
    bench.receive(from: 2, .gossip, [.load(3, 50, 1, age: 0, LoadHints(connections: 6))])
    bench.receive(from: 2, .gossip, [.load(3, 50, 2, age: 0, LoadHints(connections: 7))])
    let known = try #require(bench.node.status(of: MemberID(3))?.hints)
    #expect(known.hints.connections == 5)
    #expect(known.age(at: bench.now) == 400)
    let passed = bench.pass(100)
    #expect(known.age(at: bench.now) == 500)
    #expect(bench.hintNews == [MemberID(3)])
    let ages = passed.flatMap(\.datagram.rumours).compactMap {
      if case .load(let load) = $0 { load.age } else { nil }
    }
    #expect(!ages.isEmpty)
    #expect(ages.allSatisfy { $0 == 450 || $0 == 500 })
    // A later life counts from 1 again.
    bench.receive(from: 2, .gossip, [.load(3, 51, 1, LoadHints(connections: 8))])
    #expect(bench.node.status(of: MemberID(3))?.hints?.hints.connections == 8)
  }

  @Test("own hints go out once in a period, but at once when draining begins or ends")
  func ownHints() throws {
    var bench = try Bench()
    func told(_ bench: inout Bench, _ milliseconds: UInt64) -> [UInt64] {
      var sequences: [UInt64] = []
      for rumour in bench.pass(milliseconds).flatMap(\.datagram.rumours) {
        if case .load(let load) = rumour, load.member == MemberID(1), sequences.last != load.stamp.sequence {
          sequences.append(load.stamp.sequence)
        }
      }
      return sequences
    }
    bench.node.updateHints(LoadHints(connections: 1), now: bench.now)
    bench.node.updateHints(LoadHints(connections: 2), now: bench.now)
    let first = told(&bench, 500)
    #expect(first == [1])
    bench.node.updateHints(LoadHints(connections: 3, isDraining: true), now: bench.now)
    let urgent = told(&bench, 200)
    #expect(urgent == [2])
    bench.node.updateHints(LoadHints(connections: 4, isDraining: true), now: bench.now)
    let waits = told(&bench, 600)
    #expect(waits == [2] || waits == [])
    let last = told(&bench, 500)
    #expect(last.contains(3))
  }

  @Test("a rumour is sent lambda * ln(n + 1) times and then no more")
  func retransmissions() throws {
    #expect(GossipNode.retransmissions(3, members: 3) == 5)
    #expect(GossipNode.retransmissions(3, members: 50) == 12)
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.load(3, 50, 2, LoadHints(connections: 5))])
    let times = bench.pass(3_000).count { sent in
      sent.datagram.rumours.contains { if case .load = $0 { true } else { false } }
        && !{ if case .exchange = $0 { true } else { false } }(sent.datagram.body)
    }
    #expect(times == GossipNode.retransmissions(3, members: 5))
  }

  @Test("who does not belong neither speaks nor listens")
  func outsider() throws {
    var bench = try Bench()
    bench.node.setMembers([MemberID(2), MemberID(3)], now: bench.now)
    let sent = bench.pass(3_000)
    #expect(sent.isEmpty)
    bench.receive(from: 2, .ping(1))
    let answer = bench.sent()
    #expect(answer.isEmpty)
    #expect(bench.node.members.isEmpty)
  }

  @Test("a node that leaves contradicts nobody, accuses nobody, and still answers")
  func leaving() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.suspect(3, 50, by: 2)])
    bench.node.leave(now: bench.now)
    bench.receive(from: 2, .ping(4), [.suspect(1, 100, by: 3)])
    let sent = bench.sent()
    #expect(sent.last?.datagram.body == .ack(4))
    #expect(sent.last?.datagram.says(.left(1, 100)) == true)
    #expect(!bench.node.hasSaidGoodbye)
    bench.pass(60_000)
    #expect(bench.node.hasSaidGoodbye)
    #expect(bench.health(3) == .suspect)
    #expect(bench.changes.allSatisfy { $0.to != .dead })
  }
}
