/// Messages as people write them to a shop, of invented words that are as unequal as those of a language: the same ones each time.
struct HistoryTexts {
  private var state: UInt64
  private let chinese: [String]
  private let english: [String]

  init(seed: UInt64) {
    state = seed
    var generator = SeededState(state: seed)
    chinese = (0..<2_500).map { _ in
      // The 3,000 characters that are most in use are not side by side; that does not matter here.
      (0..<(generator.next(4) == 0 ? 3 : 2)).map { _ in
        String(Unicode.Scalar(UInt32(0x4E00 + generator.next(3_000) * 6)) ?? "好")
      }.joined()
    }
    let parts = [
      "ba", "re", "tion", "der", "ship", "or", "fund", "can", "el", "mi", "lo", "st", "pay", "un", "ing", "ver",
    ]
    english = (0..<4_000).map { _ in
      (0..<(1 + generator.next(3))).map { _ in parts[generator.next(parts.count)] }.joined()
        + "\(generator.next(3))"
    }
  }

  private mutating func next(_ bound: Int) -> Int {
    var generator = SeededState(state: state)
    defer { state = generator.state }
    return generator.next(bound)
  }

  /// Most words are seldom: the place is a uniform number to the power of four.
  private mutating func place(_ count: Int) -> Int {
    let uniform = Double(next(1 << 20)) / Double(1 << 20)
    return Int(uniform * uniform * uniform * uniform * Double(count))
  }

  mutating func message() -> String {
    if next(10) == 0 {
      return (0..<(3 + next(9))).map { _ in english[place(english.count)] }.joined(separator: " ")
    }
    return (0..<(3 + next(4))).map { _ in
      (0..<(1 + next(3))).map { _ in chinese[place(chinese.count)] }.joined()
    }.joined(separator: "，")
  }

  mutating func chineseWord() -> String { String(chinese[place(chinese.count)].prefix(2)) }
  mutating func englishWord() -> String { english[place(english.count)] }
  mutating func number(_ bound: Int) -> Int { next(bound) }
}

private struct SeededState {
  var state: UInt64
  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
