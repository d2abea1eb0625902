import Foundation

/// An answer of the HTTP interface for people: its members in lines, lists of objects as tables.
struct AnswerPage {
  var value: ShownValue

  static func show(_ body: Data, asJSON: Bool) throws {
    if asJSON { return Terminal.say(String(decoding: body, as: UTF8.self)) }
    guard let value = ShownValue(json: body) else { throw CommandFailure("The answer is no JSON.") }
    Terminal.say(AnswerPage(value: value).lines.joined(separator: "\n"))
  }

  var lines: [String] {
    guard case .object(let members) = value else { return [Terminal.harmless(value.line)] }
    if members.isEmpty { return ["Done."] }
    var lines: [String] = []
    let width = members.map(\.name.count).max() ?? 0
    for (name, value) in members {
      if case .list(let rows) = value, let table = Self.table(rows) {
        lines += table
      } else if case .list(let rows) = value, rows.isEmpty {
        lines.append("no \(Terminal.harmless(name))")
      } else {
        let gap = String(repeating: " ", count: width - name.count + 2)
        lines.append(Terminal.paint(Terminal.harmless(name), .faint) + gap + Terminal.block(value.line))
      }
    }
    return lines
  }

  /// - Returns: nil when not all of them are objects, or there are none.
  private static func table(_ rows: [ShownValue]) -> [String]? {
    var titles: [String] = []
    var cells: [[String: String]] = []
    for row in rows {
      guard case .object(let members) = row else { return nil }
      for (name, _) in members where !titles.contains(name) { titles.append(name) }
      cells.append(
        Dictionary(
          members.map { ($0.name, Terminal.harmless($0.value.line.replacing("\n", with: " ⏎ "))) },
          uniquingKeysWith: { $1 }))
    }
    guard !titles.isEmpty else { return nil }
    func width(_ title: String) -> Int {
      max(title.count, cells.map { ($0[title] ?? "-").count }.max() ?? 0)
    }
    // What is long stands last, so that it pushes nothing aside.
    if let longest = titles.max(by: { width($0) < width($1) }), width(longest) > 32 {
      titles.removeAll { $0 == longest }
      titles.append(longest)
    }
    func line(_ cell: (String) -> String) -> String {
      titles.enumerated().map { place, title in
        let text = cell(title)
        let isLast = place == titles.count - 1
        return text + (isLast ? "" : String(repeating: " ", count: width(title) - text.count + 2))
      }.joined()
    }
    let head = line { Terminal.harmless($0.uppercased().replacing("_", with: " ")) }
    return [Terminal.paint(head, .faint)] + cells.map { row in line { row[$0] ?? "-" } }
  }
}
