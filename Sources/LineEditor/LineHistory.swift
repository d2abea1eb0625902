/// What was said before, to be said again. It lives as long as the program: what people say is on no disk of theirs.
package struct LineHistory: Hashable, Sendable {
  package static let maximum = 500
  /// Of all of them together.
  package static let maximumBytes = 4 << 20

  private var lines: [String] = []
  /// Where the person is in it; the count of lines: nowhere.
  private var place = 0
  /// The line that was left for it.
  private var left = EditedLine()

  package init() {}

  package mutating func add(_ line: String) {
    if lines.last != line { lines.append(line) }
    var bytes = lines.reduce(0) { $0 + $1.utf8.count }
    while lines.count > Self.maximum || bytes > Self.maximumBytes { bytes -= lines.removeFirst().utf8.count }
    place = lines.count
  }

  /// - Returns: the line before; nil when there is none.
  package mutating func back(from line: EditedLine) -> EditedLine? {
    guard place > 0 else { return nil }
    if place == lines.count { left = line }
    place -= 1
    return EditedLine(lines[place])
  }

  package mutating func forward() -> EditedLine? {
    guard place < lines.count else { return nil }
    place += 1
    return place == lines.count ? left : EditedLine(lines[place])
  }
}
