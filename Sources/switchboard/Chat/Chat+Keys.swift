import LineEditor
import SwitchboardClient

/// What is typed in a terminal.
extension Chat {
  /// Lines that come faster than this belong to one paste of a terminal that has no brackets for them.
  private static let pasteGap = Duration.milliseconds(50)

  /// - Returns: whether to go on reading.
  func take(_ bytes: [UInt8]) -> Bool {
    for key in decoder.keys(bytes) {
      handle(key)
      if isOver { return false }
    }
    redraw()
    return true
  }

  /// Whom the line is for: fixed with its first key, and whoever is talked to while there is none.
  private var addressee: String? { editor.isEmpty ? book.current : receiver }

  var prompt: String {
    guard let session = addressee else { return "> " }
    return book.title(session) + (book[session] == nil ? " (gone)> " : "> ")
  }

  private func handle(_ key: Key) {
    if isEnding {
      if key == .interrupt { leave() }
      return
    }
    // A paste has text and ends of lines alone: with any other key a person has begun something new.
    switch key {
    case .text, .enter: break
    default: lastLine = nil
    }
    let wasEmpty = editor.isEmpty
    let effect = editor.take(key) { completions($0, $1) }
    if wasEmpty, !editor.isEmpty { receiver = burst() ?? book.current }
    switch effect {
    case .edited: break
    case .complete(let text): complete(text)
    case .choices(let words): note(words.joined(separator: "  "))
    case .nextReceiver: giveToNext()
    case .clearScreen: screen.clear()
    case .interrupt:
      if editor.isEmpty { leave() } else { editor.clear() }
    case .endOfInput: inputEnded()
    case .suspend: TerminalMode.suspend()
    case .tooLong(let bytes): note("not taken: \(bytes) bytes are too many for a line")
    }
  }

  /// Lines that are pasted one behind the other go to whom the first of them was for.
  private func burst() -> String?? {
    guard let lastLine, lastLine.at + Self.pasteGap > .now else { return nil }
    return .some(lastLine.receiver)
  }

  private func giveToNext() {
    guard let next = book.next(after: addressee) else {
      note("you have no session")
      return
    }
    if editor.isEmpty { book.choose(next) } else { receiver = next }
  }

  /// The line is there. It is accepted when something comes of it; else it stays, to be edited.
  private func complete(_ text: String) {
    let session = addressee
    let line = ChatLine(text)
    switch line {
    case .say(let body): if !canSay(body, to: session) { return }
    case .close, .transfer:
      if !isThere(session) { return }
      if outbox.isFull { return note("\(Outbox.maximum) lines wait already; the line stays") }
    case .history: if !isThere(session) { return }
    case .unknown(let word):
      let usage = ChatLine.usage[word].map { "write it \($0)" } ?? "it is no command; /help lists them"
      return note("\(word): \(usage), and //text says a text that begins with a slash")
    default: break
    }
    let said = prompt + Terminal.block(text)
    editor.accept()
    receiver = nil
    if case .say = line { lastLine = (session, .now) }
    if line != .nothing { say(Terminal.paint(said, .bold)) }
    carryOut(line, session, number: nil)
  }

  private func canSay(_ body: String, to session: String?) -> Bool {
    guard isThere(session) else { return false }
    if let longest, body.utf8.count > longest {
      note(
        "not sent: too long (\(Terminal.grouped(body.utf8.count)) bytes; at most \(Terminal.grouped(longest))); "
          + "the line stays, to be edited")
      return false
    }
    guard outbox.isFull else { return true }
    note("not sent: \(Outbox.maximum) lines wait for their acknowledgement already; the line stays")
    return false
  }

  private func isThere(_ session: String?) -> Bool {
    if let session, book[session] != nil { return true }
    let stays = "the line stays (Ctrl-U throws it away)"
    if role == .customer {
      note(
        isClosed
          ? "not sent: the session is over; /open begins another one, /quit leaves; \(stays)"
          : "not sent: there is no session yet; \(stays)")
    } else if let session {
      note(
        "not sent: \(book.title(session)) is gone; \(stays)"
          + (book.isEmpty ? "" : ", Ctrl-T gives it to another session"))
    } else {
      note("not sent: it is for nobody; \(stays)" + (book.isEmpty ? "" : ", Ctrl-T gives it to a session"))
    }
    return false
  }

  // MARK: Completion

  private func completions(_ before: String, _ word: Substring) -> [String] {
    let words = before.split(separator: " ", omittingEmptySubsequences: false).dropLast().map(String.init)
    let candidates: [String]
    switch words {
    case [] where word.hasPrefix("/"): candidates = ChatLine.usage.keys.sorted()
    case ["/session"], ["/join"]: candidates = book.entries.map(\.session) + names
    case ["/accept"], ["/decline"]: candidates = offers.keys.sorted()
    case ["/transfer"]: candidates = ["agent", "skill"]
    case ["/transfer", "agent"]: candidates = agentNames
    case ["/transfer", "skill"]: candidates = wishes.skills
    default: candidates = word.isEmpty ? [] : names + agentNames
    }
    var seen: Set<String> = []
    return candidates.filter { $0.hasPrefix(word) && seen.insert($0).inserted }
  }

  private var names: [String] { book.entries.compactMap(\.name) }
}
