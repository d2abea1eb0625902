import ArgumentParser

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
    version: "0.2.0",
    subcommands: [
      BeginCommand.self, ServeCommand.self, ClusterCommand.self, TokenCommand.self, ChatCommand.self,
      SessionCommand.self,
      ConfigCommand.self, RebuildCommand.self, VerifyCommand.self, BenchCommand.self,
    ])
}
