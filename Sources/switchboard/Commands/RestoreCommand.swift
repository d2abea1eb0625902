import ArgumentParser
import Backup
import Server

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make the data of a node of a new cluster from a backup.",
    discussion: """
      Do it once for each node of the new cluster, from the same backup, before any of them is started; then start them. \
      There is nothing to begin. The new cluster needs a name of its own (`cluster`) and may have other members, and as many \
      as you like. The data directory is new or empty. All checksums are verified first.

      EXAMPLES
        switchboard restore --from /backup/2026-11-29 --config node1.json && switchboard serve --config node1.json

      Exit code: 0 done, 1 refused or damaged, 64 wrong use.
      """)

  @Option(help: ArgumentHelp("The directory of the backup.", valueName: "path"))
  var from: String
  @OptionGroup var source: ConfigurationOptions

  func run() async throws {
    let configuration = try source.load().configuration
    let line = ProgressLine()
    do {
      let restoration = try Restoration(from: from) { line.show($0) }
      let (outcome, others) = try ClusterRestoring.restore(restoration, for: configuration) { line.show($0) }
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
}
