/// Walks over a JSON text (RFC 8259), strictly: no comments, no trailing commas, no leading zeros, no unpaired
/// surrogates, nothing nested deeper than 32. The bytes must be valid UTF-8. No tree is built.
package struct JSONReader {
  package static let depthLimit = 32

  package let text: UnsafeRawBufferPointer
  package private(set) var position = 0

  /// - Precondition: fewer than 2^32 bytes, as the frame limit ensures.
  package init(_ text: UnsafeRawBufferPointer) { self.text = text }

  package func fault(_ reason: StaticString) -> JSONFault { JSONFault(position: position, reason: reason) }

  /// The byte at the position; 0, which is no part of JSON, at the end.
  @inline(__always)
  private var byte: UInt8 { position < text.count ? text[position] : 0 }

  @inline(__always)
  package mutating func skipSpace() {
    while position < text.count {
      let byte = text[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      position += 1
    }
  }

  /// Takes the byte if it comes next, after white space.
  @inline(__always)
  package mutating func take(_ wanted: UInt8) -> Bool {
    skipSpace()
    guard byte == wanted else { return false }
    position += 1
    return true
  }

  /// Nothing but white space may follow.
  package mutating func expectEnd() throws(JSONFault) {
    skipSpace()
    if position < text.count { throw fault("there is something behind the value") }
  }

  /// A member's name, up to and with its colon.
  @inline(__always)
  package mutating func name() throws(JSONFault) -> JSONValue {
    skipSpace()
    guard byte == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
    let name = try string()
    guard take(UInt8(ascii: ":")) else { throw fault("a colon is expected") }
    return name
  }

  /// Walks over an object, member by member.
  package mutating func members(
    depth: Int, _ member: (_ name: JSONValue, _ value: JSONValue) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    guard take(UInt8(ascii: "{")) else { throw fault("an object is expected") }
    if take(UInt8(ascii: "}")) { return }
    while true {
      let name = try name()
      try member(name, try value(depth: depth))
      if take(UInt8(ascii: "}")) { return }
      guard take(UInt8(ascii: ",")) else { throw fault("a comma or a closing brace is expected") }
    }
  }

  /// Walks over an array, value by value.
  package mutating func elements(
    depth: Int, _ element: (JSONValue) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    guard take(UInt8(ascii: "[")) else { throw fault("an array is expected") }
    if take(UInt8(ascii: "]")) { return }
    while true {
      try element(try value(depth: depth))
      if take(UInt8(ascii: "]")) { return }
      guard take(UInt8(ascii: ",")) else { throw fault("a comma or a closing bracket is expected") }
    }
  }

  /// Any value, with all that is in it. `depth` counts the arrays and objects around it.
  package mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    skipSpace()
    let start = position
    switch byte {
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "{"):
      try object(depth: depth + 1)
      return span(.object, from: start)
    case UInt8(ascii: "["):
      try array(depth: depth + 1)
      return span(.array, from: start)
    case UInt8(ascii: "t"):
      try word("true")
      return span(.yes, from: start)
    case UInt8(ascii: "f"):
      try word("false")
      return span(.no, from: start)
    case UInt8(ascii: "n"):
      try word("null")
      return span(.null, from: start)
    default:
      try number()
      return span(.number, from: start)
    }
  }

  private func span(_ kind: JSONValue.Kind, from start: Int) -> JSONValue {
    JSONValue(kind: kind, isEscaped: false, start: UInt32(start), end: UInt32(position))
  }

  private mutating func object(depth: Int) throws(JSONFault) {
    guard depth <= Self.depthLimit else { throw fault("it is nested deeper than 32 levels") }
    position += 1
    if take(UInt8(ascii: "}")) { return }
    while true {
      _ = try name()
      _ = try value(depth: depth)
      if take(UInt8(ascii: "}")) { return }
      guard take(UInt8(ascii: ",")) else { throw fault("a comma or a closing brace is expected") }
    }
  }

  private mutating func array(depth: Int) throws(JSONFault) {
    guard depth <= Self.depthLimit else { throw fault("it is nested deeper than 32 levels") }
    position += 1
    if take(UInt8(ascii: "]")) { return }
    while true {
      _ = try value(depth: depth)
      if take(UInt8(ascii: "]")) { return }
      guard take(UInt8(ascii: ",")) else { throw fault("a comma or a closing bracket is expected") }
    }
  }

  private mutating func word(_ word: StaticString) throws(JSONFault) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard byte == word.utf8Start[offset] else { throw fault("a value is expected") }
      position += 1
    }
  }

  private mutating func digits() throws(JSONFault) {
    guard byte >= 0x30, byte <= 0x39 else { throw fault("a value is expected") }
    while byte >= 0x30, byte <= 0x39 { position += 1 }
  }

  private mutating func number() throws(JSONFault) {
    if byte == UInt8(ascii: "-") { position += 1 }
    if byte == UInt8(ascii: "0") {
      position += 1
      if byte >= 0x30, byte <= 0x39 { throw fault("a number has a leading zero") }
    } else {
      try digits()
    }
    if byte == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
  }

  /// At the opening quote; leaves the position behind the closing one.
  private mutating func string() throws(JSONFault) -> JSONValue {
    position += 1
    let start = position
    var isEscaped = false
    let end = text.count
    while true {
      while position + 8 <= end {
        let special = specialBytes(text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        if special == 0 {
          position += 8
        } else {
          position += special.trailingZeroBitCount >> 3
          break
        }
      }
      guard position < end else { throw fault("a string does not end") }
      let byte = text[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return JSONValue(
          kind: .string, isEscaped: isEscaped, start: UInt32(start), end: UInt32(position - 1))
      }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        try escape()
      } else if byte < 0x20 {
        throw fault("a control character in a string must be escaped")
      } else {
        position += 1
      }
    }
  }

  /// At the backslash.
  private mutating func escape() throws(JSONFault) {
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 1
    case UInt8(ascii: "u"):
      position += 1
      let unit = try codeUnit()
      if unit & 0xfc00 == 0xdc00 { throw fault("a low surrogate has no high one before it") }
      guard unit & 0xfc00 == 0xd800 else { return }
      guard byte == UInt8(ascii: "\\") else { throw fault("a high surrogate has no low one behind it") }
      position += 1
      guard byte == UInt8(ascii: "u") else { throw fault("a high surrogate has no low one behind it") }
      position += 1
      let low = try codeUnit()
      if low & 0xfc00 != 0xdc00 { throw fault("a high surrogate has no low one behind it") }
    default: throw fault("an unknown escape")
    }
  }

  private mutating func codeUnit() throws(JSONFault) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = hexadecimalDigit(byte) else { throw fault("four hexadecimal digits are expected") }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}

/// Which of eight bytes, as they lie in memory, is a quote, a backslash or below 0x20: the lowest bit that is set
/// belongs to the first one (the well-known search for a byte in a word; above the first one, borrows may set
/// bits that mean nothing).
@inline(__always)
func specialBytes(_ memory: UInt64) -> UInt64 {
  let word = UInt64(littleEndian: memory)
  let ones: UInt64 = 0x0101_0101_0101_0101
  let quotes = word ^ (ones &* 0x22)
  let slashes = word ^ (ones &* 0x5c)
  let found =
    ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word)
  return found & (ones &* 0x80)
}
