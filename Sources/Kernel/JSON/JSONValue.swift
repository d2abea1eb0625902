/// Where a value lies in a JSON text: nothing is copied until it is asked for.
package struct JSONValue: Sendable {
  package enum Kind: UInt8, Sendable { case absent, null, no, yes, number, string, object, array }
  package var kind: Kind
  /// Of strings: whether the text between the quotes has escapes.
  package var isEscaped: Bool
  /// Of strings: between the quotes; of other values: all of it.
  package var start: UInt32
  package var end: UInt32

  package static let absent = JSONValue(kind: .absent, isEscaped: false, start: 0, end: 0)

  package init(kind: Kind, isEscaped: Bool, start: UInt32, end: UInt32) {
    self.kind = kind
    self.isEscaped = isEscaped
    self.start = start
    self.end = end
  }

  /// Neither there nor `null`.
  package var isGiven: Bool { kind != .absent && kind != .null }

  /// The bytes as they stand in the text.
  package func raw(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[Int(start)..<Int(end)])
  }

  /// The string's UTF-8 with its escapes decoded; nil when the value is no string.
  package func bytes(in text: UnsafeRawBufferPointer) -> [UInt8]? {
    guard kind == .string else { return nil }
    let raw = raw(in: text)
    return isEscaped ? unescape(raw) : [UInt8](raw)
  }

  package func string(in text: UnsafeRawBufferPointer) -> String? {
    guard kind == .string else { return nil }
    let raw = raw(in: text)
    return String(decoding: isEscaped ? unescape(raw)[...] : ArraySlice(raw), as: UTF8.self)
  }

  /// A whole number from 0 on, however it is written (`3`, `3.0`, `3e0`); nil for everything else.
  package func unsigned(in text: UnsafeRawBufferPointer) -> UInt64? {
    guard let number = WholeNumber(self, in: text), !number.isNegative || number.magnitude == 0 else {
      return nil
    }
    return number.magnitude
  }

  /// A whole number of 64 bits, possibly negative; nil for everything else.
  package func integer(in text: UnsafeRawBufferPointer) -> Int64? {
    guard let number = WholeNumber(self, in: text) else { return nil }
    guard number.isNegative else { return Int64(exactly: number.magnitude) }
    return number.magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- number.magnitude) : nil
  }

  /// A whole number of 32 bits, possibly negative; nil for everything else.
  package func signed(in text: UnsafeRawBufferPointer) -> Int32? {
    integer(in: text).flatMap { Int32(exactly: $0) }
  }
}

/// Decodes the escapes of a string that the reader has checked.
private func unescape(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: raw.count) { target, count in
    var position = 0
    while position < raw.count {
      let byte = raw[position]
      guard byte == UInt8(ascii: "\\") else {
        target[count] = byte
        count += 1
        position += 1
        continue
      }
      let escape = raw[position + 1]
      position += 2
      switch escape {
      case UInt8(ascii: "b"): target[count] = 0x08
      case UInt8(ascii: "f"): target[count] = 0x0c
      case UInt8(ascii: "n"): target[count] = 0x0a
      case UInt8(ascii: "r"): target[count] = 0x0d
      case UInt8(ascii: "t"): target[count] = 0x09
      case UInt8(ascii: "u"):
        var scalar = hexadecimal(raw, at: position)
        position += 4
        if scalar & 0xfc00 == 0xd800 {
          scalar = 0x10000 + (scalar & 0x3ff) << 10 + hexadecimal(raw, at: position + 2) & 0x3ff
          position += 6
        }
        count += encode(scalar, into: target, at: count)
        continue
      default: target[count] = escape
      }
      count += 1
    }
  }
}

private func hexadecimal(_ raw: UnsafeRawBufferPointer, at position: Int) -> UInt32 {
  var value: UInt32 = 0
  for offset in 0..<4 { value = value << 4 | UInt32(hexadecimalDigit(raw[position + offset]) ?? 0) }
  return value
}

func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x37
  case 0x61...0x66: byte - 0x57
  default: nil
  }
}

/// Six bytes of escape and more never give more than four bytes of UTF-8: the target is large enough.
private func encode(_ scalar: UInt32, into target: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
  switch scalar {
  case 0..<0x80:
    target[start] = UInt8(scalar)
    return 1
  case 0x80..<0x800:
    target[start] = UInt8(0xc0 | scalar >> 6)
    target[start + 1] = UInt8(0x80 | scalar & 0x3f)
    return 2
  case 0x800..<0x10000:
    target[start] = UInt8(0xe0 | scalar >> 12)
    target[start + 1] = UInt8(0x80 | scalar >> 6 & 0x3f)
    target[start + 2] = UInt8(0x80 | scalar & 0x3f)
    return 3
  default:
    target[start] = UInt8(0xf0 | scalar >> 18)
    target[start + 1] = UInt8(0x80 | scalar >> 12 & 0x3f)
    target[start + 2] = UInt8(0x80 | scalar >> 6 & 0x3f)
    target[start + 3] = UInt8(0x80 | scalar & 0x3f)
    return 4
  }
}
