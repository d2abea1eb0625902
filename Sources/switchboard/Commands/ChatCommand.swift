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
      A customer opens a session, or goes on with the last one that is open; an agent goes online and is given sessions. Type a line to say it; ✓ and a number \
      say that it is on the disks of a quorum. When the node is lost, the chat goes on at the next one, and nothing is \
      said twice. Lines may come from a pipe, too.

      Beside a development cluster no token is needed.

      EXAMPLES
        switchboard chat --role agent --as anna --skill billing --url http://127.0.0.1:8102
        switchboard chat --role customer --as ben --skill billing --url http://127.0.0.1:8101
        echo "my bill is wrong" | switchboard chat --role customer --skill billing --stay 10s

      WHILE YOU CHAT
        /close      end the session      /quit   leave; the session stays
        /sessions   what you serve       /session ID   talk in that one
      """)

  @Option(help: "customer or agent.")
  var role: String

  @Option(
    help:
      "A node; may be given several times; by default those of scripts/cluster. Its cluster tells the others.")
  var url: [String] = []

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

  @Option(help: "Your token. By default one is made with the secret of the development cluster.")
  var token: String?

  @OptionGroup var secret: SecretOptions

  func validate() throws {
    guard role == "customer" || role == "agent" else {
      throw ValidationError("--role \(role): allowed are customer and agent")
    }
    guard Quantity.milliseconds(stay) != nil else { throw ValidationError("--stay \(stay): write it like 10s") }
    guard (1...1000).contains(capacity) else {
      throw ValidationError("--capacity \(capacity): allowed are 1 to 1000")
    }
    if let session, session.isEmpty { throw ValidationError("--session is empty") }
  }

  func run() async throws {
    let isAgent = role == "agent"
    let skills = skill.flatMap { $0.split(separator: ",").map(String.init) }
    let me: String
    let provider: @Sendable () async throws -> String
    if let token {
      me = identity ?? Self.subject(of: token) ?? role
      provider = { token }
    } else {
      let secret = try secret.signer()
      me = identity ?? (isAgent ? "agent" : "customer") + "-\(UInt32.random(in: 1000...9999))"
      let maker = TokenMaker(
        role: isAgent ? .agent : .customer, subject: me,
        skills: isAgent && !skills.isEmpty ? skills.map { SkillWeight(skill: $0) } : nil,
        capacity: isAgent ? UInt32(capacity) : nil, seconds: 86_400)
      provider = { try await maker.token(with: secret) }
    }
    let urls = url.isEmpty ? NodeAddresses.development : url
    let settings = ClientSettings(urls: urls, patience: .seconds(1))
    let connection = SwitchboardConnection(settings: settings, token: provider)
    let chat = Chat(connection: connection, role: isAgent ? .agent : .customer, me: me)
    let staying = Duration.milliseconds(Quantity.milliseconds(stay) ?? 0)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await connection.run() }
        group.addTask { try await chat.listen() }
        group.addTask {
          if isAgent {
            try await chat.beginAsAgent(skills: skills, capacity: capacity, session: session)
          } else {
            try await chat.beginAsCustomer(
              channel: channel, skill: skills.first ?? "", session: session, isNew: new)
          }
          var isEnd = true
          try await LineReader().forEach { line in
            let goesOn = try await chat.take(line)
            if !goesOn { isEnd = false }
            return goesOn
          }
          if isEnd { try await Self.remain(staying, chat) }
          await connection.shutDown()
        }
        // The first failure ends the others.
        while try await group.next() != nil {}
      }
    } catch ClientError.shutDown {
      return
    } catch let error as ClientError {
      throw CommandFailure(error.description)
    }
  }

  /// Answers may still come.
  private static func remain(_ time: Duration, _ chat: Chat) async throws {
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end, await !chat.isOver { try await Task.sleep(for: .milliseconds(50)) }
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
