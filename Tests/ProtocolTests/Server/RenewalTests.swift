import Desk
import TestFrames
import Testing

@testable import Protocol

@Suite("A new token in a connection that lives")
struct RenewalTests {
  private static func claims(_ harness: ConnectionHarness, _ seconds: UInt64, _ person: Person = customer)
    -> Claims
  {
    Claims(person: person, expiresAtMilliseconds: harness.now.wall + seconds * 1000)
  }

  /// Welcomed with a token that lasts so long.
  private static func welcomed(_ seconds: UInt64, _ settings: GatewaySettings = GatewaySettings())
    -> ConnectionHarness
  {
    let harness = ConnectionHarness(settings)
    harness.say(#"{"type":"hello","token":"t"}"#)
    harness.decide(.accepted(claims(harness, seconds)))
    _ = harness.seen()
    harness.output.token = nil
    return harness
  }

  /// No pings, so that nothing else is heard.
  private static var silent: GatewaySettings {
    var settings = GatewaySettings()
    settings.times.heartbeat = 1_000_000_000
    return settings
  }

  private static func renew(_ harness: ConnectionHarness, _ id: String, _ verdict: Verdict) -> [SeenFrame] {
    harness.say(#"{"type":"hello","id":"\#(id)","token":"new"}"#)
    #expect(harness.output.token == "new")
    harness.output.token = nil
    harness.decide(verdict)
    return harness.seen()
  }

  @Test("a minute before its end the client is told, and a token that is short is in its last quarter")
  func warning() throws {
    for (seconds, notice) in [(3600, 60), (240, 60), (100, 25), (8, 2)] as [(UInt64, UInt64)] {
      let harness = Self.welcomed(seconds, Self.silent)
      harness.wait((seconds - notice) * 1000 - 1)
      #expect(harness.seen().isEmpty)
      harness.wait(1)
      let seen = harness.seen()
      #expect(seen.map(\.type) == ["token_expires"])
      #expect(seen.first?.json["in_ms"] as? UInt64 == notice * 1000)
      harness.wait(notice * 1000 - 1)
      #expect(harness.seen().isEmpty)
      harness.wait(1)
      #expect(harness.complaints() == ["unauthorized", "close 4501"])
    }
  }

  @Test("nobody is told when it is not configured, or when the token does not end")
  func silence() {
    var settings = Self.silent
    settings.times.tokenWarning = 0
    let harness = Self.welcomed(100, settings)
    harness.wait(99_999)
    #expect(harness.seen().isEmpty)
    let endless = ConnectionHarness.welcomed(customer, Self.silent)
    endless.wait(100_000_000)
    #expect(endless.seen().isEmpty)
  }

  @Test("a new token takes the place of the one before, again and again, and frames are taken meanwhile")
  func renewed() {
    let harness = Self.welcomed(100, Self.silent)
    for round in 0..<5 {
      harness.wait(90_000)
      #expect(harness.seen().map(\.type) == ["token_expires"])
      harness.say(
        #"{"type":"hello","id":"\#(round)","token":"new","receipts":true,"resume":[{"session":"8"}]}"#)
      #expect(harness.takesFrames)
      harness.say(#"{"type":"ping","id":"p"}"#)
      #expect(harness.seen().map(\.type) == ["pong"])
      harness.decide(.accepted(Self.claims(harness, 100)))
      let seen = harness.seen()
      #expect(seen.map(\.type) == ["ok"])
      #expect(seen.first?.json["id"] as? String == "\(round)")
      #expect(harness.requests().isEmpty)
      harness.output.token = nil
    }
    harness.wait(100_000)
    #expect(harness.complaints().suffix(2) == ["unauthorized", "close 4501"])
  }

  @Test("its claims count: the name, and how far the client's word goes")
  func claims() throws {
    let old = Claims(person: customer, priority: 1, expiresAtMilliseconds: .max)
    let harness = ConnectionHarness.welcomed(customer, claims: old)
    harness.say(#"{"type":"open","id":"1","skill":"s","priority":3}"#)
    #expect(harness.complaints() == ["forbidden"])
    let named = Person(id: customer.id, role: .customer, name: "Another Name")
    let seen = Self.renew(
      harness, "2", .accepted(Claims(person: named, priority: 3, expiresAtMilliseconds: .max)))
    #expect(seen.map(\.type) == ["ok"])
    harness.say(#"{"type":"open","id":"3","skill":"s","priority":3}"#)
    let request = try #require(harness.requests().first)
    #expect(request.person == named)
    // A token that says less takes away what the one before allowed.
    _ = Self.renew(harness, "4", .accepted(Claims(person: named, expiresAtMilliseconds: .max)))
    harness.say(#"{"type":"open","id":"5","skill":"s","priority":3}"#)
    #expect(harness.complaints() == ["forbidden"])
  }

  @Test("what is not taken is told with its id, and the one before counts on")
  func refused() {
    let harness = Self.welcomed(100, Self.silent)
    let other = Person(id: "somebody", role: .customer, name: "S")
    let higher = Person(id: customer.id, role: .admin, name: "S")
    for (verdict, code) in [
      (.rejected("The signature is wrong."), "unauthorized"),
      (.accepted(Claims(person: customer, expiresAtMilliseconds: harness.now.wall)), "unauthorized"),
      (.accepted(Self.claims(harness, 1000, other)), "forbidden"),
      (.accepted(Self.claims(harness, 1000, higher)), "forbidden"),
      (.busy, "busy"),
    ] as [(Verdict, String)] {
      let seen = Self.renew(harness, "n", verdict)
      #expect(seen.map(\.code) == [code])
      #expect(seen.first?.json["id"] as? String == "n")
      #expect(harness.isOpen)
    }
    harness.wait(100_000)
    #expect(harness.complaints().suffix(2) == ["unauthorized", "close 4501"])
  }

  @Test("one at a time is looked at, and ten that are bad end the connection as other bad frames do")
  func bounds() {
    let harness = Self.welcomed(100, Self.silent)
    harness.say(#"{"type":"hello","id":"1","token":"new"}"#)
    harness.say(#"{"type":"hello","id":"2","token":"newer"}"#)
    #expect(harness.output.token == "new")
    #expect(harness.complaints() == ["busy"])
    harness.decide(.accepted(Self.claims(harness, 100)))
    #expect(harness.seen().map(\.type) == ["ok"])
    // A verdict that nobody waits for changes nothing.
    harness.decide(.rejected("late"))
    #expect(harness.seen().isEmpty)
    for _ in 0..<9 { _ = Self.renew(harness, "b", .rejected("no")) }
    #expect(harness.isOpen)
    #expect(Self.renew(harness, "b", .rejected("no")).last == .close(4510))
  }

  @Test("who is sent away goes, also with a new token")
  func departure() {
    let harness = Self.welcomed(5, Self.silent)
    harness.machine.goaway(
      reason: "drain", node: nil, url: nil, afterMilliseconds: 7_000, now: harness.now, into: &harness.output)
    #expect(Self.renew(harness, "1", .accepted(Self.claims(harness, 100))).map(\.type) == ["goaway", "ok"])
    harness.wait(6_999)
    #expect(harness.isOpen)
    _ = harness.seen()
    harness.wait(1)
    #expect(harness.complaints() == ["close 1001"])
  }
}
