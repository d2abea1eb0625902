import Desk
import Testing

@testable import Node

@Suite("Looking at all sessions, a few at a time")
struct RoundTests {
  private func session(_ number: Int) -> SessionID { SessionID(rawValue: UInt64(number)) }

  @Test("each is looked at once in a round, and no turn has much more than its share")
  func spread() {
    var round = Round(turns: 10)
    for number in 1...37 { round.insert(session(number)) }
    var seen: [SessionID] = []
    for _ in 0..<10 {
      let turn = round.turn()
      #expect(turn.count == 3 || turn.count == 4)
      seen += turn
    }
    #expect(seen == (1...37).map(session))
  }

  @Test("those that go and come do not make others be left out")
  func changes() {
    var round = Round(turns: 4)
    for number in 1...16 { round.insert(session(number)) }
    var seen = round.turn() + round.turn()
    #expect(seen.count == 8)
    // Three that were seen, three that were not, and somebody new.
    for number in [1, 5, 8, 9, 12, 16] { round.remove(session(number)) }
    round.remove(session(99))
    round.insert(session(17))
    round.insert(session(17))
    #expect(round.count == 11)
    for _ in 0..<2 { seen += round.turn() }
    #expect(Set(seen).isSuperset(of: [10, 11, 13, 14, 15].map(session)))
    round.hurry()
    #expect(Set(round.turn()) == Set([2, 3, 4, 6, 7, 10, 11, 13, 14, 15, 17].map(session)))
  }

  @Test("in a hurry all are looked at in as few turns as the limit allows, and then at leisure again")
  func hurry() {
    var round = Round(turns: 1_000)
    for number in 0..<2_500 { round.insert(session(number)) }
    round.hurry()
    #expect((0..<3).map { _ in round.turn().count } == [1_000, 1_000, 500])
    #expect(round.turn().count <= 3)
  }

  @Test("nothing is looked at when there is nothing")
  func empty() {
    var round = Round(turns: 3)
    round.hurry()
    #expect(round.turn().isEmpty)
    round.insert(session(1))
    round.remove(session(1))
    #expect(round.turn().isEmpty)
  }
}
