import ArgumentParser
import Desk

struct DeskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "desk", abstract: "Desks: teams of one cluster whose conversations nobody else sees.",
    discussion: """
      EXAMPLES
        switchboard desk create acme --sessions 10000
        switchboard token --role supervisor --sub kim --desk acme
        switchboard desk list
        switchboard desk configure acme --open false
        switchboard desk delete acme
      """,
    subcommands: OperationCommands.of(.desk))
}
