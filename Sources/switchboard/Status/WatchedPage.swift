import Foundation

/// A page that is drawn over the one before it, without a blank moment between them.
struct WatchedPage {
  private var isFirst = true

  /// What is to be written to a terminal.
  mutating func next(_ page: String) -> String {
    defer { isFirst = false }
    // Each row without what stood behind it, and nothing of a longer page below the last one.
    let rows = page.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + "\u{1B}[K\n" }.joined()
    return (isFirst ? "\u{1B}[2J" : "") + "\u{1B}[H" + rows + "\u{1B}[J"
  }

  /// A document as one line, whatever it looks like.
  static func line(_ json: Data) -> String {
    // Inside of a text JSON has no line ends, so these are space.
    String(decoding: json.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }, as: UTF8.self)
  }
}
