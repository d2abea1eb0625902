import Desk
import Foundation

/// A report as people and spreadsheets read it.
struct ReportTable {
  private let rows: [ConversationReport.Row]
  private let by: ReportGrouping

  init(_ rows: [ConversationReport.Row], by: ReportGrouping) { (self.rows, self.by) = (rows, by) }

  private typealias Durations = ConversationReport.Durations
  private static let durations: [(name: String, value: @Sendable (ConversationReport.Row) -> Durations?)] = [
    ("wait", { $0.wait }), ("first_response", { $0.firstResponse }), ("handling", { $0.handling }),
    ("resolution", { $0.resolution }),
  ]

  // MARK: For people

  var lines: [String] {
    guard !rows.isEmpty else { return ["no conversations"] }
    let titles =
      (by == .none ? [] : [by.name]) + [
        "conversations", "abandoned", "wait p50", "wait p90", "response p50", "response p90", "handling",
        "resolution", "ratings", "mean",
      ]
    let cells = rows.map { row -> [String] in
      (by == .none ? [] : [Terminal.harmless(name(row))]) + [
        "\(row.conversations)", "\(row.abandoned)", Self.words(row.wait?.half), Self.words(row.wait?.nineOfTen),
        Self.words(row.firstResponse?.half), Self.words(row.firstResponse?.nineOfTen),
        Self.words(row.handling?.mean),
        Self.words(row.resolution?.mean), "\(row.ratings)", Self.mean(row),
      ]
    }
    let widths = titles.indices.map { place in
      max(titles[place].count, cells.map { $0[place].count }.max() ?? 0)
    }
    func line(_ words: [String]) -> String {
      words.enumerated().map { place, word in
        let gap = String(repeating: " ", count: widths[place] - word.count)
        return place == 0 && by != .none ? word + gap : gap + word
      }.joined(separator: "  ")
    }
    return [Terminal.paint(line(titles.map { $0.uppercased() }), .faint)] + cells.map(line)
  }

  private func name(_ row: ConversationReport.Row) -> String {
    if row.isOther { return "(others)" }
    guard let key = row.key, !key.isEmpty else { return by == .agent ? "(nobody)" : "(none)" }
    return key
  }

  private static func mean(_ row: ConversationReport.Row) -> String {
    guard row.ratings > 0 else { return "-" }
    let hundredths = (row.ratingSum * 100 + row.ratings / 2) / row.ratings
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }

  /// Two parts at the most: "4m 10s".
  static func words(_ milliseconds: UInt64?) -> String {
    guard let milliseconds else { return "-" }
    guard milliseconds >= 1_000 else { return "\(milliseconds)ms" }
    let seconds = (milliseconds + 500) / 1_000
    let parts = [
      (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
    ]
    let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
    return shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }

  // MARK: For spreadsheets

  /// RFC 4180, all figures, durations in ms. A name that a spreadsheet would take for a formula has an apostrophe before it:
  /// channels and skills are what callers have said.
  var csv: String {
    var titles = by == .none ? [] : [by.name, "other"]
    titles += [
      "conversations", "abandoned", "messages", "customer_messages", "staff_messages", "transfers", "releases",
      "ratings", "rating_sum",
    ]
    for (name, _) in Self.durations {
      titles += ["n", "mean_ms", "p50_ms", "p90_ms", "max_ms"].map { "\(name)_\($0)" }
    }
    let lines = rows.map { row in
      var cells = by == .none ? [] : [Self.cell(row.key ?? ""), "\(row.isOther)"]
      cells += [
        row.conversations, row.abandoned, row.messages, row.customerMessages, row.staffMessages, row.transfers,
        row.releases, row.ratings, row.ratingSum,
      ].map { "\($0)" }
      for (_, value) in Self.durations {
        guard let all = value(row) else {
          cells += ["0", "", "", "", ""]
          continue
        }
        cells += [all.count, all.mean, all.half, all.nineOfTen, all.longest].map { "\($0)" }
      }
      return cells.joined(separator: ",")
    }
    return ([titles.joined(separator: ",")] + lines).joined(separator: "\r\n")
  }

  private static func cell(_ name: String) -> String {
    let isFormula = name.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    let text = isFormula ? "'" + name : name
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
