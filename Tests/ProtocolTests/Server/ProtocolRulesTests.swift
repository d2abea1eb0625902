import TestFrames
import Testing

@testable import Protocol

/// RFC 6455, as far as it concerns an endpoint behind the upgrade.
@Suite struct ProtocolRulesTests {
  private func complaint(_ body: (ConnectionHarness) -> Void) -> [String] {
    let harness = ConnectionHarness.welcomed()
    body(harness)
    return harness.complaints()
  }

  @Test("frames that break the protocol are closed with 1002")
  func violations() {
    #expect(complaint { $0.frame(Opcode.text, [0x7b, 0x7d], isMasked: false) } == ["close 1002"])
    for reserved: UInt8 in [1, 2, 4] {
      #expect(complaint { $0.frame(Opcode.text, [], reserved: reserved) } == ["close 1002"])
    }
    for opcode: UInt8 in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
      #expect(complaint { $0.frame(opcode) } == ["close 1002"])
    }
    for opcode in [Opcode.close, Opcode.ping, Opcode.pong] {
      #expect(complaint { $0.frame(opcode, [], isFinal: false) } == ["close 1002"])
      #expect(complaint { $0.frame(opcode, [UInt8](repeating: 3, count: 126)) } == ["close 1002"])
    }
    #expect(complaint { $0.frame(Opcode.continuation, []) } == ["close 1002"])
    #expect(
      complaint {
        $0.frame(Opcode.text, [], isFinal: false)
        $0.frame(Opcode.text, [])
      } == ["close 1002"])
  }

  @Test("after such a close nothing the client says counts, and the transport is given up in time")
  func refused() {
    let harness = ConnectionHarness.welcomed()
    harness.frame(3)
    #expect(harness.complaints() == ["close 1002"])
    guard case .refused? = harness.output.ending else {
      Issue.record("the transport is not ended")
      return
    }
    harness.output.ending = nil
    harness.say(#"{"type":"ping"}"#)
    #expect(harness.seen().isEmpty)
    harness.wait(5000)
    guard case .dropped? = harness.output.ending else {
      Issue.record("the transport is not dropped")
      return
    }
  }

  @Test("text in fragments is one message, with control frames in between")
  func fragments() {
    let harness = ConnectionHarness.welcomed()
    harness.frame(Opcode.text, Array(#"{"type":"pi"#.utf8), isFinal: false)
    harness.frame(Opcode.ping, [9])
    harness.frame(Opcode.continuation, Array(#"ng","id":"你"#.utf8.dropLast(1)), isFinal: false)
    harness.frame(Opcode.continuation, Array("你".utf8.suffix(1)) + Array(#""}"#.utf8))
    let seen = harness.seen()
    #expect(seen.count == 2)
    #expect(seen.first == .pong([9]))
    #expect(seen.last?.json["id"] as? String == "你")
  }

  @Test("text that is not UTF-8 is closed with 1007, within a frame and across fragments")
  func notUTF8() {
    #expect(complaint { $0.frame(Opcode.text, [0x22, 0xff, 0x22]) } == ["bad_frame", "close 1007"])
    #expect(
      complaint {
        $0.frame(Opcode.text, [0x22, 0xe4], isFinal: false)
        $0.frame(Opcode.continuation, [0x22])
      } == ["bad_frame", "close 1007"])
  }

  @Test("a message above the limit is an error, in one frame and in many")
  func tooBig() {
    var settings = GatewaySettings()
    settings.limits.frameBytes = 1000
    let space = [UInt8](repeating: 0x20, count: 600)
    let one = ConnectionHarness.welcomed(customer, settings)
    one.frame(Opcode.text, space + space)
    #expect(one.complaints() == ["too_large"])
    let many = ConnectionHarness.welcomed(customer, settings)
    many.frame(Opcode.text, space, isFinal: false)
    many.frame(Opcode.continuation, space)
    #expect(many.complaints() == ["too_large"])
    let fits = ConnectionHarness.welcomed(customer, settings)
    fits.frame(Opcode.text, space)
    #expect(fits.complaints() == ["bad_frame"])
  }

  @Test("a header announces what is too big before its payload is waited for")
  func announced() {
    let harness = ConnectionHarness.welcomed()
    #expect(
      harness.violation(of: FrameHeader(opcode: Opcode.text, payloadLength: .max)) == .tooBig)
    #expect(
      harness.violation(of: FrameHeader(opcode: Opcode.text, payloadLength: 64 * 1024)) == nil)
  }

  @Test("a ping is answered with its payload, a pong that nobody asked for with nothing")
  func pings() {
    let harness = ConnectionHarness.welcomed()
    harness.frame(Opcode.ping, [1, 2, 3])
    harness.frame(Opcode.pong, [1])
    #expect(harness.seen() == [.pong([1, 2, 3])])
  }

  @Test("a close frame is answered with its code, and the connection ends")
  func closing() {
    for (payload, code) in [([0x03, 0xe8], 1000), ([0x0f, 0xa0, 0x61], 4000), ([0x0b, 0xb8], 3000)]
      as [([UInt8], UInt16)]
    {
      let harness = ConnectionHarness.welcomed()
      harness.frame(Opcode.close, payload)
      #expect(harness.seen() == [.close(code)])
      guard case .finished? = harness.output.ending else {
        Issue.record("the connection does not end")
        continue
      }
    }
    let silent = ConnectionHarness.welcomed()
    silent.frame(Opcode.close)
    #expect(silent.seen() == [.close(nil)])
    // A client that does not take our answer is not waited for for ever.
    silent.wait(2000)
    guard case .dropped? = silent.output.ending else {
      Issue.record("the transport is not dropped")
      return
    }
  }

  @Test("close frames with a code that must not be sent, a cut code or a bad reason are refused")
  func badClosing() {
    for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
      #expect(
        complaint { $0.frame(Opcode.close, [UInt8(code >> 8), UInt8(code & 0xff)]) } == ["close 1002"],
        "\(code)")
    }
    #expect(complaint { $0.frame(Opcode.close, [3]) } == ["close 1002"])
    #expect(complaint { $0.frame(Opcode.close, [0x03, 0xe8, 0xff]) } == ["close 1007"])
  }

  @Test("after our own close frame, only the client's is waited for, and not for ever")
  func ourClose() {
    let harness = ConnectionHarness.welcomed()
    harness.machine.close(.slowOrSilent, "", now: harness.now, into: &harness.output)
    #expect(harness.complaints() == ["close 4008"])
    harness.say(#"{"type":"ping"}"#)
    #expect(harness.seen().isEmpty)
    harness.frame(Opcode.close, [0x0f, 0xa8])
    #expect(harness.seen().isEmpty)
    guard case .finished? = harness.output.ending else {
      Issue.record("the connection does not end")
      return
    }
    let silent = ConnectionHarness.welcomed()
    silent.machine.close(.slowOrSilent, "", now: silent.now, into: &silent.output)
    silent.wait(2000)
    guard case .dropped? = silent.output.ending else {
      Issue.record("the connection does not end")
      return
    }
  }
}
