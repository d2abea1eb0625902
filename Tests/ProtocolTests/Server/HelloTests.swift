import Desk
import TestFrames
import Testing

@testable import Protocol

@Suite struct HelloTests {
  @Test("a token is given out for verification, and its verdict gives the welcome")
  func welcome() throws {
    let harness = ConnectionHarness()
    harness.say(#"{"type":"hello","token":"abc"}"#)
    #expect(harness.output.token == "abc")
    #expect(!harness.takesFrames)
    #expect(harness.seen().isEmpty)
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    let seen = harness.seen()
    #expect(seen.count == 1)
    let json = try #require(seen.first).json
    #expect(json["type"] as? String == "welcome")
    #expect(json["connection"] as? String == "17")
    #expect(json["node"] as? String == "node1")
    #expect(json["user"] as? String == "c1")
    #expect(json["role"] as? String == "customer")
    #expect(json["heartbeat_ms"] as? Int == 15_000)
    #expect(json["time"] as? UInt64 == harness.now.wall)
    let nodes = try #require(json["nodes"] as? [[String: String]])
    #expect(nodes == [["id": "node1", "client_url": "http://h:8101"]])
    #expect(harness.takesFrames)
  }

  @Test("the token of the upgrade request goes before that of hello")
  func bearer() {
    let header = ConnectionHarness(bearer: "header")
    header.say(#"{"type":"hello","token":"frame"}"#)
    #expect(header.output.token == "header")
    let alone = ConnectionHarness(bearer: "header")
    alone.say(#"{"type":"hello"}"#)
    #expect(alone.output.token == "header")
  }

  @Test(
    "whoever says anything else first, or has no token, is unauthorized and closed with 4501",
    arguments: [
      #"{"type":"ping"}"#, #"{"type":"open","id":"1"}"#, #"{"type":"nonsense"}"#, #"{"type":"hello"}"#,
      #"{"type":"hello","token":""}"#, #"{"type":"hello","token":null}"#,
    ])
  func first(_ text: String) {
    let harness = ConnectionHarness()
    harness.say(text)
    #expect(harness.complaints() == ["unauthorized", "close 4501"])
    #expect(harness.output.token == nil)
  }

  @Test("a hello that cannot be read is a bad frame, and may be said again")
  func badHello() {
    for text in [
      "{", #"{"type":"hello","token":7}"#, #"{"type":"hello","token":"t","receipts":1}"#,
      #"{"type":"hello","token":"t","resume":{}}"#, #"{"type":"hello","token":"t","resume":"4096"}"#,
    ] {
      let harness = ConnectionHarness()
      harness.say(text)
      #expect(harness.complaints() == ["bad_frame"], "\(text)")
      harness.say(#"{"type":"hello","token":"t"}"#)
      #expect(harness.output.token == "t")
    }
  }

  @Test("a token that is not accepted, or that has expired, is told and closed with 4501")
  func rejected() throws {
    let harness = ConnectionHarness()
    harness.say(#"{"type":"hello","token":"t"}"#)
    harness.decide(.rejected("The signature is wrong."))
    let seen = harness.seen()
    #expect(seen.first?.code == "unauthorized")
    #expect(seen.first?.json["message"] as? String == "The signature is wrong.")
    #expect(seen.last == .close(4501))

    let late = ConnectionHarness()
    late.say(#"{"type":"hello","token":"t"}"#)
    late.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: late.now.wall)))
    #expect(late.complaints() == ["unauthorized", "close 4501"])
  }

  @Test("when tokens cannot be verified in time, the client is sent to another node")
  func busy() {
    let full = ConnectionHarness()
    full.say(#"{"type":"hello","token":"t"}"#)
    full.decide(.busy)
    #expect(full.complaints() == ["close 4013"])
    let stuck = ConnectionHarness()
    stuck.say(#"{"type":"hello","token":"t"}"#)
    stuck.wait(10_000)
    #expect(stuck.complaints() == ["close 4013"])
    // A verdict that comes too late changes nothing.
    stuck.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    #expect(stuck.seen().isEmpty)
  }

  @Test("without hello the connection is closed after ten seconds with 4008")
  func silent() {
    let harness = ConnectionHarness()
    harness.frame(Opcode.ping)
    _ = harness.seen()
    harness.wait(9_999)
    #expect(harness.seen().isEmpty)
    harness.wait(1)
    #expect(harness.complaints() == ["close 4008"])
  }

  @Test("when the token expires the connection is closed with 4501")
  func expiry() {
    let harness = ConnectionHarness()
    harness.say(#"{"type":"hello","token":"t"}"#)
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: harness.now.wall + 5000)))
    _ = harness.seen()
    harness.wait(4999)
    #expect(harness.seen().map(\.type) == ["token_expires"])
    harness.wait(1)
    #expect(harness.complaints() == ["unauthorized", "close 4501"])
  }

  @Test("sessions to resume are asked for after the welcome, in their order")
  func resume() throws {
    let harness = ConnectionHarness()
    harness.say(#"{"type":"hello","token":"t","resume":[{"session":"8","after":3},{"session":"4"}]}"#)
    #expect(harness.requests().isEmpty)
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    let requests = harness.requests()
    #expect(requests.count == 2)
    guard case .resume(let first, let after) = requests[0].body,
      case .resume(let second, let zero) = requests[1].body
    else {
      Issue.record("\(requests)")
      return
    }
    #expect(first.rawValue == 8 && after.rawValue == 3 && second.rawValue == 4 && zero.rawValue == 0)
    _ = harness.seen()
    harness.reply(requests[0].tag, .resumed(first, recovered: true))
    harness.reply(requests[0].tag, .missed(first, [transcribed(4), transcribed(5)]))
    harness.reply(requests[1].tag, .resumed(second, recovered: false))
    let seen = harness.seen()
    #expect(seen.map(\.type) == ["resumed", "message", "message", "resumed"])
    #expect(seen.map { $0.json["recovered"] as? Bool } == [true, nil, nil, false])
    #expect(seen.map { $0.json["session"] as? String } == ["8", "8", "8", "4"])
    #expect(seen.map { $0.json["seq"] as? Int } == [nil, 4, 5, nil])
  }

  @Test(
    "what is odd in one point of resume is answered by itself; the others are resumed, behind a welcome",
    arguments: [
      (#"{"session":"nope","after":3}"#, "not_found", "nope"), (#"{"session":"","after":3}"#, "not_found", ""),
      (#"{"session":"0"}"#, "not_found", "0"), (#"{"session":"07"}"#, "not_found", "07"),
      (#"{"session":"99999999999999999999999"}"#, "not_found", "99999999999999999999999"),
      (#"{"session":"a\"b\u0041"}"#, "not_found", "a\"bA"), (#"{"session":7,"after":3}"#, "bad_frame", nil),
      (#"{"session":null}"#, "bad_frame", nil), (#"{"after":3}"#, "bad_frame", nil), ("{}", "bad_frame", nil),
      (#"{"session":"9","after":-1}"#, "bad_frame", "9"), (#"{"session":"9","after":"x"}"#, "bad_frame", "9"),
      (#"{"session":"9","after":1.5}"#, "bad_frame", "9"), ("7", "bad_frame", nil), (#""8""#, "bad_frame", nil),
      ("null", "bad_frame", nil), ("[[]]", "bad_frame", nil),
      (#"{"session":"\#(String(repeating: "x", count: 200))"}"#, "not_found", nil),
    ] as [(String, String, String?)])
  func oddResume(point: String, code: String, session: String?) {
    for points in ["\(point),GOOD", "GOOD,\(point)", " \(point) , GOOD , \(point) "] {
      let list = points.replacing("GOOD", with: #"{"session":"8","after":2.0}"#)
      let harness = ConnectionHarness()
      harness.say(#"{"type":"hello","token":"t","resume":[\#(list)]}"#)
      harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
      let seen = harness.seen()
      #expect(seen.first?.type == "welcome", "\(list)")
      #expect(seen.dropFirst().allSatisfy { $0.code == code && $0.json["session"] as? String == session })
      #expect(seen.count >= 2)
      let requests = harness.requests()
      guard requests.count == 1, case .resume(let resumed, let after) = requests[0].body else {
        Issue.record("\(requests)")
        continue
      }
      #expect(resumed.rawValue == 8 && after.rawValue == 2)
      #expect(harness.isOpen)
    }
  }

  @Test("a resume that fails names its session")
  func failedResume() throws {
    let harness = ConnectionHarness()
    harness.say(#"{"type":"hello","token":"t","resume":[{"session":"8","after":3}]}"#)
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    let request = try #require(harness.requests().first)
    _ = harness.seen()
    harness.reply(request.tag, .failed(Failure(.notFound, "No such session.")))
    let json = try #require(harness.seen().first).json
    #expect(json["session"] as? String == "8")
    #expect(json["code"] as? String == "not_found")
  }

  @Test("hello again needs a token")
  func twice() {
    let harness = ConnectionHarness.welcomed()
    for text in [
      #"{"type":"hello","id":"2"}"#, #"{"type":"hello","id":"2","token":""}"#, #"{"type":"hello","token":7}"#,
    ] {
      harness.say(text)
      #expect(harness.complaints() == ["bad_frame"])
      #expect(harness.output.token == nil)
    }
  }
}
