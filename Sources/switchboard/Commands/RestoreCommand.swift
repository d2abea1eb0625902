import ArgumentParser
import Backup
import Desk
import Foundation
import Server

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make the data of a node of a new cluster from a backup.",
    discussion: """
      Do it once for each node of the new cluster, from the same backup, before any of them is started; then start them. \
      There is nothing to begin. The new cluster needs a name of its own (`cluster`) and may have other members, and as many \
      as you like. The data directory is new or empty. All checksums are verified first.

      A backup has those who were erased since it was made. So the list of erasures is needed, which the cluster gives for as long as \
      it is there: keep it where the backups are, and make it anew after each erasure.

      EXAMPLES
        switchboard desk erasures --json > /backup/erasures.json
        switchboard restore --from /backup/2026-11-29 --config node1.json --erasures /backup/erasures.json
        switchboard serve --config node1.json

      Exit code: 0 done, 1 refused or damaged, 64 wrong use.
      """)

  @Option(help: ArgumentHelp("The directory of the backup.", valueName: "path"))
  var from: String
  @Option(
    help: ArgumentHelp(
      "The list of 'switchboard desk erasures --json': none of them comes back.", valueName: "file"))
  var erasures: String?
  @Flag(help: "Nobody was erased since the backup was made, or they are to come back.")
  var withoutErasures = false
  @OptionGroup var source: ConfigurationOptions

  func validate() throws {
    guard (erasures == nil) == withoutErasures else {
      throw ValidationError(
        "Say --erasures FILE, with the list of 'switchboard desk erasures --json', so that nobody comes back who was erased since; "
          + "or --without-erasures when nobody was.")
    }
  }

  func run() async throws {
    let configuration = try source.load().configuration
    let erased = try erasures.map(Self.read) ?? []
    let line = ProgressLine()
    do {
      let restoration = try Restoration(from: from) { line.show($0) }
      let (outcome, others) = try ClusterRestoring.restore(restoration, for: configuration, without: erased) {
        line.show($0)
      }
      line.clear()
      let rest =
        others.isEmpty
        ? "Start it: it is all of the cluster."
        : "Do the same for \(others.joined(separator: ", ")), then start all."
      Terminal.say(
        "\(configuration.nodeName) of \(configuration.cluster) has all of \(restoration.manifest.cluster) up to entry "
          + "\(outcome.index), with \(outcome.sessions) sessions in memory. \(rest)")
    } catch {
      line.clear()
      throw CommandFailure("Nothing was restored. \(error)")
    }
  }

  private static func read(_ file: String) throws -> [Erasure] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandFailure("\(file) cannot be read.")
    }
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    let moments = ISO8601DateFormatter()
    moments.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    let list = (object?["erasures"] as? [[String: Any]])?.map { one -> Erasure? in
      guard let mark = (one["mark"] as? String).flatMap({ ErasureMark($0) }),
        let time = (one["time"] as? String).flatMap({ moments.date(from: $0) })
      else { return nil }
      return Erasure(mark: mark, time: UInt64(max(0, time.timeIntervalSince1970 * 1_000)))
    }
    let erasures = list?.compactMap { $0 }
    guard let erasures, erasures.count == list?.count, object?["more"] as? Bool != true else {
      throw CommandFailure(
        "\(file) is not the list that 'switchboard desk erasures --json' prints: {\"erasures\": [...], \"more\": false}."
      )
    }
    return erasures
  }
}
