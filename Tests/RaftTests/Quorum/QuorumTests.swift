import Testing

@testable import Raft

@Suite struct QuorumTests {
  private func membership(_ voters: [UInt64], outgoing: [UInt64] = []) -> Membership {
    Membership(voters: voters.map { NodeID($0) }, outgoing: outgoing.map { NodeID($0) })
  }

  @Test("the highest value of a quorum is the median from above, in whatever order", arguments: 0..<100)
  func highestIsTheMedian(seed: UInt64) {
    var dice = Dice(seed: seed)
    let count = 1 + dice.below(7)
    let values = (0..<count).map { _ in dice.below(6) }
    let ids = (1...UInt64(count)).map { $0 }
    let highest = Quorum.highest(in: membership(ids)) { values[Int($0.rawValue) - 1] }
    #expect(highest == values.sorted(by: >)[count / 2])
  }

  @Test("a joint configuration needs a majority of both halves")
  func jointNeedsBoth() {
    let joint = membership([1, 2, 3], outgoing: [3, 4, 5])
    #expect(!Quorum.isReached(in: joint) { [1, 2].contains($0.rawValue) })
    #expect(!Quorum.isReached(in: joint) { [3, 4, 5].contains($0.rawValue) })
    #expect(Quorum.isReached(in: joint) { [2, 3, 4].contains($0.rawValue) })
    #expect(Quorum.highest(in: joint) { [9, 8, 7, 1, 2][Int($0.rawValue) - 1] } == 2)
    #expect(joint.members.map(\.rawValue) == [1, 2, 3, 4, 5])
  }

  @Test("half of an even number is no quorum")
  func halfIsNotEnough() {
    #expect(!Quorum.isReached(in: membership([1, 2, 3, 4])) { $0.rawValue <= 2 })
    #expect(Quorum.isReached(in: membership([1, 2, 3, 4])) { $0.rawValue <= 3 })
  }

  @Test("an election is lost once the silent ones could not win it, and not before")
  func lostWhenOutOfReach() {
    let group = membership([1, 2, 3, 4, 5])
    var tally = VoteTally()
    tally.record(one, granted: true)
    tally.record(two, granted: false)
    tally.record(three, granted: false)
    #expect(tally.outcome(in: group) == .pending)
    tally.record(three, granted: true)
    #expect(tally.outcome(in: group) == .pending)
    tally.record(NodeID(4), granted: false)
    #expect(tally.outcome(in: group) == .lost)
  }
}
