import ArgumentParser
import Desk
import NIOHTTP1
import Protocol

struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent", abstract: "Agents: who serves, and how available they are.",
    subcommands: [ListCommand.self] + OperationCommands.of(.agent))

  struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Who serves, with what, and which sessions each of them has.",
      discussion: """
        For agents, supervisors and admins. It is what the asked node knows; no quorum is needed.
        All of them, page by page.

        EXAMPLES
          switchboard agent list
          switchboard agent list --json | jq '.agents[].id'

        \(Exit.summary)
        """)

    @Flag(help: "Print the answer as it came.")
    var json = false
    @OptionGroup var asker: AskerOptions
    @OptionGroup var target: TargetOptions

    func validate() throws { try asker.check(.staff) }

    func run() async throws {
      try await Document(path: "/v1/agents", readers: .staff, list: "agents").show(asker, target, asJSON: json)
    }
  }
}

/// What is read under one path.
struct Document {
  var path: String
  var readers: Roles
  /// The member with the elements of a list that comes page by page; nil: it is one answer.
  var list: String?

  func show(_ asker: AskerOptions, _ options: TargetOptions, asJSON: Bool) async throws {
    let target = try options.target()
    let token = try await options.bearer(of: target, else: asker.maker(for: readers))
    let round = NodeRound(
      urls: target.urls, http: NodeHTTP(token: token, authorities: target.authorities), patience: .seconds(10))
    if let list {
      return try AnswerPage.show(try await WholeList.read(path, list, by: round), asJSON: asJSON)
    }
    let answer = try await round.ask(.GET, path)
    guard answer.status == 200 else { throw CommandFailure(NodeHTTP.refusal(answer)) }
    try AnswerPage.show(answer.body, asJSON: asJSON)
  }
}
