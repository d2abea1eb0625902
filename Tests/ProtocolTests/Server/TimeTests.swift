import Desk
import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite struct TimeTests {
  @Test("the server pings at every heartbeat, and closes with 4008 after two missed answers")
  func heartbeat() {
    let harness = ConnectionHarness.welcomed()
    harness.wait(14_999)
    #expect(harness.seen().isEmpty)
    harness.wait(1)
    #expect(harness.seen().count == 1)
    harness.wait(15_000)
    guard case .ping? = harness.seen().first else {
      Issue.record("no second ping")
      return
    }
    harness.wait(14_999)
    #expect(harness.seen().isEmpty)
    harness.wait(1)
    #expect(harness.complaints() == ["close 4008"])
  }

  @Test("any frame counts as a sign of life")
  func alive() {
    let harness = ConnectionHarness.welcomed()
    for round in 0..<10 {
      harness.wait(15_000)
      guard case .ping(let payload)? = harness.seen().first else {
        Issue.record("no ping in round \(round)")
        return
      }
      switch round % 3 {
      case 0: harness.frame(Opcode.pong, payload)
      case 1: harness.say(#"{"type":"received","session":"1","seq":1}"#)
      default: harness.frame(Opcode.text, [], isFinal: false)
      }
      if round % 3 == 2 { harness.frame(Opcode.continuation, Array("{}".utf8)) }
      _ = harness.seen()
    }
    #expect(harness.isOpen)
  }

  @Test("goaway is said, the connection works on, and is closed with 1001 after the delay")
  func goaway() throws {
    let harness = ConnectionHarness.welcomed()
    harness.machine.goaway(
      reason: "drain", node: "node2", url: "http://h:2", afterMilliseconds: 700, now: harness.now,
      into: &harness.output)
    let json = try #require(harness.seen().first).json
    #expect(json["type"] as? String == "goaway")
    #expect(json["reason"] as? String == "drain")
    #expect(json["node"] as? String == "node2")
    #expect(json["client_url"] as? String == "http://h:2")
    #expect(json["reconnect_after_ms"] as? Int == 700)
    harness.say(#"{"type":"ping"}"#)
    #expect(harness.seen().map(\.type) == ["pong"])
    harness.wait(699)
    #expect(harness.isOpen)
    harness.wait(1)
    #expect(harness.complaints() == ["close 1001"])
  }

  @Test("a connection that has not said hello goes at once")
  func goawayEarly() {
    let harness = ConnectionHarness()
    harness.machine.goaway(
      reason: "drain", node: nil, url: nil, afterMilliseconds: 700, now: harness.now, into: &harness.output)
    #expect(harness.complaints() == ["close 1001"])
  }

  @Test("the replica is told of the end of those it knows, and of no others")
  func disconnected() {
    let known = ConnectionHarness.welcomed()
    known.machine.disconnected(into: &known.output)
    known.machine.disconnected(into: &known.output)
    let requests = known.requests()
    #expect(requests.count == 1)
    guard case .disconnected? = requests.first?.body else {
      Issue.record("\(requests)")
      return
    }
    #expect(known.output.figures.closes[.abnormal] == 1)
    let unknown = ConnectionHarness()
    unknown.machine.disconnected(into: &unknown.output)
    #expect(unknown.requests().isEmpty)
  }

  @Test("events reach the client with their fields")
  func events() {
    let harness = ConnectionHarness.welcomed()
    let session = SessionID(rawValue: 5)
    let events: [SessionEvent] = [
      .queued(position: 3, etaMilliseconds: 9000), .assigned(AgentID("a1"), name: "Ann"),
      .closed(by: "a1", reason: "solved \"it\""),
      .presence(of: Person(id: "a1", role: .agent, name: "\"Ann\""), isOnline: true),
      .presence(of: Person(id: "c1", role: .customer, name: "Ben"), isOnline: false),
      .transferred(from: AgentID("a\"1"), to: .agent(AgentID("a\n2"))),
      .transferred(from: nil, to: .skill("税")),
    ]
    for event in events {
      harness.event(session, event)
    }
    let seen = harness.seen().map(\.json)
    let kinds = ["queued", "assigned", "closed", "presence", "presence", "transferred", "transferred"]
    #expect(seen.map { $0["kind"] as? String } == kinds)
    #expect(seen.allSatisfy { $0["session"] as? String == "5" && $0["type"] as? String == "event" })
    #expect(seen[0]["position"] as? Int == 3)
    #expect(seen[0]["eta_ms"] as? Int == 9000)
    #expect(seen[1]["agent"] as? String == "a1")
    #expect(seen[1]["name"] as? String == "Ann")
    #expect(seen[2]["by"] as? String == "a1")
    #expect(seen[2]["reason"] as? String == "solved \"it\"")
    #expect(seen[3]["user"] as? String == "a1")
    #expect(seen[3]["name"] as? String == "\"Ann\"")
    #expect(seen[3]["role"] as? String == "agent")
    #expect(seen[3]["online"] as? Bool == true)
    #expect(seen[4]["role"] as? String == "customer")
    #expect(seen[4]["online"] as? Bool == false)
    #expect(seen[5]["from"] as? String == "a\"1" && seen[5]["to"] as? String == "a\n2")
    #expect(seen[5]["skill"] == nil)
    #expect(seen[6]["from"] == nil && seen[6]["to"] == nil && seen[6]["skill"] as? String == "税")
  }
}
