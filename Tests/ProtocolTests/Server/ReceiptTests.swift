import Desk
import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite struct ReceiptTests {
  private let session = SessionID(rawValue: 5)

  private func deliver(_ harness: ConnectionHarness, _ sequence: UInt64, _ body: String = "hi") {
    harness.machine.send(session, transcribed(sequence, body), now: harness.now, into: &harness.output)
  }

  @Test("without receipts nothing is sent again")
  func without() {
    let harness = ConnectionHarness.welcomed()
    deliver(harness, 1)
    _ = harness.seen()
    harness.wait(14_000)
    #expect(harness.seen().isEmpty)
  }

  @Test("a message that nobody confirms is sent five times more, at doubled waits, then the connection closes")
  func resending() {
    let harness = ConnectionHarness.welcomed(receipts: true)
    deliver(harness, 1)
    #expect(harness.seen().map { $0.json["resent"] as? Bool } == [nil])
    var after: UInt64 = 0
    for wait: UInt64 in [100, 200, 400, 800, 1600] {
      harness.wait(wait - 1)
      #expect(harness.seen().isEmpty)
      harness.wait(1)
      let seen = harness.seen()
      #expect(seen.count == 1)
      #expect(seen.first?.json["resent"] as? Bool == true)
      #expect(seen.first?.json["seq"] as? Int == 1)
      #expect(seen.first?.json["body"] as? String == "hi")
      after += wait
    }
    harness.wait(3199)
    #expect(harness.seen().isEmpty)
    harness.wait(1)
    #expect(harness.complaints() == ["close 4008"])
    #expect(harness.output.figures.resent == 5)
  }

  @Test("a receipt is cumulative, and of its session alone")
  func confirming() {
    let harness = ConnectionHarness.welcomed(receipts: true)
    for sequence: UInt64 in 1...4 { deliver(harness, sequence) }
    harness.machine.send(SessionID(rawValue: 6), transcribed(1), now: harness.now, into: &harness.output)
    harness.say(#"{"type":"received","session":"5","seq":3}"#)
    _ = harness.seen()
    harness.wait(100)
    let seen = harness.seen().map(\.json)
    #expect(seen.map { $0["session"] as? String } == ["5", "6"])
    #expect(seen.map { $0["seq"] as? Int } == [4, 1])
    harness.say(#"{"type":"received","session":"5","seq":4}"#)
    harness.say(#"{"type":"received","session":"6","seq":9}"#)
    harness.wait(10_000)
    #expect(harness.seen().isEmpty)
    harness.wait(5_000)
    #expect(!harness.hasExtra)
  }

  @Test("on a slow path the first wait is twice the round trip")
  func roundTrip() {
    let harness = ConnectionHarness()
    harness.say(#"{"type":"hello","token":"t","receipts":true}"#)
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    guard case .ping(let payload)? = harness.seen().last else {
      Issue.record("no ping follows the welcome")
      return
    }
    harness.wait(180)
    harness.frame(Opcode.pong, payload)
    deliver(harness, 1)
    _ = harness.seen()
    harness.wait(359)
    #expect(harness.seen().isEmpty)
    harness.wait(1)
    #expect(harness.seen().count == 1)
  }

  @Test("missed messages are to be confirmed as well")
  func missed() throws {
    let harness = ConnectionHarness.welcomed(receipts: true)
    harness.say(#"{"type":"join","id":"j","session":"5"}"#)
    let tag = try #require(harness.requests().first).tag
    harness.reply(tag, .joined(summary(5, sequence: 2)))
    harness.reply(tag, .missed(session, [transcribed(1), transcribed(2)]))
    #expect(harness.seen().map(\.type) == ["joined", "message", "message"])
    harness.wait(100)
    #expect(harness.seen().compactMap { $0.json["resent"] as? Bool } == [true, true])
  }

  @Test("who confirms nothing is closed before memory grows beyond the bound")
  func bounded() {
    var settings = GatewaySettings()
    settings.limits.outboundBytes = 10_000
    let harness = ConnectionHarness.welcomed(customer, settings, receipts: true)
    let body = String(repeating: "x", count: 1000)
    for sequence: UInt64 in 1...20 { deliver(harness, sequence, body) }
    let seen = harness.seen()
    #expect(seen.last == .close(4008))
    #expect(seen.count < 13)
    #expect(!harness.hasExtra)
  }

  @Test("a join that fails gives up nothing of a session that is followed already")
  func failedJoin() throws {
    let harness = ConnectionHarness.welcomed(receipts: true)
    harness.say(#"{"type":"join","id":"1","session":"5"}"#)
    harness.reply(try #require(harness.requests().first).tag, .joined(summary(5)))
    deliver(harness, 1)
    harness.say(#"{"type":"join","id":"2","session":"5"}"#)
    harness.reply(try #require(harness.requests().first).tag, .failed(Failure(.noQuorum, "")))
    _ = harness.seen()
    harness.wait(100)
    #expect(harness.seen().map { $0.json["seq"] as? Int } == [1])
  }

  @Test("one encoding serves connections with and without receipts")
  func shared() {
    let plain = ConnectionHarness.welcomed()
    let careful = ConnectionHarness.welcomed(receipts: true)
    var message = EncodedMessage(
      session, transcribed(1, String(repeating: "long ", count: 100)), at: plain.now.wall)
    plain.machine.deliver(&message, now: plain.now, into: &plain.output)
    careful.machine.deliver(&message, now: careful.now, into: &careful.output)
    let first = plain.seen()
    #expect(first == careful.seen())
    careful.wait(100)
    var again = careful.seen().first?.json ?? [:]
    #expect(again.removeValue(forKey: "resent") as? Bool == true)
    #expect(again["body"] as? String == first.first?.json["body"] as? String)
  }
}
