/// A page of `--help`, fitted to the terminal. An example is never divided, so that it can be copied; a
/// terminal that is too narrow for it shows it in two rows, and still copies one line.
struct HelpPage {
  static let narrowest = 40

  /// As the argument parser makes it when no line is divided.
  let text: String

  func fitted(to columns: Int) -> String {
    let columns = max(columns, Self.narrowest)
    var isOverview = true
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("USAGE:") { isOverview = false }
      // What is set in above the usage are examples.
      let isKept = isOverview ? line.hasPrefix(" ") : line.hasPrefix("USAGE:")
      return isKept || line.count <= columns ? String(line) : Self.wrap(line, to: columns)
    }.joined(separator: "\n")
  }

  private static func wrap(_ line: Substring, to columns: Int) -> String {
    let indent = hangingIndent(line)
    var rows: [String] = []
    var row = ""
    for word in words(line) {
      if !row.isEmpty, row.count + word.count > columns, !row.allSatisfy(\.isWhitespace) {
        rows.append(row)
        row = String(repeating: " ", count: indent) + word.drop { $0 == " " }
      } else {
        row += word
      }
    }
    rows.append(row)
    return rows.joined(separator: "\n")
  }

  /// Each word with the spaces before it.
  private static func words(_ line: Substring) -> [Substring] {
    var words: [Substring] = []
    var rest = line
    while !rest.isEmpty {
      let text = rest.drop { $0 == " " }
      let end = text.firstIndex(of: " ") ?? text.endIndex
      words.append(rest[..<end])
      rest = rest[end...]
    }
    return words
  }

  /// The column of an option's explanation, two spaces behind its name; else that of the line itself.
  private static func hangingIndent(_ line: Substring) -> Int {
    let start = line.prefix { $0 == " " }.count
    guard start > 0 else { return 0 }
    let label = line.dropFirst(start)
    guard let gap = label.firstRange(of: "  ") else { return start }
    let text = label[gap.lowerBound...].drop { $0 == " " }
    let column = line.distance(from: line.startIndex, to: text.startIndex)
    return column <= 40 ? column : start
  }
}
