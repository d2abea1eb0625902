import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite("Messages that are too long")
struct TooLongTests {
  private static func settings(_ frameBytes: Int = 1000) -> GatewaySettings {
    var settings = GatewaySettings()
    settings.limits.frameBytes = frameBytes
    settings.limits.errorsInARow = 0
    settings.limits.requestsPerSecond = 0
    settings.limits.addressRequestsPerSecond = 0
    return settings
  }

  /// Bytes in pieces, as a transport hands them over; what is not taken is given again.
  private func give(_ bytes: [UInt8], by size: Int, to harness: ConnectionHarness) -> Int {
    var kept: [UInt8] = []
    var most = 0
    for start in stride(from: 0, to: bytes.count, by: size) {
      kept += bytes[start..<min(start + size, bytes.count)]
      let taken = kept.withUnsafeBytes {
        harness.machine.receive(
          $0, now: harness.now, addressBudget: &harness.address, into: &harness.output)
      }
      kept.removeFirst(taken)
      most = max(most, kept.count)
    }
    return most
  }

  @Test(
    "one is an error with its id, wherever that stands, and the connection goes on; nothing of it is kept",
    arguments: [1, 3, 7, 64, 999, 4096, 1 << 20])
  func named(piece: Int) {
    let body = String(repeating: "a\\\"b:{,", count: 300)
    for text in [
      #"{"type":"send","id":"m1","session":"4096","body":"\#(body)"}"#,
      #"{"type":"send","session":"4096","body":"\#(body)","id":"m1"}"#,
    ] {
      let harness = ConnectionHarness.welcomed(customer, Self.settings())
      let long = maskedFrame(Opcode.text, Array(text.utf8))
      let ping = maskedFrame(Opcode.text, Array(#"{"type":"ping","id":"p"}"#.utf8))
      let most = give(long + ping + long + ping, by: piece, to: harness)
      let seen = harness.seen()
      #expect(seen.map(\.type) == ["error", "pong", "error", "pong"])
      #expect(seen.map { $0.json["id"] as? String } == ["m1", "p", "m1", "p"])
      #expect(seen.first?.code == "too_large")
      #expect(most < 1100, "\(most)")
    }
  }

  @Test("one in many frames is the same, with pings between them")
  func divided() {
    let harness = ConnectionHarness.welcomed(customer, Self.settings())
    let text =
      Array(#"{"type":"send","id":"m1","body":""#.utf8) + [UInt8](repeating: 0x61, count: 5000)
      + Array(#""}"#.utf8)
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: 300) {
      let end = min(start + 300, text.count)
      bytes += maskedFrame(
        start == 0 ? Opcode.text : Opcode.continuation, Array(text[start..<end]), isFinal: end == text.count,
        key: [UInt8(start & 0xff), 7, 9, 200])
      bytes += maskedFrame(Opcode.ping, [1])
    }
    bytes += maskedFrame(Opcode.text, Array(#"{"type":"ping"}"#.utf8))
    _ = give(bytes, by: 64, to: harness)
    let seen = harness.seen().filter { $0 != .pong([1]) }
    #expect(seen.map(\.type) == ["error", "pong"])
    #expect(seen.first?.json["id"] as? String == "m1")
    #expect(seen.first?.code == "too_large")
  }

  @Test("without an id that can be known it is an error all the same")
  func unnamed() {
    for text in [
      String(repeating: " ", count: 2000), String(repeating: "{", count: 2000),
      #"{"id":"# + String(repeating: "9", count: 9000),
    ] {
      let harness = ConnectionHarness.welcomed(customer, Self.settings())
      harness.say(text)
      #expect(harness.complaints() == ["too_large"])
      #expect(harness.isOpen)
    }
  }

  @Test("above 64 times the limit, and before the welcome, the connection ends at the header")
  func bound() {
    let most = ConnectionHarness.welcomed(customer, Self.settings())
    #expect(most.violation(of: FrameHeader(opcode: Opcode.text, payloadLength: 64_000)) == nil)
    #expect(most.violation(of: FrameHeader(opcode: Opcode.text, payloadLength: 64_001)) == .tooBig)
    most.frame(Opcode.text, [UInt8](repeating: 0x20, count: 60_000), isFinal: false)
    most.frame(Opcode.continuation, [UInt8](repeating: 0x20, count: 4001))
    #expect(most.complaints() == ["close 1009"])
    let stranger = ConnectionHarness(Self.settings())
    stranger.say(#"{"type":"hello","token":"\#(String(repeating: "t", count: 1000))"}"#)
    #expect(stranger.complaints() == ["close 1009"])
  }

  @Test("it costs as requests do, and tiny pieces of it cost as well")
  func cost() {
    var settings = Self.settings()
    settings.limits.requestsPerSecond = 1
    settings.limits.requestBurst = 5
    let harness = ConnectionHarness.welcomed(customer, settings)
    for _ in 0..<100 { harness.say(String(repeating: " ", count: 60_000)) }
    #expect(harness.complaints().last == "close 4029")
    let tiny = ConnectionHarness.welcomed(customer, settings)
    tiny.frame(Opcode.text, [UInt8](repeating: 0x20, count: 1001), isFinal: false)
    for _ in 0..<1000 { tiny.frame(Opcode.continuation, [], isFinal: false) }
    #expect(tiny.complaints().last == "close 4029")
  }

  @Test("a close frame behind one that is passed over is understood")
  func closing() {
    let harness = ConnectionHarness.welcomed(customer, Self.settings())
    let long = maskedFrame(Opcode.text, [UInt8](repeating: 0x20, count: 3000))
    _ = give(Array(long[..<1500]), by: 100, to: harness)
    harness.machine.close(.tryAnotherNode, "a test", now: harness.now, into: &harness.output)
    _ = give(long[1500...] + maskedFrame(Opcode.close, [0x03, 0xe8]), by: 100, to: harness)
    #expect(harness.complaints() == ["close 4013"])
    guard case .finished? = harness.output.ending else {
      Issue.record("\(String(describing: harness.output.ending))")
      return
    }
  }
}
