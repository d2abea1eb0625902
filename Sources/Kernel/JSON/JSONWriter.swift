/// JSON as the frames of the server have it: compact, and escaped where RFC 8259 demands it.
extension BoundedWriter {
  /// A negative number is written as 0: there is nothing to wait for, or no place.
  package mutating func write(decimal value: Int) { write(decimal: UInt64(max(0, value))) }

  /// In quotes, escaped.
  package mutating func write(json text: String) {
    var text = text
    text.withUTF8 { write(json: UnsafeRawBufferPointer($0)) }
  }

  /// In quotes, escaped; `text` must be UTF-8.
  package mutating func write(json text: UnsafeRawBufferPointer) {
    write(UInt8(ascii: "\""))
    var done = 0
    while done < text.count {
      let plain = plainRun(text, from: done)
      if plain > done {
        write(UnsafeRawBufferPointer(rebasing: text[done..<plain]))
        done = plain
      }
      if done < text.count {
        writeEscaped(text[done])
        done += 1
      }
    }
    write(UInt8(ascii: "\""))
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
      write(hexadecimal: byte >> 4)
      write(hexadecimal: byte & 0xf)
    }
  }

  private mutating func write(hexadecimal digit: UInt8) {
    write(digit < 10 ? 0x30 + digit : 0x57 + digit)
  }
}

extension String {
  /// The text in quotes, escaped, for what is not written into a frame.
  package var quotedJSON: String {
    var buffer = FrameBuffer()
    buffer.append(expected: utf8.count + 16) { $0.write(json: self) }
    return buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
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
