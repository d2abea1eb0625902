import Gateway
import Kernel
import NIOCore
import Testing

@testable import API

@Suite("The header of the PROXY protocol")
struct ProxyPreambleTests {
  static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

  static func block(_ command: UInt8, _ family: UInt8, _ body: [UInt8], size: Int? = nil) -> [UInt8] {
    let size = size ?? body.count
    return signature + [command, family, UInt8(size >> 8), UInt8(size & 255)] + body
  }

  static let four: [UInt8] = [203, 0, 113, 9, 10, 0, 0, 1, 0x12, 0x34, 0, 80]
  static let six: [UInt8] =
    [0x20, 1, 0xd, 0xb8, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 7] + [UInt8](repeating: 1, count: 16) + [1, 2, 3, 4]

  static func parse(_ bytes: [UInt8]) -> ProxyPreamble.Parsed {
    ProxyPreamble.parse(ByteBuffer(bytes: bytes).readableBytesView)
  }

  /// With a checksum of its own in an extension.
  static func summed(_ change: UInt32) -> [UInt8] {
    var bytes = block(0x21, 0x11, four + [3, 0, 4, 0, 0, 0, 0] + [4, 0, 2, 9, 9])
    let sum = CRC32C.checksum(bytes) ^ change
    for place in 0..<4 { bytes[16 + 12 + 3 + place] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * place)) }
    return bytes
  }

  private static let good: [([UInt8], String?)] = [
    (Array("PROXY TCP4 203.0.113.9 10.0.0.1 4711 80\r\n".utf8), "203.0.113.9"),
    (Array("PROXY TCP6 2001:db8:2:3::7 ::1 65535 0\r\n".utf8), "2001:db8:2:3::7"),
    (Array("PROXY TCP6 ::ffff:203.0.113.9 ::1 65535 1\r\n".utf8), "203.0.113.9"),
    (Array("PROXY UNKNOWN\r\n".utf8), nil), (Array("PROXY UNKNOWN whatever it says\r\n".utf8), nil),
    (block(0x21, 0x11, four), "203.0.113.9"), (block(0x21, 0x21, six), "2001:db8:2:3::7"),
    (block(0x21, 0x11, four + [1, 0, 2, 0x68, 0x32]), "203.0.113.9"), (summed(0), "203.0.113.9"),
    (block(0x20, 0x11, four), nil), (block(0x20, 0, []), nil), (block(0x21, 0, [4, 0, 1, 0]), nil),
    (block(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil),
    (block(0x21, 0x11, four + [0x30, 0xf, 0xf1] + [UInt8](repeating: 7, count: 4081)), "203.0.113.9"),
  ]

  @Test("headers of both versions, in pieces of any size, with anything behind them")
  func good() throws {
    for (bytes, source) in Self.good {
      for count in 0..<bytes.count {
        #expect(Self.parse(Array(bytes.prefix(count))) == .incomplete, "\(count) of \(bytes)")
      }
      let expected: ProxyPreamble.Parsed =
        if let source {
          .named(try #require(IPAddress(text: source)), length: bytes.count)
        } else {
          .unnamed(length: bytes.count)
        }
      #expect(Self.parse(bytes) == expected)
      #expect(Self.parse(bytes + Array("GET / HTTP/1.1\r\n\r\n".utf8)) == expected)
    }
  }

  @Test("what is no header, or one that says what cannot be")
  func malformed() {
    let lines = [
      "GET / HTTP/1.1\r\n", "PROXY\r\n", "PROXYTCP4 1.1.1.1 1.1.1.1 1 1\r\n",
      "proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n", "PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n",
      "PROXY TCP4 1.1.1 1.1.1.1 1 1\r\n", "PROXY TCP4 ::1 ::1 1 1\r\n", "PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n",
      "PROXY TCP4 1.1.1.1 1.1.1.1 1 65536\r\n", "PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n",
      "PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n", "PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n", "PROXY \r\n",
      "PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n", String(repeating: "PROXY ", count: 30),
      "PROXY TCP4 host 1.1.1.1 1 1\r\n", "\r\n\r\n\r\n\r\n",
    ]
    let blocks = [
      Self.block(0x11, 0x11, Self.four), Self.block(0x22, 0x11, Self.four), Self.block(0x21, 0x12, Self.four),
      Self.block(0x21, 0x41, Self.four), Self.block(0x21, 0x11, [1, 2, 3]), Self.block(0x21, 0x21, Self.four),
      Self.block(0x21, 0x11, Self.four, size: 4097), Self.block(0x21, 0x11, Self.four + [1, 0, 9, 1]),
      Self.block(0x21, 0x11, Self.four + [1, 0]), Self.summed(1),
      Self.block(0x21, 0x11, Self.four + [3, 0, 2, 0, 0]),
    ]
    for bytes in lines.map({ Array($0.utf8) }) + blocks {
      guard case .malformed = Self.parse(bytes) else {
        Issue.record("\(String(decoding: bytes, as: UTF8.self)) is \(Self.parse(bytes))")
        continue
      }
    }
  }
}
