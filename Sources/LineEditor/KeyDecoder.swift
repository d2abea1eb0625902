/// Keys out of a terminal's bytes, however the bytes are divided: UTF-8, the sequences of the keys that have no letter,
/// and what stands between the brackets of a paste.
package struct KeyDecoder: Sendable {
  /// A longer paste is passed over, and told.
  package static let longestPaste = 1 << 20
  /// No key has a longer sequence; what is longer is none.
  private static let longestSequence = 32

  private enum State: Hashable, Sendable {
    case text
    case escape
    /// Behind `ESC [` or `ESC O`.
    case sequence
    case paste
  }

  private var state = State.text
  /// Bytes of a character, or of a sequence, that is not complete.
  private var part: [UInt8] = []
  private var pasted: [UInt8] = []
  private var pastedBytes = 0
  private var typed: [UInt8] = []

  package init() {}

  /// - Returns: the keys that are complete now; text in pieces as large as possible.
  package mutating func keys(_ bytes: some Sequence<UInt8>) -> [Key] {
    var keys: [Key] = []
    for byte in bytes {
      switch state {
      case .text: takeText(byte, &keys)
      case .escape: takeEscape(byte, &keys)
      case .sequence: takeSequence(byte, &keys)
      case .paste: takePaste(byte, &keys)
      }
    }
    flush(&keys, keepsPart: true)
    return keys
  }

  // MARK: Text

  private mutating func takeText(_ byte: UInt8, _ keys: inout [Key]) {
    guard byte < 0x20 || byte == 0x7f else {
      typed.append(byte)
      return
    }
    flush(&keys, keepsPart: false)
    if byte == 0x1b {
      state = .escape
    } else if let key = Self.control(byte) {
      keys.append(key)
    }
  }

  /// The typed text so far becomes a key. Its last character may still lack bytes.
  private mutating func flush(_ keys: inout [Key], keepsPart: Bool) {
    guard !typed.isEmpty else { return }
    let complete = keepsPart ? Self.completeBytes(typed) : typed.count
    if complete > 0 {
      let text = Self.plain(String(decoding: typed[..<complete], as: UTF8.self))
      if !text.isEmpty { keys.append(.text(text)) }
    }
    typed.removeFirst(complete)
  }

  /// How many bytes there are without the beginning of a character at the end.
  private static func completeBytes(_ bytes: [UInt8]) -> Int {
    var place = bytes.count
    for _ in 0..<min(3, bytes.count) {
      place -= 1
      let byte = bytes[place]
      if byte & 0xc0 == 0x80 { continue }
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return bytes.count - place < length ? place : bytes.count
    }
    return bytes.count
  }

  private static func control(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .endOfInput
    case 0x05: .end
    case 0x06: .right
    case 0x08, 0x7f: .backspace
    case 0x09: .tab
    case 0x0a, 0x0d: .enter
    case 0x0b: .deleteToEnd
    case 0x0c: .clearScreen
    case 0x0e: .down
    case 0x10: .up
    case 0x14: .nextReceiver
    case 0x15: .deleteToStart
    case 0x17: .deleteWord
    case 0x19: .putBack
    case 0x1a: .suspend
    default: nil
    }
  }

  // MARK: Sequences

  private mutating func takeEscape(_ byte: UInt8, _ keys: inout [Key]) {
    state = .text
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "O"):
      part = [byte]
      state = .sequence
    case 0x1b: state = .escape
    case UInt8(ascii: "b"): keys.append(.wordLeft)
    case UInt8(ascii: "f"): keys.append(.wordRight)
    case 0x08, 0x7f: keys.append(.deleteWord)
    // The key was Escape, and this is the next one.
    case 0x00..<0x20: takeText(byte, &keys)
    default: break
    }
  }

  private mutating func takeSequence(_ byte: UInt8, _ keys: inout [Key]) {
    part.append(byte)
    guard (0x40...0x7e).contains(byte) else {
      if byte < 0x20 || part.count > Self.longestSequence {
        state = .text
        part = []
        if byte < 0x20 { takeText(byte, &keys) }
      }
      return
    }
    state = .text
    let sequence = String(decoding: part, as: UTF8.self)
    part = []
    if sequence == "[200~" {
      state = .paste
      pasted = []
      pastedBytes = 0
    } else if let key = Self.sequences[sequence] {
      keys.append(key)
    }
  }

  private static let sequences: [String: Key] = [
    "[A": .up, "[B": .down, "[C": .right, "[D": .left, "OA": .up, "OB": .down, "OC": .right, "OD": .left,
    "[H": .home, "[F": .end, "OH": .home, "OF": .end, "[1~": .home, "[7~": .home, "[4~": .end, "[8~": .end,
    "[3~": .delete, "[1;5C": .wordRight, "[1;5D": .wordLeft, "[1;3C": .wordRight, "[1;3D": .wordLeft,
    "[5C": .wordRight, "[5D": .wordLeft, "OM": .enter,
  ]

  // MARK: Pastes

  private static let pasteEnd: [UInt8] = Array("\u{1b}[201~".utf8)

  private mutating func takePaste(_ byte: UInt8, _ keys: inout [Key]) {
    pasted.append(byte)
    pastedBytes += 1
    if byte == UInt8(ascii: "~"), pasted.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
      let bytes = pastedBytes - Self.pasteEnd.count
      let text = String(decoding: pasted.dropLast(Self.pasteEnd.count), as: UTF8.self)
      keys.append(bytes > Self.longestPaste ? .pasteTooLong(bytes) : .paste(Self.plain(text)))
      state = .text
      pasted = []
    } else if pasted.count > Self.longestPaste + 2 * Self.pasteEnd.count {
      // Only its end is waited for.
      pasted = Array(pasted.suffix(Self.pasteEnd.count))
    }
  }

  /// Ends of lines as `\n`, and no other control characters: a pasted text must not steer anything.
  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    var isBehindReturn = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\r": plain.append("\n")
      case "\n": if !isBehindReturn { plain.append("\n") }
      case "\t": plain.append("\t")
      default:
        if scalar.properties.generalCategory != .control { plain.append(scalar) }
      }
      isBehindReturn = scalar == "\r"
    }
    return String(plain)
  }
}
