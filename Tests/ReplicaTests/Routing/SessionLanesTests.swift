import Desk
import Testing

@testable import Replica

@Suite("Order within a session")
struct SessionLanesTests {
  private let session = SessionID(rawValue: 4096)

  @Test("what comes while a command is under way waits, and then goes together in order")
  func waits() {
    var lanes = SessionLanes()
    #expect(lanes.enter(session, 1))
    #expect(!lanes.enter(session, 2))
    #expect(!lanes.enter(session, 3))
    #expect(lanes.finished(session) == [2, 3])
    #expect(!lanes.enter(session, 4))
    #expect(lanes.finished(session) == [])
    #expect(lanes.finished(session) == [4])
    #expect(lanes.finished(session) == [])
    #expect(lanes.enter(session, 5))
  }

  @Test("another session is not held up")
  func independent() {
    var lanes = SessionLanes()
    #expect(lanes.enter(session, 1))
    #expect(lanes.enter(SessionID(rawValue: 8192), 2))
  }

  @Test("no more go together than fit into one entry")
  func width() {
    var lanes = SessionLanes()
    _ = lanes.enter(session, 0)
    for number in 1...200 { _ = lanes.enter(session, UInt64(number)) }
    #expect(lanes.finished(session) == Array(1...UInt64(SessionLanes.width)))
  }

  @Test("what is given up while it waits is not sent")
  func withdrawn() {
    var lanes = SessionLanes()
    _ = lanes.enter(session, 1)
    _ = lanes.enter(session, 2)
    _ = lanes.enter(session, 3)
    #expect(lanes.isWaiting(session, 2))
    #expect(lanes.withdraw(session, 2))
    #expect(!lanes.withdraw(session, 1))
    #expect(lanes.finished(session) == [3])
  }
}
