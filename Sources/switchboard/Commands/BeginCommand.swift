import ArgumentParser
import Server

struct BeginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "begin",
    abstract: "Say that a new cluster begins, once, before its nodes are started for the first time.",
    discussion: """
      A node with an empty disk joins the cluster that it finds and never begins one by itself: its disk may just have \
      been lost. So say once, on the member with the lowest number, that the cluster begins; then start all members. It is \
      noted in the data directory of this node and carried out by its first start, as soon as all others are there and \
      have empty disks, too.

      EXAMPLES
        switchboard begin --config cluster/node1.json && switchboard serve --config cluster/node1.json
      """)

  @OptionGroup var source: ConfigurationOptions

  func run() async throws {
    let configuration = try source.load().configuration
    do {
      let others = try ClusterBeginning.note(configuration)
      let rest =
        others.isEmpty
        ? "Start it: it is all of the cluster."
        : "Start it, and \(others.joined(separator: ", ")), which join."
      Terminal.say("\(configuration.nodeName) begins the cluster \(configuration.cluster). \(rest)")
    } catch {
      throw CommandFailure("\(error)")
    }
  }
}
