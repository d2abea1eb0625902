import ArgumentParser
import Server

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Look at a node's configuration.", subcommands: [CheckCommand.self])

  struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Say what a node would run with, or everything that is wrong with it.",
      discussion: """
        Prints every key, its value and where the value comes from; secrets are never shown. Fails when a node would \
        not start with it, and names every problem at once. When the node has run before and does not run now, its \
        members are compared with those on its disk, all of which is read and nothing changed.

        EXAMPLES
          switchboard config check --config cluster/node1.json
          SWITCHBOARD_LIMITS_BURST=lots switchboard config check --config cluster/node1.json
        """)

    @OptionGroup var source: ConfigurationOptions

    func run() throws {
      let loaded = try source.load()
      Terminal.say(loaded.report)
      for warning in loaded.warnings { Terminal.complain("warning: \(warning)") }
      do {
        for note in try DiskCheck.notes(loaded.configuration) { Terminal.complain("note: \(note)") }
      } catch {
        throw CommandFailure("\(error)")
      }
      Terminal.say("\nThe configuration is good.")
    }
  }
}
