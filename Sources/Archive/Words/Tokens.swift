/// What the index of a chunk has: its words, as text with a space between each two. Each word once: the index does not know
/// where in the chunk a word is.
struct Tokens {
  /// Of the rules and tables in this folder. An index is read and changed by the same rules that made it.
  static let version = 1
  /// Of a longer word only so many characters are looked at.
  static let longestWord = 40

  private(set) var text: [UInt8] = []
  private var known = KnownTokens()

  mutating func removeAll() {
    text.removeAll(keepingCapacity: true)
    known.removeAll()
  }

  /// Something beside the words that can be looked for: its name, of letters and digits of ASCII.
  mutating func add(facet: String) {
    text.append(contentsOf: Self.facet(facet).utf8)
    text.append(0x20)
  }

  /// No word has such a character.
  static func facet(_ name: String) -> String { "\u{E000}" + name }

  mutating func add(_ folded: FoldedText) {
    let letters = folded.letters
    var place = 0
    while place < letters.count {
      let start = place
      if letters[place].isWord {
        while place < letters.count, letters[place].isWord { place += 1 }
        addWord(letters[start..<min(place, start + Self.longestWord)])
      } else if letters[place].isIdeograph {
        while place < letters.count, letters[place].isIdeograph {
          addPair(
            letters[place].scalar,
            place + 1 < letters.count && letters[place + 1].isIdeograph
              ? letters[place + 1].scalar : 0)
          place += 1
        }
      } else {
        place += 1
      }
    }
  }

  /// Two neighbours, or the last one of a run, so that each character begins a token.
  private mutating func addPair(_ first: UInt32, _ second: UInt32) {
    guard known.insert(1 << 63 | UInt64(first) << 32 | UInt64(second)) else { return }
    Self.append(first, to: &text)
    if second != 0 { Self.append(second, to: &text) }
    text.append(0x20)
  }

  private mutating func addWord(_ word: ArraySlice<Letter>) {
    // FNV-1a: that two words of one chunk are taken for one has a chance of 2^-40 at the most.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for letter in word { hash = (hash ^ UInt64(letter.scalar)) &* 0x100_0000_01b3 }
    // Not 0, which is no word there.
    guard known.insert(hash & ~(1 << 63) | 1) else { return }
    for letter in word { Self.append(letter.scalar, to: &text) }
    text.append(0x20)
  }

  @inline(__always)
  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    switch scalar {
    case 0..<0x80: bytes.append(UInt8(truncatingIfNeeded: scalar))
    case 0..<0x800:
      bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    case 0..<0x10000:
      bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    default:
      bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
  }
}

/// Which words a chunk has so far: numbers above 0, in a table that is kept from chunk to chunk. `Set` took a tenth of the time of the
/// index. Places follow from a factor that nobody outside knows (multiply-shift, Dietzfelbinger et al. 1997), so that no text can
/// be made of words that all have the same one.
private struct KnownTokens {
  private static let leastBits = 8
  /// A long text leaves no longer table behind, which each chunk would have to clear.
  private static let mostBitsKept = 13

  private let factor = UInt64.random(in: 0 ... .max) | 1
  private var bits = leastBits
  private var table = [UInt64](repeating: 0, count: 1 << leastBits)
  private var count = 0

  /// - Returns: false: it was there.
  mutating func insert(_ token: UInt64) -> Bool {
    if (count + 1) * 2 > table.count { grow() }
    guard enter(token) else { return false }
    count += 1
    return true
  }

  private mutating func enter(_ token: UInt64) -> Bool {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: (token &* factor) >> (64 - UInt64(bits)))
    while table[place] != 0 {
      if table[place] == token { return false }
      place = (place + 1) & mask
    }
    table[place] = token
    return true
  }

  mutating func removeAll() {
    guard count > 0 else { return }
    count = 0
    if bits > Self.mostBitsKept {
      bits = Self.leastBits
      table = [UInt64](repeating: 0, count: 1 << bits)
    } else {
      for place in table.indices { table[place] = 0 }
    }
  }

  private mutating func grow() {
    let old = table
    bits += 1
    table = [UInt64](repeating: 0, count: 1 << bits)
    for token in old where token != 0 { _ = enter(token) }
  }
}
