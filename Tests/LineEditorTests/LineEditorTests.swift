import Testing

@testable import LineEditor

@Suite("a line is edited as people see it")
struct LineEditorTests {
  var decoder = KeyDecoder()
  var editor = LineEditor()

  @discardableResult
  mutating func type(_ text: String, words: [String] = []) -> [LineEditor.Effect] {
    decoder.keys(text.utf8).map { editor.take($0) { _, word in words.filter { $0.hasPrefix(word) } } }
  }

  @Test(
    "one key deletes what is one character for the eye",
    arguments: ["a", "é", "e\u{301}", "漢", "👍🏽", "👨‍👩‍👧", "🇩🇪", "❤️", "한", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ก็"])
  mutating func deletion(character: String) {
    type("x" + character)
    type("\u{7f}")
    #expect(editor.line.text == "x")
    type("\u{7f}\u{7f}")
    #expect(editor.line.isEmpty)
  }

  @Test("bytes may come in pieces of any size")
  func pieces() {
    let bytes = Array("a漢👨‍👩‍👧\u{1b}[D\u{1b}[200~b\r\nc\u{1b}[201~\r".utf8)
    var whole = KeyDecoder()
    let expected = whole.keys(bytes)
    #expect(expected == [.text("a漢👨‍👩‍👧"), .left, .paste("b\nc"), .enter])
    for size in 1..<bytes.count {
      var decoder = KeyDecoder()
      var editor = LineEditor()
      var ends: [String] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        for key in decoder.keys(bytes[start..<min(start + size, bytes.count)]) {
          if case .complete(let line) = editor.take(key, completions: { _, _ in [] }) { ends.append(line) }
        }
      }
      #expect(ends == ["a漢b\nc👨‍👩‍👧"], "in pieces of \(size)")
    }
  }

  @Test("bytes of no use are no keys, and do no harm")
  mutating func noise() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
      for key in decoder.keys(bytes) { _ = editor.take(key) { _, _ in [] } }
      #expect(!editor.line.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
    }
  }

  @Test("the cursor moves by characters and words, and what was cut out is put back")
  mutating func moves() {
    type("one two three")
    type("\u{1b}[D\u{1b}[D\u{1b}bX\u{5}!\u{17}")
    #expect(editor.line.text == "one two ")
    type("\u{1}\u{1b}f\u{b}")
    #expect(editor.line.text == "one")
    type("\u{1}\u{19}")
    #expect(editor.line.text == " two one")
    type("\u{15}")
    #expect(editor.line.text == "one")
    type("\u{1b}[3~\u{4}")
    #expect(editor.line.text == "e")
  }

  @Test("a line that is said is in the history; one that cannot be said stays")
  mutating func history() {
    let first = type("first\r")
    #expect(first == [.edited, .complete("first")])
    #expect(editor.line.text == "first")
    editor.accept()
    type("second")
    editor.accept()
    type("draft\u{1b}[A\u{1b}[A\u{1b}[A")
    #expect(editor.line.text == "first")
    type("\u{1b}[B\u{1b}[B\u{1b}[B")
    #expect(editor.line.text == "draft")
    let isBack = editor.bringBack("refused")
    #expect(!isBack)
    type("\u{1b}[A")
    #expect(editor.line.text == "refused")
    editor.clear()
    let isBackNow = editor.bringBack("again")
    #expect(isBackNow)
    #expect(editor.line.text == "again")
  }

  @Test("words are completed as far as they agree")
  mutating func completion() {
    let words = ["/session", "/sessions", "/help", "carol"]
    type("/h\t", words: words)
    #expect(editor.line.text == "/help ")
    editor.clear()
    let partly = type("/s\t", words: words).last
    #expect(partly == .edited)
    #expect(editor.line.text == "/session")
    let choices = type("\t", words: words).last
    #expect(choices == .choices(["/session", "/sessions"]))
    editor.clear()
    type("/session ca\t", words: words)
    #expect(editor.line.text == "/session carol ")
  }

  @Test("what is too long is said to be, and nothing is cut")
  mutating func bounds() {
    let paste = String(repeating: "x", count: KeyDecoder.longestPaste + 1)
    let long = type("\u{1b}[200~\(paste)\u{1b}[201~")
    #expect(long == [.tooLong(KeyDecoder.longestPaste + 1)])
    #expect(editor.line.isEmpty)
    type("\u{1b}[200~\(paste.dropLast(1))\u{1b}[201~")
    #expect(editor.line.text.utf8.count == KeyDecoder.longestPaste)
    let more = type("y")
    #expect(more == [.tooLong(KeyDecoder.longestPaste + 1)])
    for number in 0..<2000 {
      editor.clear()
      type("line \(number)")
      editor.accept()
    }
    for _ in 0..<3000 { type("\u{1b}[A") }
    #expect(editor.line.text == "line 1500")
  }

  @Test("the row never takes more columns than there are", arguments: [10, 20, 80])
  func row(columns: Int) {
    var row = EditorRow(columns: columns, isDumb: true)
    for text in ["", "short", String(repeating: "long ", count: 50), String(repeating: "漢字", count: 50)] {
      var line = EditedLine(text)
      for _ in 0...text.count {
        let shown = row.draw(prompt: "carol 385024> ", line).split(separator: "\r").map(String.init)
        #expect(shown.allSatisfy { DisplayWidth.of($0) < columns + 1 }, "\(shown)")
        line.moveLeft()
      }
    }
  }
}
