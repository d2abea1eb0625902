package import Desk
package import Kernel

/// JSON as the frames of the server have it: compact, and escaped where RFC 8259 demands it.
extension ByteWriter {
  package mutating func write(decimal value: UInt64) {
    if value < 10 { return bytes.append(0x30 + UInt8(value)) }
    // The last digit comes first, and no number of 64 bits has more than twenty.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = digits.count
      var rest = value
      while rest > 0, start > 0 {
        start -= 1
        digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
      write(raw: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start...]))
    }
  }

  /// A negative number is written as 0: there is nothing to wait for, or no place.
  package mutating func write(decimal value: Int) { write(decimal: UInt64(max(0, value))) }

  /// A session's id, in quotes: it has more digits than a number of JavaScript.
  package mutating func write(json session: SessionID) {
    bytes.append(UInt8(ascii: "\""))
    write(decimal: session.rawValue)
    bytes.append(UInt8(ascii: "\""))
  }

  /// In quotes, escaped.
  package mutating func write(json text: String) {
    var text = text
    text.withUTF8 { write(json: $0) }
  }

  /// In quotes, escaped; `text` must be UTF-8.
  package mutating func write(json text: UnsafeBufferPointer<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    let raw = UnsafeRawBufferPointer(text)
    var done = 0
    while done < raw.count {
      let plain = plainRun(raw, from: done)
      if plain > done {
        write(raw: UnsafeBufferPointer(rebasing: text[done..<plain]))
        done = plain
      }
      if done < raw.count {
        writeEscaped(raw[done])
        done += 1
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): write(literal: "\\\"")
    case UInt8(ascii: "\\"): write(literal: "\\\\")
    case 0x08: write(literal: "\\b")
    case 0x09: write(literal: "\\t")
    case 0x0a: write(literal: "\\n")
    case 0x0c: write(literal: "\\f")
    case 0x0d: write(literal: "\\r")
    default:
      write(literal: "\\u00")
      for digit in [byte >> 4, byte & 0xf] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
    }
  }
}

/// Where the first byte from `start` on lies that JSON must escape; the end when there is none.
@inline(__always)
private func plainRun(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
  var position = start
  while position + 8 <= bytes.count {
    let special = specialBytes(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    if special != 0 { return position + (special.trailingZeroBitCount >> 3) }
    position += 8
  }
  while position < bytes.count {
    let byte = bytes[position]
    if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return position }
    position += 1
  }
  return position
}
