import ArgumentParser
import Certificates
import Foundation
import Protocol

struct ContextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context", abstract: "Names for clusters: their addresses, your token, their authority.",
    discussion: """
      The current context is what commands ask when they are told nothing else. Flags come before the environment \
      (SWITCHBOARD_URL, SWITCHBOARD_TOKEN, SWITCHBOARD_TOKEN_FILE, SWITCHBOARD_CA_FILE, SWITCHBOARD_CONTEXT), that \
      before the context, and without any the cluster of scripts/cluster is meant. Where addresses are given, a \
      context counts only by name: --context NAME.

      EXAMPLES
        switchboard context set prod --url https://10.0.0.1:8101 --url https://10.0.0.2:8101 --ca ca.pem
        switchboard context set prod --token-file ~/.switchboard-token
        switchboard context use prod
        switchboard cluster status
        switchboard cluster status --context test
      """,
    subcommands: [
      UseCommand.self, ListCommand.self, ShowCommand.self, SetCommand.self, DeleteCommand.self,
    ])

  struct UseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "use", abstract: "Make a context the current one.",
      discussion: """
        EXAMPLES
          switchboard context use prod
          switchboard context use --none     # the cluster of scripts/cluster again
        """)

    @Argument(help: "Its name.", completion: contextNames)
    var name: String?
    @Flag(help: "No context is the current one.")
    var none = false

    func validate() throws {
      guard (name != nil) != none else { throw ValidationError("Give a name, or --none") }
    }

    func run() throws {
      try ContextFile().change { contexts in
        if let name { _ = try contexts.known(name) }
        contexts.current = name
      }
      Terminal.say(name.map { "\($0) is the current context." } ?? "No context is the current one.")
    }
  }

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "All contexts; a star stands before the current one.")

    @Flag(help: "Print them as JSON, without tokens.")
    var json = false

    func run() throws {
      let contexts = try ContextFile().read()
      let shown = try contexts.names.compactMap { name in
        try contexts.entry(name).map { Shown(name, $0, isCurrent: name == contexts.current) }
      }
      if json {
        let list = try shown.map { try $0.json }.joined(separator: ",")
        return Terminal.say("{\"contexts\":[\(list)]}")
      }
      if shown.isEmpty { return Terminal.say("no contexts; switchboard context set --help") }
      let width = shown.map(\.name.count).max() ?? 0
      for context in shown {
        let gap = String(repeating: " ", count: width - context.name.count + 2)
        Terminal.say((context.isCurrent ? "* " : "  ") + context.name + gap + Terminal.harmless(context.brief))
      }
    }
  }

  struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "What a context stands for; a token is not shown.")

    @Argument(help: "Its name; by default the current one.", completion: contextNames)
    var name: String?
    @Flag(help: "Print it as JSON.")
    var json = false

    func run() throws {
      let contexts = try ContextFile().read()
      guard let name = name ?? contexts.current else {
        throw CommandFailure("No context is the current one: the cluster of scripts/cluster is meant.")
      }
      let shown = Shown(name, try contexts.known(name), isCurrent: name == contexts.current)
      try AnswerPage.show(Data(try shown.json.utf8), asJSON: json)
    }
  }

  struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Make a context, or change what is said of it.",
      discussion: """
        What is not said stays as it was. A token is better kept in a file of its own (--token-file), which is read at \
        each use; --token - takes one from standard input and keeps it among the contexts, for you alone.

        EXAMPLES
          switchboard context set prod --url https://10.0.0.1:8101 --url https://10.0.0.2:8101 --ca ca.pem --use
          switchboard token --role admin --sub root --config node1.json | switchboard context set prod --token -
        """)

    @Argument(help: "Its name: letters, digits, dots, dashes and underscores.", completion: contextNames)
    var name: String
    @Option(help: "A node; may be given several times. All that were known before are forgotten.")
    var url: [String] = []
    @Option(help: "Your token; - reads it from standard input.")
    var token: String?
    @Option(help: ArgumentHelp("The file with your token.", valueName: "file"), completion: .file())
    var tokenFile: String?
    @Option(
      help: ArgumentHelp("The authorities that are believed, in PEM.", valueName: "file"), completion: .file())
    var ca: String?
    @Flag(help: "Forget its token.")
    var noToken = false
    @Flag(help: "Forget its authorities: those that this system trusts are believed.")
    var noCa = false
    @Flag(help: "Make it the current one.")
    var use = false

    func validate() throws {
      guard Contexts.isName(name) else {
        throw ValidationError("'\(name)' is no name: up to 64 letters, digits, dots, dashes and underscores")
      }
      for url in url {
        do { _ = try NodeURL(url) } catch { throw ValidationError(error.description) }
      }
      let tokens = [token != nil, tokenFile != nil, noToken].count { $0 }
      guard tokens < 2 else { throw ValidationError("Give one of --token, --token-file and --no-token") }
      guard ca == nil || !noCa else { throw ValidationError("Give one of --ca and --no-ca") }
      if token?.isEmpty == true || tokenFile?.isEmpty == true { throw ValidationError("The token is empty") }
      if let ca {
        do { _ = try ClientTrust.authorities(ca) } catch { throw ValidationError("--ca: \(error)") }
      }
    }

    func run() throws {
      let given = token == StandardInput.sign ? try StandardInput.text() : token
      try ContextFile().change { contexts in
        var entry = try contexts.entry(name) ?? Contexts.Entry()
        if !url.isEmpty { entry.urls = url.map(NodeAddresses.http) }
        guard !entry.urls.isEmpty else { throw CommandFailure("\(name) is new: say where it is, with --url.") }
        if given != nil || tokenFile != nil || noToken {
          entry.token = try given.map { try TokenText.checked($0, "--token") }
          entry.tokenFile = tokenFile.map(Self.absolute)
        }
        if ca != nil || noCa { entry.authorities = ca.map(Self.absolute) }
        try contexts.set(name, entry)
        if use { contexts.current = name }
      }
      if let tokenFile, !FileManager.default.isReadableFile(atPath: tokenFile) {
        Terminal.complain("warning: \(tokenFile) cannot be read now")
      }
      Terminal.say(use ? "\(name) is set, and is the current context." : "\(name) is set.")
    }

    private static func absolute(_ path: String) -> String {
      URL(fileURLWithPath: (path as NSString).expandingTildeInPath).standardizedFileURL.path
    }
  }

  struct DeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Forget a context.")

    @Argument(help: "Its name.", completion: contextNames)
    var name: String

    func run() throws {
      var wasCurrent = false
      try ContextFile().change { contexts in
        wasCurrent = contexts.current == name
        _ = try contexts.known(name)
        _ = contexts.delete(name)
      }
      Terminal.say("\(name) is deleted." + (wasCurrent ? " No context is the current one." : ""))
    }
  }

  /// For the completion of shells: a file that cannot be read has none.
  private static let contextNames = CompletionKind.custom { _, _, _ in
    (try? ContextFile().read())?.names ?? []
  }

  /// A context for people, without its token.
  private struct Shown {
    var name: String
    var entry: Contexts.Entry
    var isCurrent: Bool

    init(_ name: String, _ entry: Contexts.Entry, isCurrent: Bool) {
      (self.name, self.entry, self.isCurrent) = (name, entry, isCurrent)
    }

    var brief: String {
      let token = entry.tokenFile.map { "token in \($0)" } ?? (entry.token == nil ? nil : "token kept")
      let parts: [String?] = [entry.urls.joined(separator: ", "), token, entry.authorities.map { "ca \($0)" }]
      return parts.compactMap { $0 }.joined(separator: "  ")
    }

    var json: String {
      get throws {
        struct Document: Encodable {
          var name: String
          var current: Bool
          var urls: [String]
          var token: String?
          var token_file: String?
          var ca: String?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
          name: name, current: isCurrent, urls: entry.urls, token: entry.token == nil ? nil : "kept",
          token_file: entry.tokenFile, ca: entry.authorities)
        return String(decoding: try encoder.encode(document), as: UTF8.self)
      }
    }
  }
}

extension Contexts {
  /// - Throws: `CommandFailure` that names those that there are.
  func known(_ name: String) throws -> Entry {
    if let entry = try entry(name) { return entry }
    let all = names.isEmpty ? "there are none" : "there are: \(names.joined(separator: ", "))"
    throw CommandFailure("There is no context \(Terminal.harmless(name)); \(all).")
  }
}
