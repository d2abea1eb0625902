import ArgumentParser
import Foundation

struct ArchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "What is over: how far the archives of the nodes are, and whether they are whole.",
    discussion: """
      EXAMPLES
        switchboard archive status
        switchboard archive check --data /var/lib/switchboard
        switchboard archive mend --url http://127.0.0.1:8101
        switchboard archive detach 2026-08 --data /var/lib/switchboard --to /mnt/cold
      """,
    subcommands: [
      StatusCommand.self, CheckCommand.self, MendCommand.self, DetachCommand.self, AttachCommand.self,
      GiveUpCommand.self,
    ])

  struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "How far the archive of each node is, and how much it has.",
      discussion: """
        Each node tells of its own archive. LAG is in entries of the log; an archive with a gap is filled from the state of its \
        node and from the archives of the others, and finds what it has meanwhile. MISSING is in entries whose rows may be \
        missing: it falls while they come, and stays where no node has them. KEPT FROM is the first month that is kept, as \
        'history.keep_months' has had it.

        EXAMPLES
          switchboard archive status
          switchboard archive status --json | jq '.[] | select(.gap)'

        Exit code: 0, 1 when a node does not answer or has no archive.
        """)

    @Flag(help: "Print a list of objects.")
    var json = false
    @OptionGroup var options: TargetOptions

    func run() async throws {
      var look = StatusLook(try options.target(), options)
      let lines = (await look.look()).nodes.map(ArchiveLine.init)
      if json {
        Terminal.say(try Terminal.json(lines))
      } else {
        Terminal.say(ArchiveLine.table(lines))
      }
      if lines.contains(where: { $0.archive == nil }) { throw ExitCode(1) }
    }
  }
}

/// The archive of one node, as that node tells it.
struct ArchiveLine: Encodable {
  var node: String
  /// Why nothing is known of it.
  var problem: String?
  var archive: StatusAnswer.Archive?

  init(_ node: ClusterView.Node) {
    self.node = node.answer?.observedBy ?? node.url
    archive = node.answer?.members?.first { $0.id == node.answer?.observedBy }?.archive
    if archive == nil { problem = node.answer == nil ? node.silence ?? "no answer" : "it keeps no archive" }
  }

  private enum Keys: String, CodingKey {
    case node, problem, lag, gap, sessions, messages, bytes
    case missingEntries = "missing_entries"
    case rowsFromOthers = "rows_from_others"
    case keptFrom = "kept_from"
    case completeIndex = "complete_index"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(node, forKey: .node)
    try container.encodeIfPresent(problem, forKey: .problem)
    guard let archive else { return }
    try container.encodeIfPresent(archive.completeIndex, forKey: .completeIndex)
    try container.encodeIfPresent(archive.lag, forKey: .lag)
    try container.encodeIfPresent(archive.gap, forKey: .gap)
    try container.encodeIfPresent(archive.missingEntries, forKey: .missingEntries)
    try container.encodeIfPresent(archive.rowsFromOthers, forKey: .rowsFromOthers)
    try container.encodeIfPresent(archive.keptFrom, forKey: .keptFrom)
    try container.encodeIfPresent(archive.sessions, forKey: .sessions)
    try container.encodeIfPresent(archive.messages, forKey: .messages)
    try container.encodeIfPresent(archive.bytes, forKey: .bytes)
  }

  static func table(_ lines: [ArchiveLine]) -> String {
    let rows =
      [["NODE", "COMPLETE TO", "LAG", "SESSIONS", "MESSAGES", "ON DISK", "MISSING", "KEPT FROM", ""]]
      + lines.map { line in
        guard let archive = line.archive else {
          return [line.node, "-", "-", "-", "-", "-", "-", "-", line.problem ?? ""]
        }
        return [
          line.node, "\(archive.completeIndex ?? 0)", "\(archive.lag ?? 0)", "\(archive.sessions ?? 0)",
          "\(archive.messages ?? 0)", size(archive.bytes ?? 0), "\(archive.missingEntries ?? 0)",
          archive.keptFrom ?? "all",
          archive.gap == true ? "is filled" : "",
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { text, width in
        Terminal.harmless(text) + String(repeating: " ", count: width - text.count)
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  static func size(_ bytes: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1_024, unit < units.count - 1 {
      value /= 1_024
      unit += 1
    }
    return unit == 0 ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
