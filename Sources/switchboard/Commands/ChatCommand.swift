import ArgumentParser
import Desk
import Foundation
import Server
import SwitchboardClient

struct ChatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Talk, as a customer or as an agent.",
    discussion: """
      A customer opens a session, or goes on with the last one that is open; an agent goes online and is given sessions; \
      a supervisor follows one with --session or /join. Type a line to say it; ✓ and a number say that it is on the disks of a quorum. A line goes to the one who \
      stands in front of it, whatever comes while you type. When the node is lost, the chat goes on at the next one, and \
      nothing is said twice.

      Lines may come from a pipe, too: all of them go to one session, and the program ends when they are acknowledged, or \
      given up as not sent (exit code 2).

      Beside a development cluster no token is needed.

      EXAMPLES
        switchboard chat --role agent --as anna --skill billing --url http://127.0.0.1:8102
        switchboard chat --role customer --as ben --skill billing --url http://127.0.0.1:8101
        echo "my bill is wrong" | switchboard chat --role customer --skill billing --stay 10s

      WHILE YOU CHAT
        /close      end the session      /quit   leave; the session stays
        /help       the other commands: sessions, history, transfers, who is there
      """)

  @Option(help: "customer, agent, supervisor or admin.")
  var role: String

  @Option(name: .customLong("as"), help: ArgumentHelp("Who you are.", valueName: "name"))
  var identity: String?

  @Option(help: "What the customer needs, or what the agent knows; for agents several times, or with commas.")
  var skill: [String] = []

  @Option(help: "Join this session instead of opening one.")
  var session: String?

  @Flag(help: "Open a new session, though one of yours is open.")
  var new = false

  @Option(help: "The channel of a new session.")
  var channel = "chat"

  @Option(help: "For agents: how many chats at a time.")
  var capacity = 4

  @Option(help: ArgumentHelp("How long to stay for answers when the input has ended.", valueName: "time"))
  var stay = "0s"

  @Option(
    help: ArgumentHelp(
      "How long to try, when the input has ended, to have its lines acknowledged; begins anew with each that is.",
      valueName: "time"))
  var giveUp = "30s"

  @Option(
    help: ArgumentHelp("The desk, in a token that is signed here; by default main.", valueName: "name"))
  var desk: String?

  @OptionGroup var options: TargetOptions

  func validate() throws {
    _ = try TokenMaker.desk(desk)
    guard let role = Chat.Role(rawValue: role) else {
      throw ValidationError(
        "--role \(role): allowed are \(Chat.Role.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if role == .supervisor || role == .admin, isatty(STDIN_FILENO) == 0, session == nil {
      throw ValidationError("--session is needed when a \(role.rawValue) reads from a pipe")
    }
    guard Quantity.milliseconds(giveUp) != nil else {
      throw ValidationError("--give-up \(giveUp): write it like 30s")
    }
    guard Quantity.milliseconds(stay) != nil else { throw ValidationError("--stay \(stay): write it like 10s") }
    guard (1...1000).contains(capacity) else {
      throw ValidationError("--capacity \(capacity): allowed are 1 to 1000")
    }
    if let session, session.isEmpty { throw ValidationError("--session is empty") }
  }

  func run() async throws {
    let role = Chat.Role(rawValue: role) ?? .customer
    let skills = skill.flatMap { $0.split(separator: ",").map(String.init) }
    let target = try options.target()
    let (me, provider) = try identify(role, skills, target.token)
    let settings = ClientSettings(urls: target.urls, patience: .seconds(1))
    let connection = SwitchboardConnection(settings: settings, authorities: target.authorities, token: provider)
    let wishes = Chat.Wishes(
      role: role, me: me, channel: channel, skills: skills, capacity: capacity, session: session, isNew: new,
      patience: .milliseconds(Quantity.milliseconds(giveUp) ?? 0),
      stay: .milliseconds(Quantity.milliseconds(stay) ?? 0))
    let isTyped = Terminal.hasPerson
    let chat = Chat(
      connection: connection, directory: ChatDirectory(token: provider, authorities: target.authorities),
      wishes: wishes,
      isTyped: isTyped)
    do {
      try await converse(chat, connection)
    } catch ClientError.shutDown {
      await chat.failed("the chat is over")
    } catch let error as ClientError {
      await chat.failed(error.description)
      TerminalMode.leave()
      throw CommandFailure(error.description)
    }
    if await chat.unsent > 0 {
      TerminalMode.leave()
      throw ExitCode(2)
    }
  }

  private func identify(
    _ role: Chat.Role, _ skills: [String], _ token: String?
  ) throws -> (me: String, token: @Sendable () async throws -> String) {
    if let token { return (identity ?? Self.subject(of: token) ?? role.rawValue, { token }) }
    let secret = try options.secret.signer()
    let me = identity ?? role.rawValue + "-\(UInt32.random(in: 1000...9999))"
    let isAgent = role == .agent
    let maker = TokenMaker(
      role: UserRole(name: role.rawValue) ?? .customer, subject: me,
      skills: isAgent && !skills.isEmpty ? skills.map { SkillWeight(skill: $0) } : nil,
      capacity: isAgent ? UInt32(capacity) : nil, desk: try TokenMaker.desk(desk), seconds: 86_400)
    return (me, { try await maker.token(with: secret) })
  }

  private func converse(_ chat: Chat, _ connection: SwitchboardConnection) async throws {
    let input = InputReader()
    let signals = chat.isTyped ? TerminalMode.enterUntilExit { input.nudge() } : []
    defer { withExtendedLifetime(signals) {} }
    input.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await connection.run() }
      group.addTask { try await chat.listen() }
      group.addTask { try await chat.begin() }
      group.addTask { try await chat.deliver() }
      group.addTask { try await chat.answer() }
      group.addTask { try await chat.read(input) }
      group.addTask {
        // A person who types into a pipe that nobody reads (`| head`) may have nothing to say for long.
        while await !chat.checkEnd(), !(chat.isTyped && Terminal.isForsaken) {
          try await Task.sleep(for: .milliseconds(20))
        }
        await connection.shutDown()
        input.stop()
      }
      // The first failure ends the others.
      while try await group.next() != nil {}
    }
  }

  /// The `sub` of a token, only to know oneself in what the server tells.
  private static func subject(of token: String) -> String? {
    struct Claims: Decodable { var sub: String? }
    let parts = token.split(separator: ".")
    guard parts.count == 3 else { return nil }
    var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
    text += String(repeating: "=", count: (4 - text.count % 4) % 4)
    guard let data = Data(base64Encoded: String(text)) else { return nil }
    return try? JSONDecoder().decode(Claims.self, from: data).sub
  }
}
