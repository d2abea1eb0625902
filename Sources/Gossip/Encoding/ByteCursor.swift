/// Why a datagram was not understood.
enum DatagramError: Error, Hashable, Sendable {
  /// The bytes end before the value does.
  case truncated
  /// Another version of this format, or another cluster.
  case foreign
  /// A value that nobody writes.
  case invalid
}

/// Steps through the bytes of a datagram; whatever they are, it throws and never traps.
struct ByteCursor {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func byte() throws(DatagramError) -> UInt8 {
    guard offset < bytes.count else { throw .truncated }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func skip(_ count: Int) throws(DatagramError) {
    guard count <= bytes.count - offset else { throw .truncated }
    offset += count
  }

  mutating func fixed64() throws(DatagramError) -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
    return value
  }

  /// A varint (LEB128, low bits first) in its shortest form, at most `limit`.
  mutating func number(upTo limit: UInt64 = .max) throws(DatagramError) -> UInt64 {
    var value: UInt64 = 0
    for group in 0..<UInt64(10) {
      let next = try byte()
      if group == 9, next > 1 { throw .invalid }
      value |= UInt64(next & 0x7F) << (7 * group)
      guard next < 0x80 else { continue }
      if next == 0, group > 0 { throw .invalid }
      guard value <= limit else { throw .invalid }
      return value
    }
    throw .invalid
  }

  /// A varint that fits into the type that is asked for.
  mutating func number<Value: FixedWidthInteger & UnsignedInteger>(
    as type: Value.Type
  ) throws(DatagramError) -> Value {
    Value(truncatingIfNeeded: try number(upTo: UInt64(Value.max)))
  }

  /// A length, then UTF-8.
  mutating func text(upTo limit: Int) throws(DatagramError) -> String {
    let length = Int(try number(upTo: UInt64(limit)))
    guard length <= bytes.count - offset else { throw .truncated }
    defer { offset += length }
    guard let text = String(validating: bytes[offset..<offset + length], as: UTF8.self) else { throw .invalid }
    return text
  }

  mutating func member() throws(DatagramError) -> MemberID {
    let value = try number()
    guard value != 0 else { throw .invalid }
    return MemberID(value)
  }

  /// Of a member that speaks for itself: 1 or more.
  mutating func incarnation() throws(DatagramError) -> Incarnation {
    let value = try number(upTo: Incarnation.highest.rawValue)
    guard value != 0 else { throw .invalid }
    return Incarnation(value)
  }
}

/// The other direction.
struct ByteSink {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func fixed64(_ value: UInt64) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func number(_ value: some FixedWidthInteger & UnsignedInteger) {
    var rest = UInt64(value)
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func text(_ value: String) {
    number(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  mutating func append(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }
}
