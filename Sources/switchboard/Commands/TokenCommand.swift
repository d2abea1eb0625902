import API
import ArgumentParser
import Desk
import Server

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Make a token (JWT, HS256) for a person.",
    discussion: """
      Prints the token alone, so that it can be used in a script. Tokens are for whoever holds the secret: in \
      production your own login service makes them.

      EXAMPLES
        switchboard token --role customer --sub ben
        switchboard token --role agent --sub anna --name "Anna B." --skills billing,refunds:2 --capacity 4
        switchboard token --role supervisor --sub kim --desk acme
        curl -H "Authorization: Bearer $(switchboard token --role admin --sub root)" \\
          http://127.0.0.1:8101/v1/cluster/status
      """)

  @Option(help: "customer, agent, supervisor or admin.")
  var role: String

  @Option(help: ArgumentHelp("Who it is: the id by which the cluster knows this person.", valueName: "id"))
  var sub: String

  @Option(help: "The name that others see; by default the id.")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "For agents, with commas: billing,refunds:2 (a weight behind a colon).", valueName: "list"))
  var skills: [String] = []

  @Option(help: "For agents: the most chats at a time.")
  var capacity: UInt32?

  @Option(help: "For customers: the highest priority of their sessions; they may ask for less.")
  var priority: Int32?

  @Option(
    help: ArgumentHelp(
      "The desk of this person; without it main, and an admin then is one of the cluster.", valueName: "name"))
  var desk: String?

  @Option(help: ArgumentHelp("How long it is valid: 90s, 30m, 24h.", valueName: "time"))
  var expires = "24h"

  @OptionGroup var secret: SecretOptions

  func run() async throws {
    guard let role = UserRole(name: role) else {
      throw ValidationError(
        "--role \(role): allowed are \(UserRole.allCases.map(\.name).joined(separator: ", "))")
    }
    guard let lifetime = Quantity.milliseconds(expires.allSatisfy(\.isNumber) ? expires + "s" : expires),
      lifetime >= 1000
    else { throw ValidationError("--expires \(expires): write it like 90s, 30m or 24h") }
    let maker = TokenMaker(
      role: role, subject: sub, name: name, skills: skills.isEmpty ? nil : try TokenMaker.skills(skills),
      capacity: capacity, priority: priority, desk: try TokenMaker.desk(desk), seconds: Double(lifetime / 1000))
    Terminal.say(try await maker.token(with: secret.signer()))
  }
}
