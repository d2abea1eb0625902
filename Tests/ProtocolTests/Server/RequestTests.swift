import Desk
import Foundation
import TestFrames
import Testing

@testable import Protocol

@Suite struct RequestTests {
  private func body(_ text: String, _ person: Person = customer, claims: Claims? = nil) -> DeskRequest? {
    let harness = ConnectionHarness.welcomed(person, claims: claims)
    harness.say(text)
    let requests = harness.requests()
    #expect(requests.count == 1, "\(text): \(harness.complaints())")
    #expect(requests.first?.person == (claims?.person ?? person))
    return requests.first?.body
  }

  @Test("open carries all its fields, attributes as they came")
  func open() {
    let text =
      #"{"type":"open","id":"o1","channel":"web","skill":"billing","intent":"refund","priority":-3,"attributes":{"plan":"gold","n":[1, {"a":2}],"plan":null}}"#
    guard case .open(let open)? = body(text) else { return }
    #expect(open.id == "o1")
    #expect(open.channel == "web")
    #expect(open.skill == "billing")
    #expect(open.intent == "refund")
    #expect(open.priority == -3)
    #expect(
      open.attributes == [Attribute(name: "plan", json: "null"), Attribute(name: "n", json: #"[1, {"a":2}]"#)])
    guard case .open(let bare)? = body(#"{"type":"open","id":"o2"}"#) else { return }
    #expect(bare.channel.isEmpty && bare.skill.isEmpty && bare.priority == 0 && bare.attributes.isEmpty)
  }

  @Test("sessions asks for a bounded number, and the answer says all that a client needs to go on")
  func sessions() throws {
    for (text, expected) in [("", 20), (#","limit":3"#, 3), (#","limit":1e2"#, 100), (#","limit":9999"#, 100)] {
      guard case .query(let asked)? = body(#"{"type":"sessions","id":"1"\#(text)}"#) else {
        Issue.record("limit \(expected)")
        continue
      }
      #expect((asked.query as? Sessions)?.limit == expected && !asked.isLocal)
    }
    let harness = ConnectionHarness.welcomed(customer)
    harness.say(#"{"type":"sessions","limit":0}"#)
    #expect(harness.complaints() == ["bad_frame"])
    harness.say(#"{"type":"sessions","id":"own"}"#)
    let tag = try #require(harness.requests().first?.tag)
    let session = OwnSessions.Session(
      session: SessionID(rawValue: 20480), state: "queued", seq: Sequence(7), position: 2, eta: 900,
      agents: ["a"],
      channel: "web", skill: "tax", openedAt: 1, updatedAt: 2)
    harness.reply(tag, .answer(QueryAnswer(OwnSessions(sessions: [session], more: true))))
    let frame = try #require(harness.seen().first)
    // As it was in the first release that had it.
    #expect(
      frame.said
        == #"{"type":"sessions","id":"own","sessions":[{"session":"20480","state":"queued","seq":7,"position":2,"#
        + #""eta_ms":900,"agents":["a"],"channel":"web","skill":"tax","opened_at":1,"updated_at":2}],"more":true}"#
    )
    let answer = frame.json
    #expect(answer["type"] as? String == "sessions" && answer["id"] as? String == "own")
    #expect(answer["more"] as? Bool == true)
    let first = try #require((answer["sessions"] as? [[String: Any]])?.first)
    #expect(first["session"] as? String == "20480" && first["state"] as? String == "queued")
    #expect(first["seq"] as? Int == 7 && first["position"] as? Int == 2 && first["skill"] as? String == "tax")
    #expect(first["opened_at"] as? Int == 1 && first["updated_at"] as? Int == 2)
  }

  @Test("send carries the id and the decoded body")
  func send() {
    guard
      case .send(let session, let id, let bytes)? =
        body(#"{"body":"a\n\"你\"","session":"20480","id":"m-1","type":"send"}"#)
    else { return }
    #expect(session.rawValue == 20480)
    #expect(id == "m-1")
    #expect(String(decoding: bytes, as: UTF8.self) == "a\n\"你\"")
  }

  @Test("typing and read are handed over, and nothing is answered")
  func signals() {
    if case .typing(let session, let isOn)? = body(#"{"type":"typing","session":"5","on":true}"#) {
      #expect(session.rawValue == 5 && isOn)
    } else {
      Issue.record("typing is not handed over")
    }
    if case .read(let session, let sequence)? = body(#"{"type":"read","session":"5","seq":7}"#) {
      #expect(session.rawValue == 5 && sequence.rawValue == 7)
    } else {
      Issue.record("read is not handed over")
    }
  }

  @Test("join, close and history carry what they are given, and sensible defaults")
  func others() {
    if case .join(let session, let after)? = body(#"{"type":"join","id":"1","session":"5","after":9}"#) {
      #expect(session.rawValue == 5 && after.rawValue == 9)
    }
    if case .join(_, let after)? = body(#"{"type":"join","id":"1","session":"5"}"#) { #expect(after == .zero) }
    let close = body(#"{"type":"close","id":"1","session":"5","reason":"done"}"#)?.record?.opened(
      as: Close.self)
    #expect(close?.reason == "done")
    func range(_ fields: String) -> (TranscriptRange, Int)? {
      guard
        case .history(_, let range, let limit)? = body(#"{"type":"history","id":"1","session":"5"\#(fields)}"#)
      else { return nil }
      return (range, limit)
    }
    #expect(range("") ?? (.since(1), 1) == (.after(.zero), 100))
    #expect(range(#","after":7,"limit":5"#) ?? (.since(1), 1) == (.after(Sequence(7)), 5))
    #expect(range(#","before":7,"limit":5000"#) ?? (.since(1), 1) == (.before(Sequence(7)), 1000))
    #expect(range(#","since":1700000000000"#) ?? (.since(1), 1) == (.since(1_700_000_000_000), 100))
  }

  @Test("attributes are bounded one by one and in all, and the key is named")
  func attributes() throws {
    func filled(_ count: Int) -> String { String(repeating: "x", count: count) }
    func open(_ attributes: String) throws -> (code: String?, message: String) {
      let harness = ConnectionHarness.welcomed(customer)
      harness.say(#"{"type":"open","id":"7","attributes":{\#(attributes)}}"#)
      if harness.requests().count == 1 { return (nil, "") }
      let json = try #require(harness.seen().first).json
      #expect(json["id"] as? String == "7")
      return (json["code"] as? String, json["message"] as? String ?? "")
    }
    let largest = filled(4_094)
    #expect(try open(#""page":"\#(largest)""#).code == nil)
    let value = try open(#""page":"\#(largest)y""#)
    #expect(value.code == "too_large" && value.message.contains("`attributes.page` has 4097 bytes"))
    #expect(try open(#""\#(filled(128))":1"#).code == nil)
    let name = try open(#""\#(filled(129))":1"#)
    #expect(
      name.code == "too_large" && name.message.contains("name `xxx") && name.message.contains("129 bytes"))
    let most = (0..<3).map { #""a\#($0)":"\#(largest)""# }.joined(separator: ",")
    // Three times 4,098, and the rest: exactly what is allowed.
    #expect(try open(most + #","z":"\#(filled(16_384 - 3 * 4_098 - 3))""#).code == nil)
    let all = try open(most + #","z":"\#(filled(16_384 - 3 * 4_098 - 2))""#)
    #expect(all.code == "too_large" && all.message.contains("16385 bytes"))
    let many = (0..<64).map { #""k\#($0)":0"# }.joined(separator: ",")
    #expect(try open(many).code == nil)
    #expect(try open(many + #","k64":0"#).code == "too_large")
  }

  @Test("transfer names an agent or a skill, and is not for customers")
  func transfer() {
    func target(_ fields: String, _ person: Person = agent) -> Transfer.Target? {
      let record = body(#"{"type":"transfer","id":"t1","session":"5",\#(fields)}"#, person)?.record
      #expect(record?.session.rawValue == 5 && record?.requestID == "t1")
      return record?.opened(as: Transfer.self)?.target
    }
    #expect(target(#""agent":"bo\u0062""#) == .agent(AgentID("bob")))
    #expect(target(#""skill":"税""#, Person(id: "s", role: .supervisor, name: "S")) == .skill("税"))
    #expect(target(#""skill":null,"agent":"kim""#) == .agent(AgentID("kim")))
    let harness = ConnectionHarness.welcomed(customer)
    harness.say(#"{"type":"transfer","id":"t1","session":"5","agent":"kim"}"#)
    #expect(harness.complaints() == ["forbidden"] && harness.requests().isEmpty)
  }

  @Test(
    "a transfer that does not say to whom is a bad frame",
    arguments: [
      ("", "agent"), (#","agent":"a","skill":"b""#, "agent"), (#","agent":"" "#, "agent"),
      (#","skill":"" "#, "skill"), (#","skill":["a"]"#, "skill"), (#","agent":7"#, "agent"),
    ])
  func badTransfer(_ fields: String, _ word: String) throws {
    let harness = ConnectionHarness.welcomed(agent)
    harness.say(#"{"type":"transfer","id":"7","session":"5"\#(fields)}"#)
    let json = try #require(harness.seen().first).json
    #expect(json["code"] as? String == "bad_frame" && json["id"] as? String == "7")
    #expect((json["message"] as? String)?.contains("`\(word)`") == true, "\(json)")
    #expect(harness.requests().isEmpty)
  }

  @Test("a transfer needs an id and a session, and names of a bounded length")
  func incompleteTransfer() {
    let harness = ConnectionHarness.welcomed(agent)
    for (fields, code) in [
      (#""session":"5","agent":"a""#, "bad_frame"), (#""id":"7","agent":"a""#, "bad_frame"),
      (#""id":"7","session":"x","agent":"a""#, "not_found"),
      (#""id":"7","session":"5","skill":"\#(String(repeating: "s", count: 65))""#, "too_large"),
      (#""id":"7","session":"5","agent":"\#(String(repeating: "a", count: 129))""#, "too_large"),
    ] {
      harness.say(#"{"type":"transfer",\#(fields)}"#)
      #expect(harness.complaints() == [code], "\(fields)")
    }
    #expect(harness.requests().isEmpty)
  }

  @Test("status takes skills as names or with weights, and the token's claims where it says nothing")
  func status() {
    let said = body(
      #"{"type":"status","id":"1","status":"away","skills":["a",{"skill":"b","weight":0.5},{"skill":"c"}],"capacity":1000}"#,
      agent)?.status
    #expect(said?.status == .away)
    #expect(
      said?.skills == [SkillWeight(skill: "a"), SkillWeight(skill: "b", weight: 500), SkillWeight(skill: "c")])
    #expect(said?.capacity == 1000)
    let claims = Claims(
      person: agent, skills: [SkillWeight(skill: "claimed")], capacity: 4, expiresAtMilliseconds: .max)
    let claimed = body(#"{"type":"status","id":"1","status":"online"}"#, agent, claims: claims)?.status
    #expect(claimed?.skills == [SkillWeight(skill: "claimed")])
    #expect(claimed?.capacity == 4)
    let none = body(#"{"type":"status","id":"1","status":"online","skills":[]}"#, agent, claims: claims)?.status
    #expect(none?.skills == [])
    #expect(none?.capacity == 4)
    let plain = body(#"{"type":"status","id":"1","status":"busy"}"#, agent)?.status
    #expect(plain?.status == .busy && plain?.skills == nil && plain?.capacity == nil)
  }

  @Test(
    "what is wrong in a request is said, with the request's id and the field's name",
    arguments: [
      (#"{"type":"send","id":"7","body":"x"}"#, "bad_frame", "session"),
      (#"{"type":"send","id":"7","session":5,"body":"x"}"#, "bad_frame", "session"),
      (#"{"type":"send","id":"7","session":"x9","body":"x"}"#, "not_found", "session"),
      (#"{"type":"send","id":"7","session":"5"}"#, "bad_frame", "body"),
      (#"{"type":"send","id":"7","session":"5","body":{"a":1}}"#, "bad_frame", "body"),
      (#"{"type":"open","id":"7","priority":"high"}"#, "bad_frame", "priority"),
      (#"{"type":"open","id":"7","attributes":[]}"#, "bad_frame", "attributes"),
      (#"{"type":"open","id":"7","channel":1}"#, "bad_frame", "channel"),
      (#"{"type":"join","id":"7","session":"5","after":"1"}"#, "bad_frame", "after"),
      (#"{"type":"join","id":"7","session":"5","after":1.5}"#, "bad_frame", "after"),
      (#"{"type":"history","id":"7","session":"5","after":1,"before":9}"#, "bad_frame", "before"),
      (#"{"type":"history","id":"7","session":"5","limit":0}"#, "bad_frame", "limit"),
      (#"{"type":"received","id":"7","session":"5"}"#, "bad_frame", "seq"),
      (#"{"type":"status","id":"7","status":"online"}"#, "forbidden", "agents"),
      (#"{"type":"nonsense","id":"7"}"#, "unsupported", "type"),
      (#"{"type":"monitor","id":"7"}"#, "unsupported", "monitor"),
      (#"{"type":"typing","id":"7","session":"5"}"#, "bad_frame", "on"),
      (#"{"type":"read","id":"7","session":"5"}"#, "bad_frame", "seq"),
    ])
  func wrong(_ text: String, _ code: String, _ word: String) throws {
    let harness = ConnectionHarness.welcomed()
    harness.say(text)
    let json = try #require(harness.seen().first).json
    #expect(json["code"] as? String == code)
    #expect(json["id"] as? String == "7")
    #expect((json["message"] as? String)?.contains(word) == true, "\(json)")
    #expect(harness.requests().isEmpty)
  }

  @Test(
    "what has no usable id is said without one",
    arguments: [
      #"{"type":"join","id":true,"session":"5"}"#, #"{"type":"join","id":["7"],"session":"5"}"#,
      #"{"type":"send","session":"5","body":"x"}"#, #"{"type":"open"}"#, #"nonsense"#, #"["hello"]"#,
    ])
  func withoutID(_ text: String) throws {
    let harness = ConnectionHarness.welcomed()
    harness.say(text)
    let json = try #require(harness.seen().first).json
    #expect(json["code"] as? String == "bad_frame")
    #expect(json["id"] == nil)
  }

  @Test("ids are counted in characters")
  func idLength() {
    let harness = ConnectionHarness.welcomed()
    harness.say(#"{"type":"join","session":"5","id":"\#(String(repeating: "你", count: 64))"}"#)
    #expect(harness.requests().count == 1)
    harness.say(#"{"type":"join","session":"6","id":"\#(String(repeating: "你", count: 65))"}"#)
    #expect(harness.requests().isEmpty)
  }

  @Test("agents may not open sessions, customers have no status")
  func roles() {
    let harness = ConnectionHarness.welcomed(agent)
    harness.say(#"{"type":"open","id":"1"}"#)
    #expect(harness.complaints() == ["forbidden"])
    let supervisor = ConnectionHarness.welcomed(Person(id: "s", role: .supervisor, name: "S"))
    supervisor.say(#"{"type":"status","id":"1","status":"online"}"#)
    #expect(supervisor.complaints() == ["forbidden"])
  }

  @Test("bad skills and capacities are refused")
  func badStatus() {
    for fields in [
      #""status":"asleep""#, #""status":1"#, #""skills":[]"#, #""status":"online","skills":"a""#,
      #""status":"online","skills":[1]"#, #""status":"online","skills":[""]"#,
      #""status":"online","skills":[{"skill":"a","weight":1001}]"#,
      #""status":"online","skills":[{"weight":1}]"#,
      #""status":"online","skills":[{"skill":"a","weight":"x"}]"#,
      #""status":"online","capacity":100001"#, #""status":"online","capacity":-1"#,
    ] {
      let harness = ConnectionHarness.welcomed(agent)
      harness.say(#"{"type":"status","id":"1",\#(fields)}"#)
      #expect(harness.complaints() == ["bad_frame"], "\(fields)")
    }
  }

  @Test("a binary frame is not served, and said so")
  func binary() {
    let harness = ConnectionHarness.welcomed()
    harness.frame(Opcode.binary, [1, 2, 3])
    #expect(harness.complaints() == ["unsupported"])
  }

  @Test("every answer finds its request, whatever their order, and comes once")
  func answers() throws {
    let harness = ConnectionHarness.welcomed()
    harness.say(#"{"type":"open","id":"o"}"#)
    harness.say(#"{"type":"join","id":"j","session":"5"}"#)
    harness.say(#"{"type":"send","id":"s","session":"5","body":"x"}"#)
    harness.say(#"{"type":"close","id":"c","session":"5"}"#)
    harness.say(#"{"type":"history","id":"h","session":"5"}"#)
    harness.say(#"{"type":"ping","id":"p"}"#)
    let tags = harness.requests().map(\.tag)
    #expect(Set(tags).count == 5)
    #expect(harness.seen().map { $0.json["id"] as? String } == ["p"])
    let session = SessionID(rawValue: 5)
    harness.reply(tags[4], .history(session, [transcribed(1), transcribed(2)], more: true))
    harness.reply(tags[3], .done)
    harness.reply(tags[2], .acknowledged(session, Sequence(3), time: 77))
    harness.reply(tags[1], .joined(summary(5, .closed, sequence: 2)))
    harness.reply(
      tags[0],
      .opened(
        SessionSummary(
          session: SessionID(rawValue: 9), state: .queued, sequence: .zero, position: 4,
          etaMilliseconds: 60_000,
          agents: [])))
    harness.reply(tags[3], .done)
    let seen = harness.seen().map(\.json)
    #expect(seen.map { $0["type"] as? String } == ["history", "ok", "ack", "joined", "opened"])
    #expect(seen.map { $0["id"] as? String } == ["h", "c", "s", "j", "o"])
    let messages = try #require(seen[0]["messages"] as? [[String: Any]])
    #expect(messages.map { $0["seq"] as? Int } == [1, 2])
    #expect(messages[0]["body"] as? String == "hi")
    #expect(seen[0]["more"] as? Bool == true)
    #expect(seen[2]["seq"] as? Int == 3)
    #expect(seen[2]["time"] as? Int == 77)
    #expect(seen[2]["session"] as? String == "5")
    #expect(seen[3]["state"] as? String == "closed")
    #expect(seen[3]["seq"] as? Int == 2)
    #expect(seen[4]["position"] as? Int == 4)
    #expect(seen[4]["eta_ms"] as? Int == 60_000)
    #expect(seen[4]["agents"] as? [String] == [])
  }

  @Test("an answer that comes twice does not answer the request that took its place")
  func lateAnswer() throws {
    let harness = ConnectionHarness.welcomed()
    harness.say(#"{"type":"close","id":"first","session":"5"}"#)
    let first = try #require(harness.requests().first).tag
    harness.reply(first, .done)
    harness.say(#"{"type":"close","id":"second","session":"5"}"#)
    harness.reply(first, .done)
    #expect(harness.seen().map { $0.json["id"] as? String } == ["first"])
    harness.reply(try #require(harness.requests().first).tag, .done)
    #expect(harness.seen().map { $0.json["id"] as? String } == ["second"])
  }

  @Test("a failure is told with its code, its message and when to try again")
  func failures() throws {
    let harness = ConnectionHarness.welcomed()
    harness.say(#"{"type":"send","id":"s","session":"5","body":"x"}"#)
    let tag = try #require(harness.requests().first).tag
    harness.reply(tag, .failed(Failure(.noQuorum, "No quorum.", retryAfterMilliseconds: 250)))
    let json = try #require(harness.seen().first).json
    #expect(json["type"] as? String == "error")
    #expect(json["id"] as? String == "s")
    #expect(json["code"] as? String == "no_quorum")
    #expect(json["message"] as? String == "No quorum.")
    #expect(json["retry_after_ms"] as? Int == 250)
  }

  @Test("an idle connection holds nothing beyond its least")
  func idle() throws {
    let harness = ConnectionHarness.welcomed(agent)
    #expect(!harness.hasExtra)
    harness.say(#"{"type":"status","id":"1","status":"online"}"#)
    #expect(harness.hasExtra)
    harness.reply(try #require(harness.requests().first).tag, .done)
    harness.wait(15_000)
    #expect(!harness.hasExtra)
  }
}

extension DeskRequest {
  fileprivate var record: OperationRecord? {
    if case .perform(let record) = self { record } else { nil }
  }
}
