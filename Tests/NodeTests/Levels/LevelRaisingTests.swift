import Kernel
import Testing

@testable import Node

@Suite("When the level is raised")
struct LevelRaisingTests {
  private let start = Instant(nanoseconds: 0)

  @Test("once every member has announced more, learners too; a member that is not connected is waited for")
  func everybody() {
    var raising = LevelRaising()
    func due(_ others: [Level?], current: Level = .first, own: Level = Level(3)) -> Level? {
      raising.due(current: current, own: own, others: others, now: start)
    }
    #expect(due([.second, .first]) == nil)
    #expect(due([.second, nil]) == nil)
    #expect(due([.second, Level(3)], current: .second) == nil)
    #expect(due([.second], own: .first) == nil)
    #expect(due([.second, Level(3)]) == .second)
    #expect(due([Level(3), Level(4)]) == Level(3))
  }

  @Test("a cluster of one need ask nobody")
  func alone() {
    var raising = LevelRaising()
    #expect(raising.due(current: .first, own: .second, others: [], now: start) == .second)
  }

  @Test("what was proposed is proposed anew when it got lost, and not before")
  func again() {
    var raising = LevelRaising()
    func due(_ milliseconds: Int64) -> Level? {
      raising.due(current: .first, own: .second, others: [.second], now: start + .milliseconds(milliseconds))
    }
    #expect(due(0) == .second)
    #expect(due(1_999) == nil)
    #expect(due(2_000) == .second)
    #expect(due(2_500) == nil)
  }
}
