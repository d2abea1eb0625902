/// What a character is to a search.
enum LetterKind: UInt32 {
  /// Ends a word.
  case separator = 0
  /// A letter or digit of writing that has spaces between words.
  case word = 1
  /// Of writing that has none, as Chinese: two neighbours are a word.
  case ideograph = 2
  /// As if it were not there: accents that stand alone, marks without width.
  case nothing = 3
}

/// A character as searches compare it: its number, folded, and its kind above that.
struct Letter: Hashable {
  let bits: UInt32
  init(bits: UInt32) { self.bits = bits }
  init(_ scalar: UInt32, _ kind: LetterKind) { bits = scalar | kind.rawValue << 24 }

  static let separator = Letter(bits: 0)
  /// Ends a word as well; behind one in a question it stands for any ending.
  static let star = Letter(0x2A, .separator)

  var scalar: UInt32 { bits & 0x1F_FFFF }
  var kind: LetterKind { LetterKind(rawValue: bits >> 24 & 3) ?? .separator }
  @inline(__always) var isWord: Bool { bits >> 24 == LetterKind.word.rawValue }
  @inline(__always) var isIdeograph: Bool { bits >> 24 == LetterKind.ideograph.rawValue }
}

/// Every character of the basic plane as a `Letter`: 256 KiB, made once from the two tables of forms.
struct LetterTable: Sendable {
  static let shared = LetterTable()

  /// With this bit, the lower ones say which of `longer`.
  private static let several: UInt32 = 1 << 31
  private var letters: [UInt32]
  private var longer: [[Letter]] = []

  private init() {
    letters = (0..<0x10000).map { code in
      guard let scalar = Unicode.Scalar(UInt32(code)) else { return 0 }
      return Letter(scalar.value, Self.kind(scalar)).bits
    }
    letters[0x2A] = Letter.star.bits
    // The marks of voice behind half-width kana.
    letters[0xFF9E] = Letter(0x3099, .ideograph).bits
    letters[0xFF9F] = Letter(0x309A, .ideograph).bits
    for code in 0x41...0x5A { letters[code] = Letter(UInt32(code + 32), .word).bits }
    let simplified = Self.pairs(SimplifiedForms.pairs)
    func final(_ scalar: Unicode.Scalar) -> Letter {
      let last = simplified[scalar] ?? scalar
      return Letter(last.value, Self.kind(last))
    }
    for (from, to) in simplified { letters[Int(from.value)] = Letter(to.value, Self.kind(to)).bits }
    for (from, to) in Self.pairs(FoldedForms.pairs) { letters[Int(from.value)] = final(to).bits }
    for form in Self.text(FoldedForms.longer).split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      guard let from = form.first else { continue }
      letters[Int(from.value)] = Self.several | UInt32(longer.count)
      longer.append(form.dropFirst().map(final))
    }
  }

  private static func text(_ literal: StaticString) -> [Unicode.Scalar] {
    literal.withUTF8Buffer { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) }
  }

  private static func pairs(_ literal: StaticString) -> [Unicode.Scalar: Unicode.Scalar] {
    let scalars = text(literal).filter { $0 != "\n" }
    var pairs: [Unicode.Scalar: Unicode.Scalar] = [:]
    for place in stride(from: 0, to: scalars.count - 1, by: 2) { pairs[scalars[place]] = scalars[place + 1] }
    return pairs
  }

  /// - Parameter byte: below 128.
  @inline(__always)
  func ascii(_ byte: UInt8) -> Letter { Letter(bits: letters[Int(byte)]) }

  @inline(__always)
  func fold(_ scalar: UInt32, _ body: (Letter) -> Void) {
    guard scalar < 0x10000 else { return body(Self.beyondBasicPlane(scalar)) }
    let bits = letters[Int(scalar)]
    guard bits & Self.several != 0 else { return body(Letter(bits: bits)) }
    for letter in longer[Int(bits & ~Self.several)] { body(letter) }
  }

  private static func beyondBasicPlane(_ code: UInt32) -> Letter {
    guard let scalar = Unicode.Scalar(code) else { return .separator }
    let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
    return Letter(lower.value, kind(lower))
  }

  private static func kind(_ scalar: Unicode.Scalar) -> LetterKind {
    switch scalar.value {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return .word
    case 0..<0x80: return .separator
    // Accents on their own; the soft hyphen; joiners; selectors of a variant; the byte order mark.
    case 0x0300...0x036F, 0x00AD, 0x200B...0x200D, 0xFE00...0xFE0F, 0xFEFF: return .nothing
    // Kana with the marks of voice, bopomofo, Hangul, ideographs.
    case 0x3005...0x3007, 0x3041...0x309A, 0x30A1...0x30FA, 0x30FC...0x30FE, 0x3105...0x312F, 0x31A0...0x31BF,
      0x31F0...0x31FF, 0x1100...0x11FF, 0xA960...0xA97F, 0xAC00...0xD7FB, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0x20000...0x323AF:
      return .ideograph
    // Thai, Lao, Burmese, Khmer: no spaces between words either.
    case 0x0E01...0x0E3A, 0x0E40...0x0E4E, 0x0E81...0x0EDF, 0x1000...0x109F, 0x1780...0x17D3: return .ideograph
    default: break
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
      return .word
    default: return .separator
    }
  }
}
