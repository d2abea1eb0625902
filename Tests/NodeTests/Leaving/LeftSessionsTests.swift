import Desk
import Raft
import Testing

@testable import Node

@Suite("Sessions on their way into the archive")
struct LeftSessionsTests {
  private func ids(_ numbers: Range<Int>) -> [SessionID] { numbers.map { SessionID(rawValue: UInt64($0)) } }

  @Test("are known until the archive is durable up to the entry with which they left, and others are not")
  func known() {
    var left = LeftSessions()
    left.left(ids(1..<3), at: LogIndex(10))
    left.left(ids(3..<4), at: LogIndex(12))
    func underWay() -> [Bool] { ids(1..<5).map(left.isUnderWay) }
    #expect(underWay() == [true, true, true, false])
    left.isDurable(LogIndex(9))
    #expect(underWay() == [true, true, true, false])
    left.isDurable(LogIndex(11))
    #expect(underWay() == [false, false, true, false])
    left.isDurable(LogIndex(12))
    #expect(underWay() == [false, false, false, false])
  }

  @Test(
    "are any, where a snapshot has brought what became of them or too many are under way, until the archive has it"
  )
  func unknown() {
    var left = LeftSessions()
    left.begin(at: LogIndex(7))
    #expect(left.isUnderWay(SessionID(rawValue: 99)))
    left.isDurable(LogIndex(7))
    #expect(!left.isUnderWay(SessionID(rawValue: 99)))
    left.left(ids(0..<LeftSessions.most), at: LogIndex(8))
    #expect(!left.isUnderWay(SessionID(rawValue: 1 << 40)))
    left.left(ids(LeftSessions.most..<LeftSessions.most + 1), at: LogIndex(9))
    #expect(left.isUnderWay(SessionID(rawValue: 1 << 40)))
    left.isDurable(LogIndex(8))
    #expect(left.isUnderWay(SessionID(rawValue: 1 << 40)))
    left.isDurable(LogIndex(9))
    #expect(!left.isUnderWay(SessionID(rawValue: 1 << 40)))
  }
}
