internal import Kernel

/// Says of a customer of a desk that everything of that one was erased, without saying who it is: the first half of the SHA-256 of
/// a text that ends with the id. Whoever can guess the id can compare.
package struct ErasureMark: FixedBytes, Comparable {
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
}
