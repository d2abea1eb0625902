/// A text as searches compare it: without case, accents and width, in simplified characters. Reused from text to text, so that
/// its memory is asked for once.
struct FoldedText {
  private(set) var letters: [Letter] = []
  /// Where in the text each of them began, in bytes; empty where nobody wanted to know.
  private(set) var places: [UInt32] = []

  init() {}
  init(_ text: String) { fold([UInt8](text.utf8)) }

  /// Takes the place of what was there. What is no UTF-8 separates words.
  mutating func fold(_ text: [UInt8]) { text.withUnsafeBufferPointer { fold($0, keepsPlaces: true) } }

  mutating func fold(_ bytes: UnsafeBufferPointer<UInt8>, keepsPlaces: Bool) {
    letters.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    letters.reserveCapacity(bytes.count)
    let table = LetterTable.shared
    var place = 0
    while place < bytes.count {
      let start = UInt32(truncatingIfNeeded: place)
      if bytes[place] < 0x80 {
        // Most of what is not Chinese: one letter, which changes none before it.
        letters.append(table.ascii(bytes[place]))
        if keepsPlaces { places.append(start) }
        place += 1
      } else {
        let scalar = Self.next(bytes, &place)
        table.fold(scalar) { add($0, at: keepsPlaces ? start : nil) }
      }
    }
  }

  private mutating func add(_ letter: Letter, at place: UInt32?) {
    if letter.kind == .nothing { return }
    if letter.isIdeograph, letter.scalar == 0x3099 || letter.scalar == 0x309A, let last = letters.last,
      let voiced = Self.voiced(last.scalar, letter.scalar)
    {
      letters[letters.count - 1] = Letter(voiced, .ideograph)
      return
    }
    letters.append(letter)
    if let place { places.append(place) }
  }

  /// A kana and the mark of voice that follows it, as one: half-width kana come that way.
  private static func voiced(_ kana: UInt32, _ mark: UInt32) -> UInt32? {
    // Hiragana; katakana are the same 0x60 higher.
    let offset: UInt32 = kana >= 0x30A1 ? 0x60 : 0
    let base = kana &- offset
    switch base {
    case 0x306F, 0x3072, 0x3075, 0x3078, 0x307B: return kana + (mark == 0x3099 ? 1 : 2)
    case 0x3046 where mark == 0x3099: return 0x3094 + offset
    // Ka to chi are at odd places, tsu to to at even ones behind the small tsu.
    case 0x304B...0x3061 where mark == 0x3099 && base % 2 == 1: return kana + 1
    case 0x3064...0x3068 where mark == 0x3099 && base % 2 == 0: return kana + 1
    default: return nil
    }
  }

  /// The character at `place`, which then lies behind it; for bytes that are none, U+FFFD, one byte after the other.
  @inline(__always)
  private static func next(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> UInt32 {
    let first = UInt32(bytes[place])
    place += 1
    guard first >= 0x80 else { return first }
    let more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0
    guard more > 0, first < 0xF5, bytes.count - place >= more else { return 0xFFFD }
    var scalar = first & (0x3F >> UInt32(more))
    for offset in 0..<more {
      let byte = UInt32(bytes[place + offset])
      guard byte & 0xC0 == 0x80 else { return 0xFFFD }
      scalar = scalar << 6 | byte & 0x3F
    }
    let least: UInt32 = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000
    guard scalar >= least, scalar <= 0x10FFFF, !(0xD800..<0xE000).contains(scalar) else { return 0xFFFD }
    place += more
    return scalar
  }
}
