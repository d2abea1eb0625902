import Desk
import Kernel
import Testing

@testable import Protocol

@Suite("one client as a value")
struct ClientConnectionTests {
  var random = Steps(state: 1)
  var state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1", "ws://b:2"], patience: .seconds(2)))

  mutating func welcome(at now: Instant = 0) throws -> [ClientAction] {
    _ = state.connected(token: "t", at: now)
    return try receive(#"{"type":"welcome","node":"node1","heartbeat_ms":15000,"nodes":[]}"#, at: now)
  }

  mutating func receive(_ text: String, at now: Instant = 0) throws -> [ClientAction] {
    state.received(try ReceivedFrame(text: text), at: now)
  }

  mutating func lose(_ code: Int? = nil) -> Span? {
    state.disconnected(reason: "test", closeCode: code, using: &random).wait
  }

  func sendFrame(_ id: String, _ session: String = "7", body: String = "hi") -> SentFrame {
    SentFrame(Send(session: SessionID(text: session) ?? Loopback.session, body: Array(body.utf8)), id: id)
  }

  func sent(_ actions: [ClientAction]) -> [SentFrame] {
    actions.compactMap { if case .transmit(let frame) = $0 { frame } else { nil } }
  }

  func messages(_ actions: [ClientAction]) -> [UInt64] {
    actions.compactMap { if case .emit(.message(let message)) = $0 { message.sequence } else { nil } }
  }

  @Test("what is asked without a connection is sent after the welcome, in order")
  mutating func queue() throws {
    let first = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    let second = try state.submit(sendFrame("m2"), deadline: nil, at: 0)
    #expect(first.isEmpty && second.isEmpty)
    let hello = sent(state.connected(token: "t", at: 0))
    #expect(hello.map(\.type) == ["hello"])
    let welcomed = sent(try receive(#"{"type":"welcome","node":"node1"}"#))
    #expect(welcomed.map(\.id) == ["m1", "m2"])
  }

  @Test("a message without its acknowledgement is sent again with the same id on the next connection")
  mutating func resend() throws {
    _ = try welcome()
    let first = sent(try state.submit(sendFrame("m1"), deadline: nil, at: 5))
    _ = lose()
    let again = sent(try welcome(at: 10))
    #expect(first == again)
    let actions = try receive(#"{"type":"ack","id":"m1","session":"7","seq":1,"time":99}"#, at: 11)
    #expect(
      actions == [.resolve(id: "m1", .acknowledged(.init(id: "m1", session: "7", sequence: 1, time: 99)))])
    _ = lose()
    let none = sent(try welcome(at: 20)).filter { $0.type == "send" }
    #expect(none.isEmpty)
  }

  @Test("our own message brought back by resuming is its acknowledgement, and no message")
  mutating func ownMessage() throws {
    _ = try welcome()
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    _ = lose()
    _ = try welcome(at: 5)
    let message = #"{"type":"message","session":"7","seq":4,"id":"m1","from":"me","body":"hi","time":12}"#
    let actions = try receive(message, at: 6)
    #expect(
      actions == [.resolve(id: "m1", .acknowledged(.init(id: "m1", session: "7", sequence: 4, time: 12)))])
    let late = try receive(#"{"type":"ack","id":"m1","session":"7","seq":4,"time":12}"#, at: 7)
    #expect(late.isEmpty)
  }

  @Test("who is connected, or no longer, is told with name and role, and needs neither")
  mutating func connected() throws {
    _ = try welcome()
    let comes = try receive(
      #"{"type":"event","session":"7","kind":"presence","user":"bob","name":"Bob","role":"agent","online":true}"#
    )
    let goes = try receive(
      #"{"type":"event","session":"7","kind":"presence","user":"bob","online":false}"#)
    #expect(
      comes == [.emit(.presence(session: "7", user: "bob", name: "Bob", role: "agent", isOnline: true))])
    #expect(goes == [.emit(.presence(session: "7", user: "bob", name: "bob", role: "", isOnline: false))])
    let nobody = try receive(#"{"type":"event","session":"7","kind":"presence","online":false}"#)
    #expect(nobody.isEmpty)
  }

  @Test("a message is told once, however often it comes")
  mutating func duplicates() throws {
    _ = try welcome()
    let one = #"{"type":"message","session":"7","seq":1,"id":"x","from":"anna","body":"a","time":1}"#
    let first = messages(try receive(one))
    let second = messages(try receive(one))
    _ = lose()
    _ = try welcome()
    let third = messages(try receive(one))
    #expect([first, second, third] == [[1], [], []])
  }

  @Test("resuming begins behind the last message without a hole")
  mutating func resumePoint() throws {
    _ = try welcome()
    _ = try state.submit(SentFrame(Open(skill: "s"), id: "o"), deadline: nil, at: 0)
    _ = try receive(#"{"type":"opened","id":"o","session":"7","state":"queued","position":1,"agents":[]}"#)
    _ = try receive(#"{"type":"message","session":"7","seq":1,"id":"a","from":"x","body":"a"}"#)
    // 2 is our own; its acknowledgement is lost.
    _ = try receive(#"{"type":"message","session":"7","seq":3,"id":"b","from":"x","body":"b"}"#)
    _ = lose()
    let hello = sent(state.connected(token: "t", at: 9))
    #expect(hello.first?.hello?.resume == [.init(session: "7", after: 1)])
  }

  @Test("no_quorum and busy are tried again with the same id after the wait they name; forbidden is final")
  mutating func errors() throws {
    _ = try welcome()
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    let put = try receive(
      #"{"type":"error","id":"m1","code":"no_quorum","message":"x","retry_after_ms":200}"#, at: 10)
    #expect(put == [.emit(.retrying(id: "m1", code: "no_quorum", message: "x", afterMilliseconds: 200))])
    let early = sent(state.tick(at: 209))
    #expect(early.isEmpty)
    let due = sent(state.tick(at: 210))
    #expect(due.map(\.id) == ["m1"])
    let refused = try receive(#"{"type":"error","id":"m1","code":"forbidden","message":"no"}"#, at: 220)
    #expect(refused == [.resolve(id: "m1", .failed(.refused(code: "forbidden", message: "no")))])
  }

  @Test("without a named wait the tries get rarer")
  mutating func growingRetries() throws {
    _ = try welcome()
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    var waits: [Int] = []
    var now: Instant = 0
    for _ in 0..<7 {
      for action in try receive(#"{"type":"error","id":"m1","code":"busy"}"#, at: now) {
        guard case .emit(.retrying(_, _, _, let wait)) = action else { continue }
        waits.append(wait)
        now += .milliseconds(wait)
        _ = state.tick(at: now)
      }
    }
    #expect(waits == [50, 100, 200, 400, 800, 1600, 1600])
  }

  @Test("a node that is silent with a request under way is pinged, then left")
  mutating func frozen() throws {
    _ = try welcome(at: 1000)
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 1000)
    let patient = state.tick(at: 1900)
    let ping = state.tick(at: 2000)
    let waiting = state.tick(at: 2900)
    let left = state.tick(at: 3000)
    #expect(patient.isEmpty && waiting.isEmpty)
    #expect(ping == [.ping])
    guard case .disconnect? = left.first else {
      Issue.record("it stays with a node that does not answer: \(left)")
      return
    }
  }

  @Test("a node that answers pings is not left, however long the request takes")
  mutating func slow() throws {
    _ = try welcome(at: 0)
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    var pings = 0
    for step in 1..<280 {
      let now = Instant.zero + .milliseconds(50 * step)
      for action in state.tick(at: now) {
        if action == .ping {
          pings += 1
          state.heard(at: now + .milliseconds(1))
        }
        if case .disconnect(let reason) = action { Issue.record("left at \(now): \(reason)") }
      }
    }
    #expect(pings > 5)
  }

  @Test("a node without heartbeats is left, and so is one that never says welcome")
  mutating func silence() throws {
    _ = state.connected(token: "t", at: 0)
    let noWelcome = state.tick(at: 2000)
    #expect(noWelcome.count == 1)
    _ = lose()
    _ = try welcome(at: 5000)
    let calm = state.tick(at: 42_000)
    let silent = state.tick(at: 42_500)
    #expect(calm.isEmpty)
    #expect(silent.count == 1)
  }

  @Test("close codes from 4500 end it for whoever waits, others do not")
  mutating func finality() throws {
    _ = try welcome()
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    let again = lose(4013)
    #expect(again != nil)
    let (wait, actions) = state.disconnected(reason: "no", closeCode: 4501, using: &random)
    #expect(wait == nil)
    #expect(actions == [.resolve(id: "m1", .failed(.closedByServer(code: 4501, reason: "no")))])
    #expect(throws: ClientError.closedByServer(code: 4501, reason: "no")) {
      try state.submit(sendFrame("m2"), deadline: nil, at: 1)
    }
  }

  @Test("an agent's status is told again on every new connection")
  mutating func presence() throws {
    _ = try welcome()
    let status = SentFrame(
      SetStatus(status: .online, skills: [SkillWeight(skill: "billing")]), id: "s1")
    _ = try state.submit(status, deadline: nil, at: 0)
    _ = try receive(#"{"type":"ok","id":"s1"}"#)
    _ = lose()
    let again = sent(try welcome())
    #expect(again == [status])
  }

  @Test("an agent who joins an assigned session gets what came before, and nothing twice")
  mutating func join() throws {
    _ = try welcome()
    let third = #"{"type":"message","session":"7","seq":3,"id":"c","from":"ben","body":"c"}"#
    var told = messages(try receive(third))
    let join = SentFrame(Join(session: SessionID(rawValue: 7)), id: "j")
    _ = try state.submit(join, deadline: nil, at: 0)
    _ = try receive(#"{"type":"joined","id":"j","session":"7","state":"active","seq":3}"#)
    for (sequence, id) in [(1, "a"), (2, "b"), (3, "c")] {
      told += messages(
        try receive(
          #"{"type":"message","session":"7","seq":\#(sequence),"id":"\#(id)","from":"ben","body":"x"}"#))
    }
    #expect(told == [3, 1, 2])
  }

  @Test("a deadline ends a request even without a connection")
  mutating func deadline() throws {
    _ = try state.submit(sendFrame("m1"), deadline: 500, at: 0)
    let before = state.tick(at: 499)
    let after = state.tick(at: 500)
    #expect(before.isEmpty)
    #expect(after == [.resolve(id: "m1", .failed(.timedOut))])
  }

  @Test("receipts are cumulative and sent together")
  mutating func receipts() throws {
    _ = try welcome()
    for sequence in 1...3 {
      _ = try receive(
        #"{"type":"message","session":"7","seq":\#(sequence),"id":"i\#(sequence)","from":"x","body":"b"}"#)
    }
    let told = sent(state.tick(at: 50))
    #expect(told.map(\.type) == ["received"])
    #expect(told == [SentFrame(Received(session: SessionID(rawValue: 7), seq: Sequence(3)))])
    let again = sent(state.tick(at: 100))
    #expect(again.isEmpty)
  }

  @Test("a closed session is not resumed, and its messages stay known")
  mutating func closed() throws {
    _ = try welcome()
    let message = #"{"type":"message","session":"7","seq":1,"id":"a","from":"x","body":"b"}"#
    _ = try receive(message)
    let closed = try receive(#"{"type":"event","session":"7","kind":"closed","by":"anna","reason":"done"}"#)
    #expect(closed == [.emit(.closed(session: "7", by: "anna", reason: "done"))])
    let again = messages(try receive(message))
    #expect(again.isEmpty)
    _ = lose()
    let hello = sent(state.connected(token: "t", at: 0))
    #expect(hello.first?.hello?.resume == nil)
  }

  @Test("a transfer is asked again on the next connection; a busy agent is an answer, a busy node is not")
  mutating func transfer() throws {
    _ = try welcome()
    func frame(_ id: String) -> SentFrame {
      SentFrame(Transfer(session: SessionID(rawValue: 7), agent: "kim"), id: id)
    }
    let first = sent(try state.submit(frame("t1"), deadline: nil, at: 0))
    _ = lose()
    let again = sent(try welcome())
    #expect(first == again)
    let put = try receive(#"{"type":"error","id":"t1","code":"busy","message":"x","retry_after_ms":100}"#)
    #expect(put == [.emit(.retrying(id: "t1", code: "busy", message: "x", afterMilliseconds: 100))])
    let full = try receive(#"{"type":"error","id":"t1","code":"busy","message":"full"}"#)
    #expect(full == [.resolve(id: "t1", .failed(.refused(code: "busy", message: "full")))])
    _ = try state.submit(frame("t2"), deadline: nil, at: 0)
    let done = try receive(#"{"type":"ok","id":"t2"}"#)
    #expect(done == [.resolve(id: "t2", .done)])
  }

  @Test(
    "a session that this agent gave away is not resumed, unless it comes back; what was seen of it stays known",
    arguments: [
      ([#""kind":"transferred","from":"kim","skill":"tax""#], true),
      ([#""kind":"transferred","from":"bob","to":"kim""#], false),
      ([#""kind":"transferred","from":"bob","to":"kim""#, #""kind":"assigned","agent":"bob""#], true),
      ([#""kind":"transferred","from":"bob","to":"kim""#, #""kind":"assigned","agent":"kim""#], false),
    ])
  mutating func givenAway(events: [String], isResumed: Bool) throws {
    _ = state.connected(token: "t", at: 0)
    _ = try receive(#"{"type":"welcome","node":"node1","user":"bob"}"#)
    let message = #"{"type":"message","session":"7","seq":1,"id":"a","from":"x","body":"b"}"#
    _ = try receive(message)
    for event in events { _ = try receive(#"{"type":"event","session":"7",\#(event)}"#) }
    let again = messages(try receive(message))
    #expect(again.isEmpty)
    _ = lose()
    let hello = sent(state.connected(token: "t", at: 0))
    #expect(hello.first?.hello?.resume?.map(\.session) == (isResumed ? ["7"] : nil))
  }

  @Test("a session that is joined again after it was given away is resumed again, a closed one is not")
  mutating func joinedAgain() throws {
    _ = state.connected(token: "t", at: 0)
    _ = try receive(#"{"type":"welcome","node":"node1","user":"bob"}"#)
    for (session, kind) in [("7", #""transferred","from":"bob","to":"kim""#), ("8", #""closed","by":"x""#)] {
      _ = try receive(#"{"type":"message","session":"\#(session)","seq":1,"id":"a","from":"x","body":"b"}"#)
      _ = try receive(#"{"type":"event","session":"\#(session)","kind":\#(kind)}"#)
      let join = SentFrame(Join(session: try #require(SessionID(text: session))), id: "j\(session)")
      _ = try state.submit(join, deadline: nil, at: 0)
    }
    _ = try receive(#"{"type":"joined","id":"j7","session":"7","state":"active","seq":1}"#)
    _ = try receive(#"{"type":"joined","id":"j8","session":"8","state":"closed","seq":1}"#)
    _ = lose()
    let hello = sent(state.connected(token: "t", at: 0))
    #expect(hello.first?.hello?.resume?.map(\.session) == ["7"])
  }

  @Test("a session whose resume is refused is not asked for again, and nothing of it is shown twice")
  mutating func refusedResume() throws {
    _ = state.connected(token: "t", at: 0)
    _ = try receive(#"{"type":"welcome","node":"node1","user":"bob"}"#)
    let message = #"{"type":"message","session":"7","seq":1,"id":"a","from":"x","body":"b"}"#
    _ = try receive(message)
    _ = lose()
    #expect(sent(state.connected(token: "t", at: 0)).first?.hello?.resume?.map(\.session) == ["7"])
    _ = try receive(#"{"type":"welcome","node":"node1","user":"bob"}"#)
    _ = try receive(#"{"type":"error","session":"7","code":"forbidden","message":"no"}"#)
    _ = lose()
    #expect(sent(state.connected(token: "t", at: 0)).first?.hello?.resume == nil)
    _ = try receive(#"{"type":"welcome","node":"node1","user":"bob"}"#)
    _ = try receive(#"{"type":"event","session":"7","kind":"assigned","agent":"bob"}"#)
    let again = messages(try receive(message))
    #expect(again.isEmpty)
    _ = lose()
    #expect(sent(state.connected(token: "t", at: 0)).first?.hello?.resume?.map(\.session) == ["7"])
  }

  @Test("a session that was handed on is told with from and to whom")
  mutating func transferred() throws {
    _ = try welcome()
    let toAgent = try receive(#"{"type":"event","session":"7","kind":"transferred","from":"bob","to":"kim"}"#)
    let toSkill = try receive(#"{"type":"event","session":"7","kind":"transferred","skill":"tax"}"#)
    #expect(toAgent == [.emit(.transferred(session: "7", from: "bob", to: .agent("kim")))])
    #expect(toSkill == [.emit(.transferred(session: "7", from: nil, to: .skill("tax")))])
  }

  @Test("what was missed and not brought is not asked for again: it would come behind what was said since")
  mutating func lostBefore() throws {
    func message(_ sequence: Int) -> String {
      #"{"type":"message","session":"7","seq":\#(sequence),"id":"m\#(sequence)","from":"ann","body":"x","time":1}"#
    }
    _ = try welcome()
    _ = try receive(#"{"type":"event","session":"7","kind":"assigned","agent":"bob"}"#)
    for sequence in 1...3 { _ = try receive(message(sequence)) }
    let lost = try receive(#"{"type":"resumed","session":"7","recovered":false}"#)
    #expect(lost == [.emit(.historyLost(session: "7"))])
    _ = lose()
    // Nothing came behind it: it is asked for once more.
    #expect(sent(state.connected(token: "t", at: 0)).first?.hello?.resume?.map(\.after) == [3])
    _ = try receive(#"{"type":"welcome","node":"node1","user":"bob"}"#)
    _ = try receive(#"{"type":"resumed","session":"7","recovered":false}"#)
    let since = messages(try receive(message(203))) + messages(try receive(message(204)))
    #expect(since.count == 2)
    _ = lose()
    #expect(sent(state.connected(token: "t", at: 0)).first?.hello?.resume?.map(\.after) == [204])
  }

  @Test("what cannot be resumed is told, so that the history is read anew")
  mutating func lost() throws {
    _ = try welcome()
    let actions = try receive(#"{"type":"resumed","session":"7","recovered":false}"#)
    #expect(actions == [.emit(.historyLost(session: "7"))])
    let fine = try receive(#"{"type":"resumed","session":"7","recovered":true}"#)
    #expect(fine.isEmpty)
  }

  @Test(
    "no number of a server ends the process, nor makes the client wait for ever",
    arguments: ["9000000000000000000", "9223372036854775807", "-9223372036854775808", "0"])
  mutating func hugeNumbers(number: String) throws {
    _ = state.connected(token: "t", at: 0)
    _ = try receive(#"{"type":"welcome","node":"node1","heartbeat_ms":\#(number)}"#)
    _ = state.tick(at: 1)
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 1)
    _ = try receive(#"{"type":"error","id":"m1","code":"busy","retry_after_ms":\#(number)}"#, at: 1)
    let again = sent(state.tick(at: 1 + .milliseconds(ReceivedFrame.longestWait)))
    #expect(again.contains { $0.id == "m1" })
    _ = try receive(#"{"type":"goaway","reconnect_after_ms":\#(number)}"#)
    let wait = try #require(lose())
    #expect(wait <= .seconds(60))
    _ = state.tick(at: .zero + .milliseconds(10 * ReceivedFrame.longestWait))
  }

  @Test(
    "a place in a conversation that no node gives is no frame of the protocol",
    arguments: ["9007199254740993", "18446744073709551615"])
  mutating func hugeSequence(number: String) throws {
    _ = try welcome()
    for frame in [
      #"{"type":"message","session":"7","seq":\#(number),"id":"a","from":"x","body":"b"}"#,
      #"{"type":"ack","session":"7","seq":\#(number),"id":"a"}"#,
      #"{"type":"history","id":"h","messages":[{"seq":\#(number),"body":"b"}]}"#,
    ] {
      #expect(throws: JSONFault.self) { try receive(frame) }
    }
  }

  @Test("addresses that a server makes up are remembered up to a bound")
  mutating func manyAddresses() throws {
    for number in 1...1000 {
      _ = try welcome()
      _ = try receive(#"{"type":"goaway","node":"n\#(number)","client_url":"http://h\#(number):1"}"#)
      _ = lose()
    }
    #expect(state.route.urls.count <= 2 * NodeRoute.maximumNodes)
  }

  @Test("requests are bounded, and an id is used once at a time")
  mutating func bounds() throws {
    state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"], maximumPending: 2))
    _ = try state.submit(sendFrame("m1"), deadline: nil, at: 0)
    #expect(throws: ClientError.self) { try state.submit(sendFrame("m1"), deadline: nil, at: 0) }
    _ = try state.submit(sendFrame("m2"), deadline: nil, at: 0)
    #expect(throws: ClientError.self) { try state.submit(sendFrame("m3"), deadline: nil, at: 0) }
  }
}

/// In these tests an instant is its milliseconds.
extension Instant: ExpressibleByIntegerLiteral {
  /// - Parameter value: milliseconds.
  public init(integerLiteral value: UInt64) { self = .zero + .milliseconds(Int64(value)) }
}
