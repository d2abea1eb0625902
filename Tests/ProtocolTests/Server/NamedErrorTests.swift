import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite("Errors that name their request")
struct NamedErrorTests {
  @Test(
    "a frame that is refused before it is understood names the request that it was",
    arguments: [
      #"{"type":"send","id":"m1","session":"4096","body":"\ud83d"}"#,
      #"{"type":"send","body":"\ude00","session":"4096","id":"m1"}"#,
      #"{"type":"send","body":"half \ud83d and on","id":"m1"}"#,
      #"{"type":"send","id":"m1","body":"\x"}"#, "{\"type\":\"send\",\"id\":\"m1\",\"body\":\"a\nb\"}",
      #"{"type":"send","id":"m1","body":"cut"#, #"{"type":"send","id":"m1","body":}"#,
      #"{"type":"send","id":"m1","body":"x",}"#, #"{"type":"send","id":"m1"} and more"#,
      #"{"type":"send","seq":01,"id":"m1"}"#, #"{type:"send","id":"m1"}"#,
      #"{"type":"open","attributes":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        + #","id":"m1"}"#,
      #"{"id":"m1"}"#, #"{"type":7,"id":"m1"}"#, #"{"type":"nonsense","id":"m1"}"#,
      #"{"type":"send","id":"m1","session":7,"body":"x"}"#,
      #"{"type":"send","id":"m1","session":"4096","body":7}"#,
      #"{"type":"history","id":"m1","session":"4096","limit":"ten"}"#, #"{"type":"hello","id":"m1"}"#,
      #"{"type":"send","\u0069d":"m1","body":"\ud83d"}"#, #"{"type":"send","id":"\u006d1","body":"\ud83d"}"#,
      #"{"type":"send","attributes":{"id":"other"},"id":"m1","body":"\ud83d"}"#,
      #"{"type":"send","x":"\"id\":\"other\"","id":"m1","body":"\ud83d"}"#,
      #"{"type":"send","y":"id","id":"m1","body":"\ud83d"}"#,
    ])
  func named(frame: String) {
    let harness = ConnectionHarness.welcomed()
    harness.say(frame)
    let seen = harness.seen()
    #expect(seen.count == 1)
    #expect(seen.first?.type == "error")
    #expect(seen.first?.json["id"] as? String == "m1", "\(seen)")
    #expect(harness.isOpen)
  }

  @Test("an id that is none is said as it was given, as far as it is short")
  func oddIDs() {
    for (given, said) in [("7", "7"), ("-1.5e3", "-1.5e3"), (#""a\n""#, nil)] {
      let harness = ConnectionHarness.welcomed()
      harness.say(#"{"type":"join","id":\#(given),"session":7}"#)
      guard let said, case .text(let text)? = harness.seen().first else { continue }
      #expect(text.contains(#""id":\#(said),"#), "\(text)")
    }
    let long = String(repeating: "x", count: 65)
    let harness = ConnectionHarness.welcomed()
    harness.say(#"{"type":"ping","id":"\#(long)"}"#)
    #expect(harness.seen().first?.json["id"] as? String == long)
    harness.say(#"{"type":"ping","id":"\#(String(repeating: "x", count: 5000))"}"#)
    #expect(harness.seen().first?.json["id"] == nil)
    harness.say(#"{"type":"ping","id":{"a":1}}"#)
    #expect(harness.seen().first?.json["id"] == nil)
    harness.say("[1,2,3]")
    #expect(harness.seen().first?.json["id"] == nil)
  }

  @Test("text that is not UTF-8 names its request before the connection ends, as RFC 6455 demands")
  func notUTF8() {
    let harness = ConnectionHarness.welcomed()
    harness.frame(
      Opcode.text, Array(#"{"type":"send","id":"m1","body":""#.utf8) + [0xc3, 0x28] + Array(#""}"#.utf8))
    let seen = harness.seen()
    #expect(seen.first?.code == "bad_frame" && seen.first?.json["id"] as? String == "m1")
    #expect(seen.last == .close(1007))
  }

  @Test("a binary frame names its request when JSON is in it")
  func binary() {
    let harness = ConnectionHarness.welcomed()
    harness.frame(Opcode.binary, Array(#"{"type":"ping","id":"b1"}"#.utf8))
    #expect(harness.seen().first?.json["id"] as? String == "b1")
  }

  @Test("too many requests at a time are refused by name")
  func tooFast() {
    var settings = GatewaySettings()
    settings.limits.requestBurst = 1
    settings.limits.requestsPerSecond = 1
    let harness = ConnectionHarness.welcomed(customer, settings)
    harness.say(#"{"type":"send","id":"m1","body":"\ud83d"}"#)
    #expect(harness.seen().first?.json["id"] as? String == "m1")
  }
}
