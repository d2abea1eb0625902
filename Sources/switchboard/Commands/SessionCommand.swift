import ArgumentParser
import Desk
import Foundation
import NIOCore
import Protocol

struct SessionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session", abstract: "Sessions: open, read, write, hand on and close them.",
    discussion: """
      EXAMPLES
        switchboard session open --as ben --skill billing
        switchboard session send 8192 'my bill is wrong' --as ben --role customer
        switchboard session transfer 8192 --skill refunds
        switchboard session close 8192 --reason solved
        switchboard session messages 8192
      """,
    subcommands: OperationCommands.of(.session) + [ShowCommand.self, MessagesCommand.self])

  struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "A session: its state, its people, when it was opened.",
      discussion: """
        EXAMPLES
          switchboard session show 8192
          switchboard session show 8192 --json | jq .state

        \(Exit.summary)
        """)

    @Argument(help: "The session's id.")
    var session: String
    @Flag(help: "As the asked node has it, perhaps a little behind; needs no quorum.")
    var local = false
    @Flag(help: "Print the answer as it came.")
    var json = false
    @OptionGroup var asker: AskerOptions
    @OptionGroup var target: TargetOptions

    func validate() throws {
      try SessionCommand.checkSession(session)
      try asker.check(.everybody)
    }

    func run() async throws {
      let path = "/v1/sessions/\(session)" + (local ? "?consistency=local" : "")
      try await Document(path: path, readers: .everybody).show(asker, target, asJSON: json)
    }
  }

  fileprivate static func checkSession(_ session: String) throws {
    guard SessionID(text: session) != nil else {
      throw ValidationError("\(session): a session's id is a number, as `chat` prints it")
    }
  }

  struct MessagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "messages",
      abstract: "Print what was said, read over HTTP from any node.",
      discussion: """
        All of them, page by page; 'session history' reads one page.

        EXAMPLES
          switchboard session messages 8192 --url http://127.0.0.1:8103
          switchboard session messages 8192 --after 40 --json
          switchboard session messages 8192 --local       # without a quorum, too
        """)

    @Argument(help: "The session's id.")
    var session: String

    @Option(help: "Only what comes behind this sequence.")
    var after: UInt64 = 0

    @Flag(help: "As the node itself has it, perhaps a little behind; needs no quorum.")
    var local = false

    @Flag(help: "One JSON object per line.")
    var json = false

    @OptionGroup var options: TargetOptions

    struct Message: Codable {
      var seq: UInt64
      var id: String?
      var from: String?
      var role: String?
      var name: String?
      var kind: String?
      var body: String
      /// RFC 3339.
      var time: String?
    }

    struct Page: Decodable {
      var messages: [Message]
      var more: Bool?
    }

    func run() async throws {
      try SessionCommand.checkSession(session)
      let maker = TokenMaker(role: .admin, subject: "session-messages", seconds: 3600)
      let target = try options.target()
      let bearer = try await options.bearer(of: target, else: maker)
      let http = NodeHTTP(token: bearer, timeout: .seconds(5), authorities: target.authorities)
      var problems: [String] = []
      var shown = after
      for url in target.urls {
        do {
          try await pages(from: url, http, &shown)
          return
        } catch let failure as CommandFailure {
          throw failure
        } catch {
          problems.append("\(url): \(NodeHTTP.reason(error))")
        }
      }
      throw CommandFailure("No node answers.\n  " + problems.joined(separator: "\n  "), .notNow)
    }

    private func pages(from url: String, _ http: NodeHTTP, _ shown: inout UInt64) async throws {
      while true {
        let query = "after=\(shown)&limit=500" + (local ? "&consistency=local" : "")
        let answer = try await http.get("\(url)/v1/sessions/\(session)/messages?\(query)")
        guard answer.status == 200 else {
          let hint = answer.status == 503 && !local ? "\n--local reads what this node has." : ""
          throw CommandFailure(
            "\(url): \(NodeHTTP.complaint(answer))\(hint)",
            NodeRound.isForNow(answer.status) ? .notNow : .refused)
        }
        let page = try JSONDecoder().decode(Page.self, from: answer.body)
        for message in page.messages {
          try show(message)
          shown = max(shown, message.seq)
        }
        if page.messages.isEmpty || page.more != true { return }
      }
    }

    private func show(_ message: Message) throws {
      if json {
        return Terminal.say(try Terminal.json(message))
      }
      let who = Terminal.harmless(message.name ?? message.from ?? "?")
      let number = Terminal.paint("#\(message.seq)", .faint)
      let role = message.role.map { " (\($0))" } ?? ""
      let time = Terminal.paint(Terminal.harmless(message.time ?? ""), .faint)
      Terminal.say("\(number) \(time) \(who)\(role): \(Terminal.block(message.body))")
    }
  }
}
