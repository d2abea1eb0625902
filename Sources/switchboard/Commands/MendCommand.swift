import Archive
import ArgumentParser
import Foundation
import NIOCore
import Server

extension ArchiveCommand {
  struct MendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mend",
      abstract: "Compare the archive of a node that serves with its checksums now, and mend what is damaged.",
      discussion: """
        The node reads all rows, a month after the other. A file that is damaged is set aside and its month filled again \
        from the state and from the other nodes, while it serves; this waits until nothing is missing any more, and reads these \
        months once more.

        EXAMPLES
          switchboard archive mend --url http://127.0.0.1:8101
          switchboard archive mend 2026-08 --url http://127.0.0.1:8101 --json

        For admins of the cluster. Exit code: 0 when all is as it was written, 1 when damage or a gap stays, 2 when the node \
        could not do it now, 64 wrong use.
        """)

    @Argument(help: "That month alone, in UTC, like 2026-08.")
    var month: String?
    @Option(
      help: ArgumentHelp(
        "How long to wait until what was damaged is filled; 0s: not at all.", valueName: "time"))
    var wait = "10m"
    @Flag(help: "Print an object: what was found, by month, and whether the archive is whole.")
    var json = false
    @OptionGroup var target: ControlTarget

    func validate() throws {
      guard Quantity.milliseconds(wait) != nil else {
        throw ValidationError("--wait \(wait): write it like 10m")
      }
      if let month, Month(name: month) == nil {
        throw ValidationError("\(month) is no month: write it like 2026-08")
      }
    }

    func run() async throws {
      // A month may have many gigabytes.
      let node = try await target.node(within: .minutes(30))
      var found: [Found] = []
      if let month {
        found.append(try await look(node, Asked(month: month)))
      } else {
        while true {
          let next = try await look(node, Asked(after: found.last?.month))
          guard next.month != nil else { break }
          found.append(next)
        }
      }
      let gap = try await waitUntilFilled(node)
      var again: [Found] = []
      if gap.isFilled {
        for one in found where one.damage != nil { again.append(try await look(node, Asked(month: one.month))) }
      }
      let stays = again.contains { $0.damage != nil }
      if json {
        let report = Report(months: found, isWhole: gap.isFilled && !stays, missingEntries: gap.missing)
        Terminal.say(try report.text())
      }
      try conclude(found, gap, again)
    }

    private func conclude(_ found: [Found], _ gap: Gap, _ again: [Found]) throws {
      if let bad = again.first(where: { $0.damage != nil }) {
        throw CommandFailure(
          "\(bad.month ?? "") was filled again and is damaged again: look at the disk of this node before anything else."
        )
      }
      guard gap.isFilled else {
        throw CommandFailure(
          "Rows of \(gap.missing) entries of the log may be missing still, and no node that can be asked has had all of them. "
            + "Start the nodes that are down: it is filled as soon as one has them ('switchboard archive status'). "
            + "If none has, restore a backup beside this cluster, or the file that was set aside: archive/.damaged-*."
        )
      }
      guard !json else { return }
      let damaged = found.filter { $0.damage != nil }.compactMap(\.month)
      let rows = found.reduce(0) { $0 + $1.rows } + again.reduce(0) { $0 + $1.rows }
      Terminal.say(
        damaged.isEmpty
          ? "\(rows) rows, and no damage."
          : "\(damaged.joined(separator: ", ")): filled again. \(rows) rows, and no damage any more.")
    }

    private func look(_ node: OneNode, _ asked: Asked) async throws -> Found {
      let answer = try await node.post("/v1/archive/mend", try JSONEncoder().encode(asked))
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      guard let found = try? decoder.decode(Found.self, from: answer) else {
        throw CommandFailure(
          "\(node.url) has answered what this program does not know: is it of a later release?")
      }
      guard let month = found.month else { return found }
      Terminal.complain(
        "\(month): " + (found.damage.map(Terminal.harmless) ?? "\(found.rows) rows are as they were written"))
      return found
    }

    /// How long nothing may come before it is given up: others are asked again once a minute.
    private static let patience = Duration.seconds(150)

    private func waitUntilFilled(_ node: OneNode) async throws -> Gap {
      let end = ContinuousClock.now + .milliseconds(Quantity.milliseconds(wait) ?? 0)
      var http = node.http
      http.timeout = .seconds(5)
      var last: Gap?
      var moved = ContinuousClock.now
      while true {
        let answer = await ClusterView.ask([node.url], http: http).nodes.first?.answer
        let archive = answer?.members?.first { $0.id == answer?.observedBy }?.archive
        let now = ContinuousClock.now
        if let archive {
          let gap = Gap(
            isFilled: archive.gap == false, missing: archive.missingEntries ?? 0,
            rows: archive.rowsFromOthers ?? 0)
          if gap.isFilled { return gap }
          if gap != last {
            moved = now
            Terminal.complain(
              "is filled: \(gap.missing) entries may be missing, \(gap.rows) rows came from others")
          }
          last = gap
        }
        guard now < end, now - moved < Self.patience else { break }
        try await Task.sleep(for: .milliseconds(250))
      }
      guard let last else {
        throw CommandFailure("\(node.url) does not say how far its archive is: ask again.", .notNow)
      }
      return last
    }
  }
}

extension ArchiveCommand.MendCommand {
  private struct Asked: Encodable {
    var month: String?
    var after: String?
  }

  /// Of a month.
  private struct Found: Codable {
    var month: String?
    var rows: Int
    var damage: String?
  }

  private struct Gap: Equatable {
    var isFilled: Bool
    var missing: Int
    var rows: Int
  }

  private struct Report: Encodable {
    var months: [Found]
    var isWhole: Bool
    var missingEntries: Int

    func text() throws -> String {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
