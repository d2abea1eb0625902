import Archive
import ArgumentParser
import Desk
import Foundation

extension ArchiveCommand {
  struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Read the whole archive of a node and compare it with its checksums.",
      discussion: """
        Reads the files alone, a month after the other, so the node may run. A node that finds damage while it serves sets the \
        file aside and fills the month again by itself; what this finds is found by the node when it is next read, and at once \
        with 'switchboard archive mend'.

        EXAMPLES
          switchboard archive check --data /var/lib/switchboard
          switchboard archive check --data /var/lib/switchboard --hash
          switchboard archive check --data /var/lib/switchboard --json | jq '.months[] | select(.damage)'

        Exit code: 0 when nothing is damaged, 1 when something is.
        """)

    @Option(help: ArgumentHelp("The data directory of the node.", valueName: "path"))
    var data: String
    @Flag(help: "Say a number over all rows as well: two nodes that have the same rows have the same one.")
    var hash = false
    @Flag(help: "Print an object.")
    var json = false

    func run() async throws {
      guard FileManager.default.fileExists(atPath: data + "/archive") else {
        throw CommandFailure("There is no archive in \(data).")
      }
      let figures: ArchiveFigures
      let reader: ArchiveReader
      do throws(ArchiveError) {
        reader = try ArchiveReader(data + "/archive")
        figures = try reader.figures()
      } catch {
        throw CommandFailure("\(data)/archive: \(error.description)")
      }
      defer { reader.close() }
      var found = ArchiveFindings(isWhole: !figures.needsWhole && figures.gaps.isEmpty)
      for month in figures.months where month.state != .dropped {
        found.months.append(Self.look(at: month, reader))
      }
      if hash, found.damaged == 0 {
        do throws(ArchiveError) { found.hash = String(try reader.hash(), radix: 16) } catch {
          throw CommandFailure("\(data)/archive: \(error.description)")
        }
      }
      if json {
        Terminal.say(try found.json())
        if found.damaged > 0 { throw ExitCode(1) }
        return
      }
      try tell(found)
    }

    /// Also says it to whoever waits.
    private static func look(at month: ArchiveFigures.OfMonth, _ reader: ArchiveReader) -> ArchiveFindings.Month
    {
      var found = ArchiveFindings.Month(month: month.month.description, isDetached: month.state == .detached)
      if found.isDetached {
        Terminal.complain("\(month.month): detached; what has come for it since is looked at")
      }
      do throws(ArchiveError) {
        let count = try reader.check(month.month)
        found.rows = count
        Terminal.complain("\(month.month): \(count) rows are as they were written")
      } catch {
        found.damage = error.description
        Terminal.complain("\(month.month): \(error.description)")
      }
      return found
    }

    private func tell(_ found: ArchiveFindings) throws {
      if !found.isWhole { Terminal.say("A part of it is still to be filled by its node.") }
      guard found.damaged == 0 else {
        throw CommandFailure(
          "\(found.damaged) of the files are damaged. Nothing is lost: the state of the node and the other nodes have all of it. "
            + "To mend it: switchboard archive mend --url http://HOST:PORT, while the node serves."
        )
      }
      Terminal.say("\(found.rows) rows, and no damage.")
      if let hash = found.hash { Terminal.say("hash \(hash)") }
    }
  }
}

/// What was found in the archive of a node.
struct ArchiveFindings: Encodable {
  struct Month: Encodable {
    var month: String
    var isDetached: Bool
    /// nil: something is damaged.
    var rows: Int?
    var damage: String?

    private enum Keys: String, CodingKey { case month, rows, damage, detached }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(month, forKey: .month)
      if isDetached { try container.encode(true, forKey: .detached) }
      try container.encodeIfPresent(rows, forKey: .rows)
      try container.encodeIfPresent(damage, forKey: .damage)
    }
  }

  /// Nothing is still to be filled.
  var isWhole: Bool
  var months: [Month] = []
  var hash: String?

  init(isWhole: Bool) { self.isWhole = isWhole }

  var rows: Int { months.reduce(0) { $0 + ($1.rows ?? 0) } }
  var damaged: Int { months.count { $0.damage != nil } }

  private enum Keys: String, CodingKey {
    case rows, damaged, months, hash
    case isWhole = "is_whole"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(rows, forKey: .rows)
    try container.encode(damaged, forKey: .damaged)
    try container.encode(isWhole, forKey: .isWhole)
    try container.encode(months, forKey: .months)
    try container.encodeIfPresent(hash, forKey: .hash)
  }

  func json() throws -> String { try Terminal.json(self) }
}
