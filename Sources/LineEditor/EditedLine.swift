/// A line that is being typed: what stands before the cursor, and what behind it. It moves and deletes by what people see
/// as one character, however many code points that is.
package struct EditedLine: Hashable, Sendable {
  /// More bytes are not taken.
  package static let longest = 1 << 20

  package private(set) var before = ""
  package private(set) var after = ""

  package init(_ text: String = "") { before = text }

  package var text: String { before + after }
  package var isEmpty: Bool { before.isEmpty && after.isEmpty }

  /// - Returns: whether there was room for it.
  package mutating func insert(_ text: String) -> Bool {
    guard before.utf8.count + after.utf8.count + text.utf8.count <= Self.longest else { return false }
    before += text
    return true
  }

  package mutating func deleteBackward() { if !before.isEmpty { before.removeLast() } }

  package mutating func deleteForward() { if !after.isEmpty { after.removeFirst() } }

  package mutating func moveLeft() {
    guard let character = before.popLast() else { return }
    after.insert(character, at: after.startIndex)
  }

  package mutating func moveRight() {
    guard !after.isEmpty else { return }
    before.append(after.removeFirst())
  }

  package mutating func moveToStart() {
    after = before + after
    before = ""
  }

  package mutating func moveToEnd() {
    before += after
    after = ""
  }

  package mutating func moveWordLeft() { after = cutWordBefore() + after }

  package mutating func moveWordRight() {
    var rest = after[...]
    rest = rest.drop { $0.isWhitespace }
    rest = rest.drop { !$0.isWhitespace }
    before += after[..<rest.startIndex]
    after = String(rest)
  }

  /// - Returns: what was deleted.
  package mutating func deleteWord() -> String { cutWordBefore() }

  package mutating func deleteToEnd() -> String {
    defer { after = "" }
    return after
  }

  package mutating func deleteToStart() -> String {
    defer { before = "" }
    return before
  }

  /// The word that ends at the cursor; empty behind a space.
  package var word: Substring {
    let end = before.lastIndex { $0.isWhitespace }
    return end.map { before[before.index(after: $0)...] } ?? before[...]
  }

  package mutating func replaceWord(with text: String) { before = before.dropLast(word.count) + text }

  private mutating func cutWordBefore() -> String {
    var rest = before[...]
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    while let last = rest.last, !last.isWhitespace { rest.removeLast() }
    let word = String(before[rest.endIndex...])
    before = String(rest)
    return word
  }
}
