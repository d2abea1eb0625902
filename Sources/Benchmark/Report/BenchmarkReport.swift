/// What was measured, for people and for programs.
package struct BenchmarkReport: Sendable, Encodable {
  package struct Row: Sendable, Encodable {
    package var name: String
    package var value: Double
    package var unit: String
    /// For times and gaps: less is better.
    package var isLessBetter: Bool
    /// More about the row, each with its unit in its name.
    package var details: [String: Double]
    /// Beside what it was measured: `value` as a multiple of it.
    package var ratio: Double?
  }

  package var rows: [Row] = []
  /// What could not be measured, with the reason.
  package var failures: [String] = []
  package var processors: Int
  /// 4 KiB to this disk and synced, median, in milliseconds.
  package var diskFloorMs: Double?

  package func text() -> String {
    let head = ["WHAT", "VALUE", "", "x FLOOR", "MORE"]
    let lines = rows.map { row in
      [
        row.name, Self.number(row.value), row.unit, row.ratio.map(Self.number) ?? "",
        row.details.sorted { $0.key < $1.key }.map { "\($0.key) \(Self.number($0.value))" }
          .joined(separator: ", "),
      ]
    }
    let widths = head.indices.map { column in ([head] + lines).map { $0[column].count }.max() ?? 0 }
    var text = ([head] + lines).map { line in
      line.enumerated().map { column, cell in
        let fill = String(repeating: " ", count: widths[column] - cell.count)
        return column == 1 || column == 3 ? fill + cell : cell + fill
      }.joined(separator: "  ").trimmingEnd()
    }.joined(separator: "\n")
    text += "\n\nThree nodes and the load on one machine of \(processors) processors."
    if let diskFloorMs {
      text += " The floor is one synced write of 4 KiB to this disk:"
      text += " \(Self.number(diskFloorMs)) ms (median, beside)."
    }
    for failure in failures { text += "\nNot measured: \(failure)" }
    return text
  }

  /// Three digits that count.
  private static func number(_ value: Double) -> String {
    if value >= 100 { return "\(Int(value.rounded()))" }
    let factor: Double = value >= 10 ? 10 : value >= 1 ? 100 : 1000
    let whole = Int((value * factor).rounded())
    let fraction = String(whole % Int(factor))
    let digits = factor == 10 ? 1 : factor == 100 ? 2 : 3
    return "\(whole / Int(factor))." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
