/// What a key of a terminal asks for.
package enum Key: Hashable, Sendable {
  /// Text that was typed.
  case text(String)
  /// Text that was pasted, with its ends of lines.
  case paste(String)
  /// A paste of so many bytes, which is more than is taken.
  case pasteTooLong(Int)
  case enter
  case tab
  case backspace, delete
  case left, right, wordLeft, wordRight, home, end
  case up, down
  case deleteWord, deleteToEnd, deleteToStart, putBack
  /// Ctrl-T: the line is for somebody else.
  case nextReceiver
  case clearScreen
  /// Ctrl-C.
  case interrupt
  /// Ctrl-D.
  case endOfInput
  /// Ctrl-Z.
  case suspend
}
