import Desk
import Protocol
import Simulation
import Testing

@Suite("What every connection is told")
struct HearingTests {
  /// - Returns: for each frame of the node, what is wrong with it.
  private func hear(_ sent: [SentFrame], _ received: [String], role: String = "customer") throws -> [String?] {
    var hearing = ConnectionHearing()
    for frame in sent { hearing.sent(frame) }
    _ = hearing.received(try ReceivedFrame(text: #"{"type":"welcome","user":"me","role":"\#(role)"}"#))
    return try received.map { hearing.received(try ReceivedFrame(text: $0)) }
  }

  private let seven = SessionID(rawValue: 7)

  private var resuming: SentFrame {
    var hello = ClientHello(token: "t")
    hello.resume = [SentFrame.ResumePoint(session: "7", after: 1)]
    return SentFrame(hello)
  }

  private let resumed = #"{"type":"resumed","session":"7","recovered":true}"#
  private func message(_ sequence: Int, _ more: String = "") -> String {
    #"{"type":"message","session":"7","seq":\#(sequence),"id":"m","from":"a"\#(more)}"#
  }
  private func ack(_ sequence: Int) -> String {
    #"{"type":"ack","id":"x","session":"7","seq":\#(sequence)}"#
  }

  @Test("is in order behind a resume")
  func resume() throws {
    #expect(try hear([resuming], [resumed, message(2), ack(3), message(4)]).allSatisfy { $0 == nil })
  }

  @Test("an ack that overtakes what a resume brings is found, once")
  func overtaken() throws {
    let found = try hear([resuming], [ack(5), resumed, message(2), message(3), message(4), message(5)])
    #expect(found.compactMap { $0 }.count == 1)
    #expect(found.first??.contains("ack for 5 of 7 before its resume") == true)
  }

  @Test("a message before the answer to a resume, a gap and an own line behind its ack are found")
  func wrong() throws {
    #expect(try hear([resuming], [message(2)]).first??.contains("before its resume") == true)
    #expect(try hear([resuming], [resumed, message(3)]).last??.contains("message 3 of 7 after 1") == true)
    #expect(
      try hear([resuming], [resumed, ack(2), message(2)]).last??.contains("message 2 of 7 after 2") == true)
    #expect(try hear([resuming], [resumed, ack(3)]).last??.contains("message 3 of 7 after 1") == true)
  }

  @Test("what was sent again is allowed: an ack of before, a message whose receipt was late")
  func again() throws {
    let found = try hear(
      [resuming], [resumed, message(2), ack(2), message(2, #","resent":true"#), message(3)])
    #expect(found.allSatisfy { $0 == nil })
  }

  @Test("a session that is opened or joined here is heard from its beginning")
  func beginnings() throws {
    let opened = #"{"type":"opened","id":"o","session":"7","seq":0}"#
    #expect(try hear([], [opened, ack(1), message(2)]).allSatisfy { $0 == nil })
    #expect(try hear([], [opened, message(2)]).last??.contains("after 0") == true)
    let join = SentFrame(Join(session: seven, after: Sequence(4)), id: "j")
    let joined = #"{"type":"joined","id":"j","session":"7","seq":5}"#
    #expect(try hear([join], [joined, message(5)]).allSatisfy { $0 == nil })
    #expect(try hear([join], [message(5)]).first??.contains("before its resume") == true)
    let refused = #"{"type":"error","id":"j","code":"forbidden","message":"no"}"#
    #expect(try hear([join], [refused, message(5)]).allSatisfy { $0 == nil })
  }

  @Test("what was said before a join is answered before it; what was said behind it is not")
  func joinBehindSend() throws {
    let join = SentFrame(Join(session: seven), id: "j")
    let send = SentFrame(Send(session: seven, body: []), id: "x")
    let joined = #"{"type":"joined","id":"j","session":"7","seq":1}"#
    #expect(try hear([send, join], [ack(1), joined, message(1), message(2)]).allSatisfy { $0 == nil })
    #expect(try hear([join, send], [ack(1)]).first??.contains("before its resume") == true)
    // Refused and said again behind the join: its answer is behind the join's.
    var hearing = ConnectionHearing()
    for frame in [send, join] { hearing.sent(frame) }
    let refused = #"{"type":"error","id":"x","code":"rate_limited","message":"wait"}"#
    #expect(hearing.received(try ReceivedFrame(text: refused)) == nil)
    hearing.sent(send)
    #expect(hearing.received(try ReceivedFrame(text: ack(1)))?.contains("before its resume") == true)
  }

  @Test("a join that is refused while a resume is on its way says nothing of the resume")
  func refusedJoinBesideResume() throws {
    var hearing = ConnectionHearing()
    let join = SentFrame(Join(session: seven), id: "j")
    for frame in [resuming, join] { hearing.sent(frame) }
    let refused = #"{"type":"error","id":"j","code":"no_quorum","message":"wait","retry_after_ms":5}"#
    for text in [refused, resumed] { #expect(hearing.received(try ReceivedFrame(text: text)) == nil) }
    // Said again: what the resume lets through may come before its answer.
    hearing.sent(join)
    #expect(hearing.received(try ReceivedFrame(text: message(2))) == nil)
  }

  @Test("an agent hears what it is given from the first message on, until it goes to somebody else")
  func agents() throws {
    func assigned(_ agent: String) -> String {
      #"{"type":"event","kind":"assigned","session":"7","agent":"\#(agent)"}"#
    }
    let away = [assigned("me"), message(1), ack(2), assigned("you"), assigned("me"), message(1), message(2)]
    #expect(try hear([], away, role: "agent").allSatisfy { $0 == nil })
    #expect(
      try hear([], [assigned("me"), message(2)], role: "agent").last??.contains("told message 2") == true)
    // Told that the session is still its own, while the resume is on its way.
    let back = try hear([resuming], [assigned("me"), resumed, message(2)], role: "agent")
    #expect(back.allSatisfy { $0 == nil })
  }

  @Test("an agent that gave a session to a skill and gets it back at once goes on where it was, without a gap")
  func back() throws {
    let assigned = #"{"type":"event","kind":"assigned","session":"7","agent":"me"}"#
    let away = [
      assigned, message(1), #"{"type":"event","kind":"transferred","session":"7","from":"me","skill":"s"}"#,
      #"{"type":"event","kind":"queued","session":"7","position":1}"#, assigned,
    ]
    #expect(try hear([], away + [message(2), ack(3)], role: "agent").allSatisfy { $0 == nil })
    #expect(try hear([], away + [message(1), message(2)], role: "agent").allSatisfy { $0 == nil })
    #expect(try hear([], away + [message(3)], role: "agent").last??.contains("told message 3") == true)
  }
}
