import Testing

@testable import Gossip

@Suite("Suspicions")
struct SuspicionTests {
  @Test("each confirmation brings the deadline nearer, the first one most; the last one to the minimum")
  func deadlines() {
    var suspicion = Suspicion(
      startedAt: 1_000, accuser: MemberID(2), minimum: 2_500, maximum: 15_000, expected: 3)
    #expect(suspicion.deadline == 16_000)
    var deadlines = [suspicion.deadline]
    for accuser in UInt64(3)...5 {
      let counts = suspicion.confirm(MemberID(accuser))
      #expect(counts)
      deadlines.append(suspicion.deadline)
    }
    // 15,000 - 12,500 * ln 2 / ln 4 = 8,750 ; with ln 3 / ln 4: 5,093.
    #expect(deadlines == [16_000, 9_750, 6_093, 3_500])
    let further = suspicion.confirm(MemberID(6))
    #expect(!further)
  }

  @Test("the same accuser counts once")
  func sameAccuser() {
    var suspicion = Suspicion(startedAt: 0, accuser: MemberID(2), minimum: 1, maximum: 9, expected: 3)
    let first = suspicion.confirm(MemberID(2))
    let second = suspicion.confirm(MemberID(3))
    let third = suspicion.confirm(MemberID(3))
    #expect([first, second, third] == [false, true, false])
  }

  @Test("an unconfirmed suspicion takes six times as long to become a death as a confirmed one")
  func unconfirmed() throws {
    func timeToDeath(accusers: [UInt64]) throws -> UInt64? {
      // Five nodes, of which all but the accused answer no probe because none is made in this time.
      var bench = try Bench { $0.probeInterval = 500 }
      bench.node.probe = Probe(target: MemberID(2), number: 0, asksOthersAt: .max, endsAt: .max)
      let start = bench.now
      for accuser in accusers { bench.receive(from: accuser, .gossip, [.suspect(5, 50, by: accuser)]) }
      while bench.now < start + 60_000 {
        if bench.health(5) == .dead { return bench.now - start }
        bench.pass(50)
      }
      return nil
    }
    // log10 of five is below one, so the minimum is 5 * 500 ms.
    #expect(try timeToDeath(accusers: [2]) == 15_000)
    #expect(try timeToDeath(accusers: [2, 3, 4]) == 5_100)
    #expect(try timeToDeath(accusers: [2, 2, 2]) == 15_000)
  }

  @Test("in a cluster of two nobody can confirm, so nobody is waited for")
  func two() throws {
    var bench = try Bench(2)
    let newest = bench.node.newSuspicion(by: MemberID(1))
    #expect(newest.expected == 0)
    #expect(newest.deadline - bench.now == 2_500)
    bench = try Bench(3)
    #expect(bench.node.newSuspicion(by: MemberID(1)).expected == 1)
    bench = try Bench(30)
    #expect(bench.node.newSuspicion(by: MemberID(1)).minimum == 3_692)
  }

  @Test("each accuser's word is passed on, so that all count the same confirmations")
  func passedOn() throws {
    var bench = try Bench()
    bench.receive(from: 2, .gossip, [.suspect(5, 50, by: 2)])
    bench.receive(from: 3, .gossip, [.suspect(5, 50, by: 3)])
    let told = bench.pass(1_000).flatMap(\.datagram.rumours)
    #expect(told.contains(.suspect(5, 50, by: 2)))
    #expect(told.contains(.suspect(5, 50, by: 3)))
  }

  @Test("an accuser who does not belong counts as the one who says so")
  func strangers() throws {
    var bench = try Bench()
    for accuser in UInt64(70)..<75 { bench.receive(from: 2, .gossip, [.suspect(5, 50, by: accuser)]) }
    let place = try #require(bench.node.table.position(of: MemberID(5)))
    #expect(bench.node.table[place].suspicion?.accusers == [MemberID(2)])
  }
}
