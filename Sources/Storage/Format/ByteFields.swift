internal import Kernel

/// Appends little-endian fields.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// At most 65,535 bytes of UTF-8, after their number.
  mutating func put(_ text: String) {
    let utf8 = text.utf8.prefix(Int(UInt16.max))
    put(UInt16(utf8.count))
    bytes.append(contentsOf: utf8)
  }
}

/// Takes little-endian fields; nil once there are not enough bytes left.
struct ByteReader {
  let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  mutating func take<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
    let width = Number.bitWidth / 8
    guard bytes.endIndex - position >= width else { return nil }
    var number = Number.zero
    for place in 0..<width {
      number |= Number(truncatingIfNeeded: bytes[position + place]) << Number(place * 8)
    }
    position += width
    return number
  }

  mutating func takeBytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, bytes.endIndex - position >= count else { return nil }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func takeText() -> String? {
    guard let count = take(UInt16.self), bytes.endIndex - position >= Int(count) else { return nil }
    defer { position += Int(count) }
    return String(validating: bytes[position..<position + Int(count)], as: UTF8.self)
  }
}
