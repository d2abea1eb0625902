import Desk

/// Writes JSON text to memory whose size was reckoned before: no check per byte, no allocation.
struct JSONText {
  private var target: UnsafeMutablePointer<UInt8>

  init(_ target: UnsafeMutablePointer<UInt8>) { self.target = target }

  var position: UnsafeMutablePointer<UInt8> { target }

  /// Text that is JSON already.
  @inline(__always)
  mutating func literal(_ text: StaticString) {
    target.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    target += text.utf8CodeUnitCount
  }

  mutating func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    target.update(from: start, count: bytes.count)
    target += bytes.count
  }

  mutating func integer(_ value: UInt64) {
    if value < 10 {
      target.pointee = 0x30 + UInt8(value)
      target += 1
      return
    }
    var digits = 1
    var limit: UInt64 = 10
    while value >= limit {
      digits += 1
      let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
      if overflow { break }
      limit = next
    }
    var rest = value
    var place = target + digits
    while rest > 0 {
      place -= 1
      place.pointee = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    target += digits
  }

  mutating func integer(_ value: Int) { integer(UInt64(max(0, value))) }

  mutating func session(_ session: SessionID) {
    target.pointee = UInt8(ascii: "\"")
    target += 1
    integer(session.rawValue)
    target.pointee = UInt8(ascii: "\"")
    target += 1
  }

  /// In quotes, escaped.
  mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { string($0) }
  }

  /// In quotes, escaped; `bytes` must be UTF-8.
  mutating func string(_ bytes: UnsafeBufferPointer<UInt8>) {
    target.pointee = UInt8(ascii: "\"")
    target += 1
    let raw = UnsafeRawBufferPointer(bytes)
    var done = 0
    while done < raw.count {
      let plain = plainRun(raw, from: done)
      if plain > done {
        self.raw(UnsafeBufferPointer(rebasing: bytes[done..<plain]))
        done = plain
      }
      if done < raw.count {
        escape(raw[done])
        done += 1
      }
    }
    target.pointee = UInt8(ascii: "\"")
    target += 1
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): literal("\\\"")
    case UInt8(ascii: "\\"): literal("\\\\")
    case 0x08: literal("\\b")
    case 0x09: literal("\\t")
    case 0x0a: literal("\\n")
    case 0x0c: literal("\\f")
    case 0x0d: literal("\\r")
    default:
      literal("\\u00")
      for digit in [byte >> 4, byte & 0xf] {
        target.pointee = digit < 10 ? 0x30 + digit : 0x57 + digit
        target += 1
      }
    }
  }

  /// The most bytes that a string takes with its quotes; cheap, for short ones.
  static func bound(_ text: String) -> Int { text.utf8.count * 6 + 2 }

  /// The most bytes that a text takes with its quotes: exactly its own size when nothing in it needs an escape.
  static func bound(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    var done = 0
    var escapes = 0
    while true {
      done = plainRun(raw, from: done)
      guard done < raw.count else { return raw.count + 5 * escapes + 2 }
      escapes += 1
      done += 1
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
