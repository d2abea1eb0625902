internal import Kernel

/// Says of a customer of a desk that everything of that one was erased, without saying who it is: the first half of the SHA-256 of
/// a text that ends with the id. Whoever can guess the id can compare.
package struct ErasureMark: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  package static let byteCount = 16

  package init(desk: DeskNumber, customer: String) {
    let number = desk.rawValue
    let text = "switchboard erasure 1\0".utf8 + [UInt8(number >> 8), UInt8(number & 0xFF)] + customer.utf8
    var reader = ByteReader(SHA256.digest(Array(text)))
    self.init(high: (try? reader.readUInt64()) ?? 0, low: (try? reader.readUInt64()) ?? 0)
  }

  private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// - Returns: nil: not as many bytes as it has.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    var reader = ByteReader(bytes)
    guard let mark = try? ErasureMark(from: &reader) else { return nil }
    self = mark
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter(reservingCapacity: Self.byteCount)
    encode(into: &writer)
    return writer.bytes
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(high)
    writer.write(low)
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    self.init(high: try reader.readUInt64(), low: try reader.readUInt64())
  }

  package static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }

  /// 32 hexadecimal digits.
  package var description: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// - Returns: nil: it is none.
  package init?(_ text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 32, digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
      let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }
}
