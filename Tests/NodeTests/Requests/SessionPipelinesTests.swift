import Desk
import Testing

@testable import Node

@Suite("Order within a session")
struct SessionPipelinesTests {
  private let session = SessionID(rawValue: 4096)

  @Test("what comes while a command is under way waits, and then goes together in order")
  func waits() {
    var pipelines = SessionPipelines()
    let result1 = pipelines.enter(session, 1)
    #expect(result1)
    let result2 = pipelines.enter(session, 2)
    #expect(!result2)
    let result3 = pipelines.enter(session, 3)
    #expect(!result3)
    let result4 = pipelines.finished(session)
    #expect(result4 == [2, 3])
    let result5 = pipelines.enter(session, 4)
    #expect(!result5)
    let result6 = pipelines.finished(session)
    #expect(result6 == [])
    let result7 = pipelines.finished(session)
    #expect(result7 == [4])
    let result8 = pipelines.finished(session)
    #expect(result8 == [])
    let result9 = pipelines.enter(session, 5)
    #expect(result9)
  }

  @Test("another session is not held up")
  func independent() {
    var pipelines = SessionPipelines()
    let result10 = pipelines.enter(session, 1)
    #expect(result10)
    let result11 = pipelines.enter(SessionID(rawValue: 8192), 2)
    #expect(result11)
  }

  @Test("no more go together than fit into one entry")
  func width() {
    var pipelines = SessionPipelines()
    _ = pipelines.enter(session, 0)
    for number in 1...200 { _ = pipelines.enter(session, UInt64(number)) }
    let result12 = pipelines.finished(session)
    #expect(result12 == Array(1...UInt64(SessionPipelines.width)))
  }

  @Test("no more bytes go together than fit into one entry; what is larger by itself goes alone")
  func widthBytes() {
    var pipelines = SessionPipelines()
    _ = pipelines.enter(session, 0)
    for number in 1...20 as ClosedRange<UInt64> { _ = pipelines.enter(session, number, bytes: 100 << 10) }
    _ = pipelines.enter(session, 21, bytes: 5 << 20)
    _ = pipelines.enter(session, 22, bytes: 1)
    var groups: [[UInt64]] = []
    var under = 1
    while under > 0 {
      let next = pipelines.finished(session)
      under -= 1
      if !next.isEmpty {
        groups.append(next)
        under += next.count
      }
    }
    var expected: [[UInt64]] = []
    for first in stride(from: 1, to: 20, by: 2) as StrideTo<UInt64> { expected.append([first, first + 1]) }
    #expect(groups == expected + [[21], [22]])
  }

  @Test("what is given up while it waits is not sent")
  func withdrawn() {
    var pipelines = SessionPipelines()
    _ = pipelines.enter(session, 1)
    _ = pipelines.enter(session, 2)
    _ = pipelines.enter(session, 3)
    #expect(pipelines.isWaiting(session, 2))
    let result13 = pipelines.withdraw(session, 2)
    #expect(result13)
    let result14 = pipelines.withdraw(session, 1)
    #expect(!result14)
    let result15 = pipelines.finished(session)
    #expect(result15 == [3])
  }
}
