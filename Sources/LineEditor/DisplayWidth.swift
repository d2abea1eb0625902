/// How many columns of a terminal a text takes. Terminals differ, so nothing that is drawn depends on it but how much of a
/// long line is shown.
package enum DisplayWidth {
  package static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + of($1) } }

  package static func of(_ character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    // A sequence of several code points is drawn as one picture, or as a letter with marks.
    if scalars.count > 1, first.properties.isEmoji, first.value > 0x7f || scalars.contains("\u{20E3}") {
      return 2
    }
    return scalars.reduce(0) { max($0, of($1)) }
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// East Asian wide and full-width characters (Unicode, annex 11).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
    0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
  ]

  /// The most of a text's end, or beginning, that fits.
  static func end(_ text: String, columns: Int) -> Substring { text.suffix(fitting(text.reversed(), columns)) }
  static func beginning(_ text: String, columns: Int) -> Substring { text.prefix(fitting(text, columns)) }

  private static func fitting(_ text: some Sequence<Character>, _ columns: Int) -> Int {
    var count = 0
    var left = columns
    for character in text {
      left -= of(character)
      if left < 0 { break }
      count += 1
    }
    return count
  }
}
