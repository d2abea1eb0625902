import Kernel

/// Looks for the `id` of a request in a text that is not taken: one that is no JSON, or too long to be kept. It reads
/// strings, braces and colons and judges nothing else, takes the text in pieces of any size, and remembers no more than
/// one string.
package struct RequestIDSearch: Sendable {
  /// Bytes of a string that is remembered, as it stands in the text.
  package static let longest = 4096

  private enum Place { case name, value }

  private var depth = 0
  private var place = Place.name
  /// In a string, between its quotes; `keeps`: it may be the one that is looked for.
  private var isInString = false
  private var keeps = false
  private var isBehindBackslash = false
  /// The string or the number that is read.
  private var token: [UInt8] = []
  private var isInNumber = false
  private var isNamedID = false
  private var found: RequestName?

  package init() {}

  /// Of a text that is there as a whole.
  package static func name(in text: UnsafeRawBufferPointer) -> RequestName? {
    var search = RequestIDSearch()
    search.read(text)
    return search.end()
  }

  package mutating func read(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { read(byte) }
  }

  /// Nothing more comes.
  /// - Returns: nil when there was no id, or none that can be said.
  package mutating func end() -> RequestName? {
    endNumber()
    return found
  }

  private mutating func read(_ byte: UInt8) {
    if isInString { return readInString(byte) }
    if isInNumber {
      if Self.isPartOfNumber(byte) { return keep(byte) }
      endNumber()
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInString = true
      keeps = depth == 1 && (place == .name || isNamedID)
      token.removeAll(keepingCapacity: true)
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    case UInt8(ascii: ":") where depth == 1: place = .value
    case UInt8(ascii: ",") where depth == 1:
      place = .name
      isNamedID = false
    default:
      guard depth == 1, place == .value, isNamedID, Self.isPartOfNumber(byte) else { return }
      isInNumber = true
      keeps = true
      token.removeAll(keepingCapacity: true)
      keep(byte)
    }
  }

  private mutating func readInString(_ byte: UInt8) {
    if isBehindBackslash {
      isBehindBackslash = false
      keep(byte)
    } else if byte == UInt8(ascii: "\"") {
      isInString = false
      if keeps { take() }
    } else {
      isBehindBackslash = byte == UInt8(ascii: "\\")
      keep(byte)
    }
  }

  private mutating func keep(_ byte: UInt8) {
    guard keeps else { return }
    if token.count < Self.longest { token.append(byte) } else { keeps = false }
  }

  private mutating func take() {
    let text = Self.string(token)
    switch place {
    case .name: isNamedID = text == "id"
    case .value: if let text, !text.isEmpty { found = .text(text) }
    }
  }

  private mutating func endNumber() {
    guard isInNumber else { return }
    isInNumber = false
    if keeps, token.withUnsafeBytes({ Self.isNumber($0) }) {
      found = .number(String(decoding: token, as: UTF8.self))
    }
  }

  /// What stands between quotes, if it is a string of JSON.
  private static func string(_ token: [UInt8]) -> String? {
    let quoted = [UInt8(ascii: "\"")] + token + [UInt8(ascii: "\"")]
    return quoted.withUnsafeBytes { text in
      guard isValidUTF8(text) else { return nil }
      var reader = JSONReader(text)
      return (try? reader.value(depth: 0))?.string(in: text)
    }
  }

  private static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    var reader = JSONReader(text)
    return (try? reader.value(depth: 0))?.kind == .number && reader.position == text.count
  }

  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
  }
}

/// By what an error names the request that it answers.
package enum RequestName: Hashable, Sendable {
  case text(String)
  /// No id that is taken, but what the client has called it: written as it was given.
  case number(String)

  package static let none = RequestName.text("")
}
