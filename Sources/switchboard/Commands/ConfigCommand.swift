import ArgumentParser
import Foundation
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
        not start with it or would not be reached by the others, and names every problem at once: certificates and \
        keys are read and tried, ports are taken for a moment, the data directory is looked at. Run it as the node's \
        user, on the node's machine. When the node has run before and does not run now, its members are compared with \
        those on its disk, all of which is read and nothing changed.

        EXAMPLES
          switchboard config check --config cluster/node1.json
          SWITCHBOARD_LIMITS_BURST=lots switchboard config check --config cluster/node1.json
        """)

    @OptionGroup var source: ConfigurationOptions

    func run() throws {
      let loaded = try source.load()
      Terminal.say(loaded.report)
      for warning in loaded.warnings { Terminal.complain("warning: \(warning)") }
      var failures: [String] = []
      var isRunning = false
      do {
        let found = try DiskCheck.look(loaded.configuration)
        isRunning = found.isRunning
        for note in found.notes { Terminal.complain("note: \(note)") }
      } catch {
        failures.append("\(error)")
      }
      let check = NodeCheck(
        loaded.configuration, at: Int64(Date().timeIntervalSince1970), isRunning: isRunning)
      for warning in check.warnings { Terminal.complain("warning: \(warning)") }
      if !check.problems.isEmpty { failures.insert(ConfigurationError(check.problems).description, at: 0) }
      guard failures.isEmpty else { throw CommandFailure(failures.joined(separator: "\n")) }
      Terminal.say("\nThe configuration is good.")
    }
  }
}
