/// What is looked for: texts that a message has all of. A word is found as a whole word, characters of writing without spaces
/// wherever they stand side by side.
package struct SearchQuery: Hashable, Sendable {
  package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case tooLong

    package var description: String {
      switch self {
      case .empty: "Say at least one letter, digit or character to look for."
      case .tooLong:
        "Look for at most \(SearchQuery.mostTerms) words, of \(SearchQuery.mostLetters) characters together."
      }
    }
  }

  package static let mostTerms = 16
  package static let mostLetters = 256
  /// A word of so many letters with a `*` behind it stands for all words that begin so.
  package static let leastPrefix = 3

  struct Term: Hashable {
    var letters: [Letter]
    var isIdeographs: Bool
    /// More letters may follow.
    var isPrefix: Bool
  }

  let terms: [Term]

  /// - Parameter text: what somebody has typed. Nothing in it has a meaning but a `*` behind a word.
  package init(_ text: String) throws(Fault) {
    guard text.utf8.count <= 16 * Self.mostLetters else { throw .tooLong }
    let letters = FoldedText(text).letters
    var terms: [Term] = []
    var place = 0
    var total = 0
    while place < letters.count {
      let start = place
      let isIdeographs = letters[place].isIdeograph
      guard isIdeographs || letters[place].isWord else {
        place += 1
        continue
      }
      while place < letters.count, isIdeographs ? letters[place].isIdeograph : letters[place].isWord {
        place += 1
      }
      total += place - start
      var term = Term(letters: Array(letters[start..<place]), isIdeographs: isIdeographs, isPrefix: false)
      if !isIdeographs {
        term.isPrefix =
          place < letters.count && letters[place] == .star && term.letters.count >= Self.leastPrefix
        if term.letters.count > Tokens.longestWord {
          term.letters.removeLast(term.letters.count - Tokens.longestWord)
          term.isPrefix = true
        }
      }
      if !terms.contains(term) { terms.append(term) }
    }
    guard !terms.isEmpty else { throw .empty }
    guard terms.count <= Self.mostTerms, total <= Self.mostLetters else { throw .tooLong }
    self.terms = terms
  }

  /// For `MATCH`: each token in quotes, which no token has in it, all of them asked for.
  func expression(facet: String) -> String {
    var parts = ["\"" + Tokens.facet(facet) + "\""]
    for term in terms {
      if !term.isIdeographs {
        parts.append(Self.quoted(term.letters[...]) + (term.isPrefix ? " *" : ""))
      } else if term.letters.count == 1 {
        parts.append(Self.quoted(term.letters[...]) + " *")
      } else {
        for place in 1..<term.letters.count { parts.append(Self.quoted(term.letters[(place - 1)...place])) }
      }
    }
    return parts.joined(separator: " AND ")
  }

  private static func quoted(_ letters: ArraySlice<Letter>) -> String {
    var bytes: [UInt8] = [0x22]
    for letter in letters { Tokens.append(letter.scalar, to: &bytes) }
    bytes.append(0x22)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Where the first of the terms is in a text that has all of them: places among its letters. nil: it has not.
  func place(in text: FoldedText) -> Range<Int>? {
    var first: Range<Int>?
    for term in terms {
      guard let found = Self.place(of: term, in: text.letters) else { return nil }
      if first.map({ found.lowerBound < $0.lowerBound }) ?? true { first = found }
    }
    return first
  }

  private static func place(of term: Term, in letters: [Letter]) -> Range<Int>? {
    let count = term.letters.count
    guard letters.count >= count, let begin = term.letters.first else { return nil }
    for start in 0...(letters.count - count) where letters[start] == begin {
      guard letters[start..<start + count].elementsEqual(term.letters) else { continue }
      if term.isIdeographs { return start..<start + count }
      guard start == 0 || !letters[start - 1].isWord else { continue }
      let end = start + count
      if term.isPrefix || end == letters.count || !letters[end].isWord { return start..<end }
    }
    return nil
  }
}
