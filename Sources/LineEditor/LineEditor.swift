/// Edits one line as a value: keys go in, and what is to be done comes out.
package struct LineEditor: Hashable, Sendable {
  package enum Effect: Hashable, Sendable {
    /// The line looks different, or nothing has changed.
    case edited
    /// The line is complete. It stays until `accept()`, so that one that cannot be said is not lost.
    case complete(String)
    /// Words that the one at the cursor may become.
    case choices([String])
    case nextReceiver, clearScreen, interrupt, endOfInput, suspend
    /// There is no room for what was pasted or typed.
    case tooLong(Int)
  }

  package private(set) var line = EditedLine()
  private var history = LineHistory()
  private var deleted = ""

  package init() {}

  package var isEmpty: Bool { line.isEmpty }

  /// - Parameter completions: words for the line before the cursor and its last word.
  package mutating func take(_ key: Key, completions: (String, Substring) -> [String]) -> Effect {
    switch key {
    case .text(let text), .paste(let text):
      if !line.insert(text) { return .tooLong(line.text.utf8.count + text.utf8.count) }
    case .pasteTooLong(let bytes): return .tooLong(bytes)
    case .enter: return .complete(line.text)
    case .tab: return complete(completions(line.before, line.word))
    case .backspace: line.deleteBackward()
    case .delete: line.deleteForward()
    case .left: line.moveLeft()
    case .right: line.moveRight()
    case .wordLeft: line.moveWordLeft()
    case .wordRight: line.moveWordRight()
    case .home: line.moveToStart()
    case .end: line.moveToEnd()
    case .up: if let earlier = history.back(from: line) { line = earlier }
    case .down: if let later = history.forward() { line = later }
    case .deleteWord: deleted = line.deleteWord()
    case .deleteToEnd: deleted = line.deleteToEnd()
    case .deleteToStart: deleted = line.deleteToStart()
    case .putBack: _ = line.insert(deleted)
    case .nextReceiver: return .nextReceiver
    case .clearScreen: return .clearScreen
    case .interrupt: return .interrupt
    case .suspend: return .suspend
    case .endOfInput:
      guard !line.isEmpty else { return .endOfInput }
      line.deleteForward()
    }
    return .edited
  }

  /// The line is said; the next one begins.
  package mutating func accept() {
    if !line.isEmpty { history.add(line.text) }
    line = EditedLine()
  }

  /// The line is thrown away.
  package mutating func clear() { line = EditedLine() }

  /// A line that could not be said is there again, unless another one has begun: then it is the last one of the history.
  /// - Returns: whether it is the line now.
  package mutating func bringBack(_ text: String) -> Bool {
    guard line.isEmpty else {
      history.add(text)
      return false
    }
    line = EditedLine(text)
    return true
  }

  private mutating func complete(_ words: [String]) -> Effect {
    guard let first = words.first else { return .edited }
    if words.count == 1 {
      line.replaceWord(with: first + " ")
      return .edited
    }
    var common = Substring(first)
    for word in words { while !word.hasPrefix(common) { common.removeLast() } }
    guard common.count > line.word.count else { return .choices(words) }
    line.replaceWord(with: String(common))
    return .edited
  }
}
