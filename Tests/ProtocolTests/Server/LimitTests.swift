import Desk
import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite struct LimitTests {
  @Test("a body above the limit is too large, by its decoded bytes")
  func body() {
    var settings = GatewaySettings()
    settings.limits.bodyBytes = 10
    let harness = ConnectionHarness.welcomed(customer, settings)
    harness.say(#"{"type":"send","id":"1","session":"5","body":"12345678901"}"#)
    #expect(harness.complaints() == ["too_large"])
    harness.say(#"{"type":"send","id":"2","session":"5","body":"1234567\u4f60"}"#)
    #expect(harness.requests().count == 1)
  }

  @Test("after the burst, requests are refused until tokens are back, and told when")
  func rate() throws {
    let harness = ConnectionHarness.welcomed()
    // Hello took one of forty.
    for _ in 0..<39 { harness.say(#"{"type":"join","session":"5"}"#) }
    #expect(harness.requests().count == 39)
    harness.say(#"{"type":"join","session":"5","id":"x"}"#)
    let json = try #require(harness.seen().first).json
    #expect(json["code"] as? String == "rate_limited")
    #expect(json["id"] as? String == "x")
    let wait = try #require(json["retry_after_ms"] as? UInt64)
    #expect(wait >= 50)
    harness.wait(wait)
    harness.say(#"{"type":"join","session":"5","id":"x"}"#)
    #expect(harness.requests().count == 1)
  }

  @Test("refused requests are sent to different moments")
  func staggered() {
    let harness = ConnectionHarness.welcomed()
    for _ in 0..<49 { harness.say(#"{"type":"join","session":"5"}"#) }
    let waits = harness.seen().compactMap { $0.json["retry_after_ms"] as? Int }
    #expect(waits.count == 10)
    #expect(waits == waits.sorted() && Set(waits).count == 10)
  }

  @Test("whoever goes on regardless is closed with 4029")
  func tooFast() {
    let harness = ConnectionHarness.welcomed()
    for _ in 0..<300 { harness.say(#"{"type":"join","session":"5"}"#) }
    let complaints = harness.complaints()
    #expect(complaints.last == "close 4029")
    #expect(complaints.dropLast().allSatisfy { $0 == "rate_limited" })
  }

  @Test("whoever is half too fast for long is refused now and then, not closed")
  func halfTooFast() {
    let harness = ConnectionHarness.welcomed()
    for _ in 0..<3000 {
      harness.say(#"{"type":"ping"}"#)
      harness.say(#"{"type":"history","session":"5","id":"h"}"#)
      for request in harness.requests() { harness.reply(request.tag, .done) }
      harness.wait(34)
    }
    #expect(harness.isOpen)
    #expect(harness.output.figures.rateLimited > 500)
  }

  @Test("receipts and pings cost a tenth")
  func small() {
    let harness = ConnectionHarness.welcomed()
    for _ in 0..<350 { harness.say(#"{"type":"received","session":"5","seq":1}"#) }
    #expect(harness.complaints().isEmpty)
    for _ in 0..<100 { harness.frame(Opcode.ping) }
    #expect(harness.complaints().contains("rate_limited"))
  }

  @Test("unasked pongs and empty pieces of a message are borne for a while, and cost the requests that follow")
  func silentFrames() {
    for isPong in [true, false] {
      let harness = ConnectionHarness.welcomed()
      if !isPong { harness.frame(Opcode.text, isFinal: false) }
      for _ in 0..<500 {
        isPong ? harness.frame(Opcode.pong) : harness.frame(Opcode.continuation, isFinal: false)
      }
      #expect(harness.complaints().isEmpty && harness.isOpen)
      if isPong {
        harness.say(#"{"type":"join","session":"5"}"#)
        #expect(harness.complaints() == ["rate_limited"])
      }
      for _ in 0..<500 {
        isPong ? harness.frame(Opcode.pong) : harness.frame(Opcode.continuation, isFinal: false)
      }
      #expect(harness.complaints() == ["close 4029"])
    }
  }

  @Test("what pieces and pongs cost, the address pays too")
  func silentFramesOfAnAddress() {
    var settings = GatewaySettings()
    settings.limits.addressRequestBurst = 10
    let harness = ConnectionHarness.welcomed(customer, settings)
    harness.address = TokenBucket(burst: 10, now: harness.instant)
    for _ in 0..<201 { harness.frame(Opcode.pong) }
    #expect(harness.complaints() == ["close 4029"])
  }

  @Test("answers to the server's pings are free")
  func askedPongs() {
    let harness = ConnectionHarness.welcomed()
    for _ in 0..<39 { harness.say(#"{"type":"join","session":"5"}"#) }
    harness.frame(Opcode.ping)
    _ = harness.seen()
    let before = harness.now
    harness.wait(UInt64(harness.settings.times.heartbeat))
    #expect(harness.seen().contains { if case .ping = $0 { true } else { false } })
    for _ in 0..<40 { harness.say(#"{"type":"join","session":"5"}"#) }
    _ = harness.seen()
    harness.frame(Opcode.pong)
    harness.wait(50)
    harness.say(#"{"type":"join","session":"5"}"#)
    #expect(harness.complaints().isEmpty)
    #expect(before.instant < harness.now.instant)
  }

  @Test("connections of one address share a budget")
  func address() {
    var settings = GatewaySettings()
    settings.limits.addressRequestBurst = 10
    let first = ConnectionHarness.welcomed(customer, settings)
    let second = ConnectionHarness.welcomed(agent, settings)
    first.address = TokenBucket(burst: 10, now: first.instant)
    for _ in 0..<10 { first.say(#"{"type":"join","session":"5"}"#) }
    #expect(first.complaints().isEmpty)
    second.address = first.address
    second.say(#"{"type":"join","session":"5"}"#)
    #expect(second.complaints() == ["rate_limited"])
  }

  @Test("limits that are off limit nothing")
  func off() {
    let harness = ConnectionHarness.welcomed(customer, GatewaySettings(limits: .off))
    for number in 1...2000 {
      harness.say(#"{"type":"join","session":"\#(number)","id":"\#(String(repeating: "x", count: 200))"}"#)
      harness.say("nonsense")
    }
    #expect(harness.requests().count == 2000)
    #expect(harness.isOpen)
    let body = String(repeating: "y", count: 300_000)
    harness.say(#"{"type":"send","id":"1","session":"5","body":"\#(body)"}"#)
    #expect(harness.requests().count == 1)
  }

  @Test("a connection follows so many sessions and no more, and closed or failed ones count no longer")
  func sessions() throws {
    var settings = GatewaySettings()
    settings.limits.sessionsPerConnection = 3
    let harness = ConnectionHarness.welcomed(customer, settings)
    harness.say(#"{"type":"join","session":"1"}"#)
    harness.say(#"{"type":"join","session":"2"}"#)
    harness.say(#"{"type":"open","id":"o"}"#)
    let tags = harness.requests().map(\.tag)
    harness.say(#"{"type":"join","session":"4"}"#)
    #expect(harness.complaints() == ["forbidden"])
    // One that it follows already is no new one.
    harness.say(#"{"type":"join","session":"1"}"#)
    #expect(harness.requests().count == 1)
    harness.reply(tags[1], .failed(Failure(.notFound, "")))
    harness.reply(tags[2], .opened(summary(7)))
    harness.say(#"{"type":"join","session":"4"}"#)
    #expect(harness.requests().count == 1)
    harness.say(#"{"type":"open","id":"p"}"#)
    #expect(harness.requests().isEmpty)
    harness.event(SessionID(rawValue: 7), .closed(by: "c1", reason: ""))
    harness.say(#"{"type":"open","id":"p"}"#)
    #expect(harness.requests().count == 1)
  }

  @Test(
    "an agent follows what it serves: its capacity bounds that, and not the bound of customers' connections")
  func sessionsOfAgents() throws {
    let points = (1...300).map { #"{"session":"\#($0)","after":0}"# }.joined(separator: ",")
    let harness = ConnectionHarness(GatewaySettings())
    harness.say(#"{"type":"hello","token":"t","resume":[\#(points)]}"#)
    harness.decide(.accepted(Claims(person: agent, expiresAtMilliseconds: .max)))
    #expect(harness.requests().count == 300)
    #expect(harness.complaints().isEmpty)
    for session in 301...330 { harness.say(#"{"type":"join","session":"\#(session)"}"#) }
    // All the requests that may be open are, but what is refused is not refused for the number of sessions.
    #expect(harness.complaints().allSatisfy { $0 == "busy" })
    let others = ConnectionHarness(GatewaySettings())
    others.say(#"{"type":"hello","token":"t","resume":[\#(points)]}"#)
    others.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    #expect(others.requests().count == 64)
    #expect(others.complaints() == Array(repeating: "forbidden", count: 236))
  }

  @Test("the word that a history is too long takes no request's answer")
  func gap() throws {
    let harness = ConnectionHarness.welcomed(agent, GatewaySettings())
    harness.say(#"{"type":"status","id":"s","status":"online"}"#)
    let tag = try #require(harness.requests().first?.tag)
    harness.reply(tag, .gap(SessionID(rawValue: 5)))
    harness.reply(tag, .done)
    #expect(harness.seen().map(\.type) == ["resumed", "ok"])
  }

  @Test("a session that was given away counts no longer; one that another has given away does")
  func givenAway() throws {
    var settings = GatewaySettings()
    settings.limits.sessionsPerConnection = 1
    let harness = ConnectionHarness.welcomed(Person(id: "a1", role: .supervisor, name: "A"), settings)
    harness.say(#"{"type":"join","session":"1"}"#)
    for (from, isFree) in [("a2", false), ("a1", true)] {
      harness.event(SessionID(rawValue: 1), .transferred(from: AgentID(from), to: .skill("tax")))
      harness.say(#"{"type":"join","session":"2"}"#)
      #expect(harness.complaints() == (isFree ? [] : ["forbidden"]))
    }
  }

  @Test("too many open requests are answered busy, until one is answered")
  func openRequests() {
    var settings = GatewaySettings()
    settings.limits.openRequests = 2
    let harness = ConnectionHarness.welcomed(customer, settings)
    for _ in 0..<3 { harness.say(#"{"type":"send","id":"s","session":"5","body":""}"#) }
    #expect(harness.complaints() == ["busy"])
    let tags = harness.requests().map(\.tag)
    #expect(tags.count == 2)
    harness.reply(tags[0], .acknowledged(SessionID(rawValue: 5), Sequence(1), time: 0))
    harness.say(#"{"type":"send","id":"s","session":"5","body":""}"#)
    #expect(harness.requests().count == 1)
  }

  @Test("ten bad frames in a row close with 4510; a good one in between starts anew")
  func errorsInARow() {
    let harness = ConnectionHarness.welcomed(customer, GatewaySettings())
    for _ in 0..<9 { harness.say("nonsense") }
    harness.say(#"{"type":"ping"}"#)
    for _ in 0..<9 { harness.say("nonsense") }
    #expect(harness.isOpen)
    harness.say(#"{"type":"nonsense"}"#)
    #expect(harness.complaints().last == "close 4510")
  }

  @Test("what this release does not serve yet is no error of the client")
  func laterTypes() {
    let harness = ConnectionHarness.welcomed()
    for _ in 0..<20 { harness.say(#"{"type":"monitor","session":"5","body":"x"}"#) }
    #expect(harness.complaints() == Array(repeating: "unsupported", count: 20))
    #expect(harness.isOpen)
  }

  @Test("pages that are asked for all at once are refused when the first ones fill the buffer")
  func manyPages() {
    var settings = GatewaySettings(limits: .off)
    settings.limits.outboundBytes = 20_000
    let harness = ConnectionHarness.welcomed(customer, settings)
    for _ in 0..<20 { harness.say(#"{"type":"history","id":"h","session":"5"}"#) }
    let messages = (1...20).map { transcribed(UInt64($0), String(repeating: "x", count: 1000)) }
    for request in harness.requests() {
      harness.reply(request.tag, .history(SessionID(rawValue: 5), messages, more: false))
    }
    let seen = harness.seen()
    #expect(seen.count == 20)
    #expect(seen.prefix(2).map(\.type) == ["history", "history"])
    #expect(seen.suffix(17).map(\.code) == Array(repeating: "busy", count: 17))
  }

  @Test("settings as large as they can be written down break nothing")
  func extremes() {
    var settings = GatewaySettings()
    settings.limits.requestsPerSecond = .max
    settings.limits.requestBurst = .max
    settings.limits.addressRequestsPerSecond = .max
    settings.limits.addressRequestBurst = .max
    let harness = ConnectionHarness.welcomed(customer, settings)
    harness.wait(10_000_000)
    let other = ConnectionHarness.welcomed(
      customer, settings, claims: Claims(person: customer, expiresAtMilliseconds: .max - 1))
    other.say(#"{"type":"ping"}"#)
    #expect(other.seen().map(\.type) == ["pong"])
  }

  @Test("a page that would fill the outbound buffer is cut, at the far end")
  func history() throws {
    var settings = GatewaySettings()
    settings.limits.outboundBytes = 20_000
    let harness = ConnectionHarness.welcomed(customer, settings)
    harness.say(#"{"type":"history","id":"f","session":"5","after":0}"#)
    harness.say(#"{"type":"history","id":"b","session":"5","before":100}"#)
    let tags = harness.requests().map(\.tag)
    let messages = (1...20).map { transcribed(UInt64($0), String(repeating: "x", count: 1000)) }
    for tag in tags { harness.reply(tag, .history(SessionID(rawValue: 5), messages, more: false)) }
    let seen = harness.seen().map(\.json)
    let pages = seen.map { ($0["messages"] as? [[String: Any]])?.compactMap { $0["seq"] as? Int } ?? [] }
    #expect(pages == [Array(1...8), Array(13...20)])
    #expect(seen.map { $0["more"] as? Bool } == [true, true])
  }
}
