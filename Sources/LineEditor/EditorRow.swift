/// Draws the line that is being typed into the last row of a terminal. It never takes more than that row: of a long line
/// the part around the cursor is shown. Where the cursor stands is remembered by the terminal, not counted, so that no
/// disagreement about the width of a character can put it elsewhere.
package struct EditorRow: Hashable, Sendable {
  /// Whether the terminal obeys no sequences at all (`TERM=dumb`).
  package var isDumb: Bool
  package var columns: Int
  /// How many columns the dumb terminal's row has taken.
  private var drawn = 0

  package init(columns: Int, isDumb: Bool = false) {
    self.columns = columns
    self.isDumb = isDumb
  }

  /// Empties the row, so that something else can be printed there.
  package mutating func clear() -> String {
    defer { drawn = 0 }
    return isDumb ? "\r" + String(repeating: " ", count: drawn) + "\r" : "\r\u{1B}[K"
  }

  /// - Parameter prompt: stands before the line, without sequences.
  package mutating func draw(prompt: String, _ line: EditedLine) -> String {
    let prompt = String(DisplayWidth.beginning(prompt, columns: max(0, columns / 2)))
    let room = max(1, columns - DisplayWidth.of(prompt) - 1)
    // What is far from the cursor is not looked at: the line may be long, and this is done at every key.
    let whole = Self.shown(line.after.prefix(4 * columns))
    var before = Self.shown(line.before.suffix(4 * columns))
    let reserved = min(DisplayWidth.of(whole), room / 4)
    if DisplayWidth.of(before) > room - reserved {
      before = "…" + DisplayWidth.end(before, columns: max(0, room - reserved - 1))
    }
    var after = String(DisplayWidth.beginning(whole, columns: max(0, room - DisplayWidth.of(before))))
    if after.count < whole.count, !after.isEmpty { after = after.dropLast() + "…" }
    if isDumb {
      let text = clear() + prompt + before + after
      drawn = DisplayWidth.of(prompt + before + after)
      return after.isEmpty ? text : text + "\r" + prompt + before
    }
    return clear() + "\u{1B}[?7l" + prompt + before
      + (after.isEmpty ? "" : "\u{1B}7" + after + "\u{1B}8") + "\u{1B}[?7h"
  }

  /// Ends of lines and tabs are shown, not obeyed.
  private static func shown(_ text: Substring) -> String {
    String(text.map { $0 == "\n" ? "⏎" : $0 == "\t" ? " " : $0 })
  }
}
