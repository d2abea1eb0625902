import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite struct FrameHeaderTests {
  @Test("headers of all three length forms are read", arguments: [0, 1, 125, 126, 65535, 65536])
  func lengths(_ count: Int) throws {
    let bytes = maskedFrame(Opcode.text, [UInt8](repeating: 7, count: count))
    let (header, size) = try #require(bytes.withUnsafeBytes { FrameHeader.read($0) })
    #expect(header.payloadLength == count)
    #expect(header.isMasked && header.isMinimal && header.isFinal)
    #expect(size == bytes.count - count)
  }

  @Test("an incomplete header is waited for, whatever its form")
  func incomplete() {
    for count in [5, 300, 70_000] {
      let bytes = maskedFrame(Opcode.binary, [UInt8](repeating: 1, count: count))
      let size = bytes.count - count
      for cut in 0..<size {
        #expect(bytes[..<cut].withUnsafeBytes { FrameHeader.read($0) } == nil)
      }
    }
  }

  @Test("a length in more bytes than needed, or with its highest bit set, is noticed")
  func notMinimal() throws {
    let short: [UInt8] = [0x81, 0xfe, 0, 125, 1, 2, 3, 4]
    #expect(try #require(short.withUnsafeBytes { FrameHeader.read($0) }).header.isMinimal == false)
    let long: [UInt8] = [0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4]
    #expect(try #require(long.withUnsafeBytes { FrameHeader.read($0) }).header.isMinimal == false)
    let negative: [UInt8] = [0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4]
    #expect(try #require(negative.withUnsafeBytes { FrameHeader.read($0) }).header.isMinimal == false)
  }

  @Test("the mask comes off at every length and alignment")
  func unmasking() throws {
    for count in 0..<40 {
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      let bytes = maskedFrame(Opcode.text, payload, key: [1, 200, 3, 77])
      bytes.withUnsafeBytes { raw in
        guard let (header, size) = FrameHeader.read(raw) else {
          Issue.record("no header")
          return
        }
        var plain = [UInt8](repeating: 0, count: count)
        plain.withUnsafeMutableBytes {
          unmask(UnsafeRawBufferPointer(rebasing: raw[size...]), into: $0, key: header.key)
        }
        #expect(plain == payload)
      }
    }
  }

  @Test(
    "server frames of all three header forms carry their payload unharmed",
    arguments: [0, 125, 126, 127, 65535, 65536, 200_000])
  func writing(_ count: Int) {
    let payload = (0..<count).map { UInt8(0x61 + $0 % 26) }
    var frames = FrameBuffer()
    frames.writeTextFrame { $0.write(payload) }
    payload.withUnsafeBytes { frames.writeFrame(opcode: Opcode.text, $0) }
    var bytes = frames.bytes
    let seen = seenFrames(&bytes)
    let text = SeenFrame.text(String(decoding: payload, as: UTF8.self))
    #expect(seen == [text, text])
    #expect(bytes.isEmpty)
  }
}

@Suite struct UTF8ValidityTests {
  private func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { isValidUTF8($0) } }

  @Test("well-formed text is valid")
  func valid() {
    for text in ["", "plain ascii, longer than a word", "é", "你好，世界", "😀😀", "aaaaaaa\u{10FFFF}b", "\u{0}"] {
      #expect(isValid(Array(text.utf8)), "\(text)")
    }
  }

  @Test("overlong forms, surrogates, cut sequences and values above U+10FFFF are not")
  func invalid() {
    let bad: [[UInt8]] = [
      [0x80], [0xc0, 0xaf], [0xc1, 0x81], [0xe0, 0x9f, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe4, 0xbd], [0xc3], [0xf0, 0x9f, 0x98],
      [0xe4, 0x41, 0xa0], [0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0xff],
    ]
    for bytes in bad { #expect(!isValid(bytes), "\(bytes)") }
  }

  @Test("it agrees with the standard library on random bytes")
  func random() {
    var random = SeededRandom(seed: 4711)
    for _ in 0..<20_000 {
      let count = Int(random.next() % 12)
      let bytes = (0..<count).map { _ in
        random.next() % 3 == 0 ? UInt8(truncatingIfNeeded: random.next()) : UInt8(0x80 | random.next() & 0x7f)
      }
      #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "seed 4711, \(bytes)")
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
