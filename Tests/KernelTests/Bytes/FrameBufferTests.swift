import Kernel
import Testing

@Suite struct FrameBufferTests {
  @Test(
    "what does not fit into what was expected is written whole", arguments: [0, 1, 63, 64, 65, 5_000, 100_000])
  func growth(_ size: Int) {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    var buffer = FrameBuffer()
    buffer.append(expected: 10) { writer in
      writer.write(literal: "<")
      writer.write(bytes)
      writer.write(bigEndian: 0x0102_0304 as UInt32)
      writer.write(decimal: UInt64.max)
    }
    let expected = [0x3c] + bytes + [1, 2, 3, 4] + Array("18446744073709551615".utf8)
    #expect(buffer.bytes == expected)
    buffer.append(expected: 1) { $0.write(7) }
    #expect(buffer.bytes == expected + [7])
    var other = buffer
    other.append(buffer)
    #expect(other.bytes == expected + [7] + expected + [7])
    other.clear()
    #expect(other.bytes.isEmpty && other.capacity > 0)
  }

  @Test("a piece in the middle is made smaller and larger, and nothing outside is touched")
  func resizing() {
    for (size, newSize) in [(4, 2), (4, 4), (4, 10), (0, 3), (3, 0)] {
      var buffer = FrameBuffer()
      buffer.append(expected: 0) { writer in
        writer.write(literal: "ab")
        writer.write([UInt8](repeating: 0x2e, count: size))
        writer.write(literal: "cdefgh")
        writer.resize(at: 2, from: size, to: newSize)
        for place in 0..<newSize { writer.set(0x2d, at: 2 + place) }
        writer.set(0, at: -1)
        writer.set(0, at: 1_000)
        writer.resize(at: 5, from: 1_000, to: 0)
      }
      let dashes = String(repeating: "-", count: newSize)
      #expect(String(decoding: buffer.bytes, as: UTF8.self) == "ab\(dashes)cdefgh")
    }
  }

  @Test("numbers of every length are written in decimal digits")
  func decimals() {
    for value in [0, 9, 10, 99, 100, 9_999_999_999_999_999_999, 10_000_000_000_000_000_000, .max] as [UInt64] {
      var buffer = FrameBuffer()
      buffer.append(expected: 0) { $0.write(decimal: value) }
      #expect(String(decoding: buffer.bytes, as: UTF8.self) == "\(value)")
    }
  }
}
