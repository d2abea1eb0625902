import ArgumentParser
import Desk
import Foundation
import Server

@main
struct SwitchboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switchboard",
    abstract: "Live customer support that keeps every conversation through the loss of any node.",
    discussion: """
      Try it on this machine, from a checkout:

        scripts/cluster up
        switchboard chat --role agent --as anna --skill billing --url http://127.0.0.1:8102
        switchboard chat --role customer --skill billing --url http://127.0.0.1:8101
        switchboard cluster status

      Each command has its own --help with examples.
      """,
    version: ServerProcess.version,
    subcommands: [
      InitCommand.self, BeginCommand.self, ServeCommand.self, ClusterCommand.self, EventsCommand.self,
      TokenCommand.self,
      ChatCommand.self, SessionCommand.self, AgentCommand.self, DeskCommand.self, ContextCommand.self,
      OperationCommand<Search>.self, ArchiveCommand.self, ExportCommand.self, ReportCommand.self,
      EraseCommand.self, AuditCommand.self, BackupCommand.self, RestoreCommand.self, ConfigCommand.self,
      RebuildCommand.self,
      VerifyCommand.self,
      BenchCommand.self, ReferenceCommand.self,
    ])

  static func main() async {
    // A pipe that nobody reads is an error of the writing, and no end by a signal.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let unknown = UnknownCommand(arguments, root: Self.self) {
      Terminal.complain(unknown.description)
      Foundation.exit(ExitCode.validationFailure.rawValue)
    }
    do {
      let command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        var command = command
        try command.run()
      }
    } catch {
      end(error)
    }
  }

  /// Says why, and ends with the exit code for it.
  private static func end(_ error: any Error) -> Never {
    let code = (error as? CommandFailure).map { ExitCode($0.exit.rawValue) } ?? exitCode(for: error)
    // The parser divides lines by this width; pages of help are fitted to the terminal here, except for their examples.
    let columns = Terminal.columns
    setenv("COLUMNS", "100000", 1)
    let text = fullMessage(for: error)
    if !text.isEmpty {
      let isHelp = text.hasPrefix("OVERVIEW:") || text.hasPrefix("USAGE:")
      let page = isHelp ? HelpPage(text: text).fitted(to: columns) : text
      if code.isSuccess { Terminal.say(page) } else { Terminal.complain(page) }
    }
    Foundation.exit(code.rawValue)
  }
}
