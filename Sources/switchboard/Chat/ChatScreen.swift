import Foundation
import LineEditor

/// What the person sees: lines that came, one below the other, and the line that is being typed under them. Neither
/// disturbs the other.
struct ChatScreen {
  /// Nil when nothing is edited: in a pipe.
  private var row: EditorRow?

  init(isEdited: Bool) {
    row =
      isEdited && TerminalMode.screen >= 0
      ? EditorRow(columns: TerminalMode.columns, isDumb: TerminalMode.isDumb) : nil
  }

  /// Prints a line above the one that is being typed.
  mutating func say(_ text: String, prompt: String, _ line: EditedLine) {
    guard var row else {
      Terminal.say(text)
      return
    }
    row.columns = TerminalMode.columns
    if TerminalMode.screen == STDOUT_FILENO {
      Terminal.put(row.clear() + text + "\n" + row.draw(prompt: prompt, line), STDOUT_FILENO)
    } else {
      Terminal.put(row.clear(), TerminalMode.screen)
      Terminal.say(text)
      Terminal.put(row.draw(prompt: prompt, line), TerminalMode.screen)
    }
    self.row = row
  }

  mutating func draw(prompt: String, _ line: EditedLine) {
    guard row != nil else { return }
    row?.columns = TerminalMode.columns
    Terminal.put(row?.draw(prompt: prompt, line) ?? "", TerminalMode.screen)
  }

  /// An empty page.
  mutating func clear() {
    if row != nil, !TerminalMode.isDumb { Terminal.put("\u{1B}[H\u{1B}[2J", TerminalMode.screen) }
  }

  /// Nothing more is typed.
  mutating func end() {
    if row != nil { Terminal.put(row?.clear() ?? "", TerminalMode.screen) }
    row = nil
  }
}
