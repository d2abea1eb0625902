import ArgumentParser
import Desk
import Foundation
import NIOHTTP1
import Protocol
import Server
import SwitchboardClient

/// A declared operation as a command: its arguments, its help and its completion come from the declaration.
struct OperationCommand<Wanted: ClientOperation>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: verb, abstract: Wanted.summary + ".", discussion: discussion,
      aliases: verb == "\(Wanted.name)" ? [] : ["\(Wanted.name)"])
  }

  static var verb: String { Wanted.verb }

  private static var discussion: String {
    let who = "For \(Wanted.allowed.text)."
    let about = (Wanted.about.isEmpty ? who : "\(Wanted.about) \(who)").replacing("`", with: "'")
    return """
      \(about)

      EXAMPLES
        \(example)

      \(Exit.summary)
      """
  }

  private static var example: String {
    var words = Wanted.fields.list.filter(\.isRequired).map(placeholder)
    if let first = Wanted.fields.list.first(where: { !$0.isRequired }) {
      words += ["--" + DeclaredArguments<Wanted>.flag(first), placeholder(first)]
    }
    return (["switchboard", Wanted.noun?.rawValue ?? "", verb] + words).joined(separator: " ")
  }

  private static func placeholder(_ field: FieldDescription) -> String {
    let facts = FieldFacts(field)
    return facts.choices.first ?? (field.name == "session" ? "8192" : facts.usual ?? field.name.uppercased())
  }

  @OptionGroup var declared: DeclaredArguments<Wanted>
  @OptionGroup var asker: AskerOptions
  @OptionGroup var target: TargetOptions

  @Flag(help: "Print the answer as it came.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How long to go on when no node can do it now; 0s: each is asked once.", valueName: "time"))
  var wait = "10s"

  func validate() throws {
    guard Quantity.milliseconds(wait) != nil else { throw ValidationError("--wait \(wait): write it like 10s") }
    if let id = declared.id, id.isEmpty { throw ValidationError("--id is empty") }
    try asker.check(Wanted.allowed)
    // What comes from a pipe is looked at when it is there.
    if !declared.words.values.contains(StandardInput.sign) { _ = try TypedOperation<Wanted>(declared.words) }
  }

  func run() async throws {
    var words = declared.words
    for field in Wanted.fields.list where words[field.name] == StandardInput.sign {
      guard case .text = field.spelling else { continue }
      words[field.name] = try StandardInput.text()
    }
    let typed = try TypedOperation<Wanted>(words)
    let cluster = try target.target()
    let token = try await target.bearer(of: cluster, else: asker.maker(for: Wanted.allowed))
    let patience = Duration.milliseconds(Quantity.milliseconds(wait) ?? 0)
    let id = declared.id ?? SwitchboardConnection.newID()
    // What is said of an agent needs one of its connections, which this is as long as it lasts.
    guard let route = Wanted.route, Wanted.self != SetStatus.self else {
      try await perform(typed.operation, id, at: cluster, token, patience)
      return Terminal.say(json ? "{}" : "Done.")
    }
    let round = NodeRound(
      urls: cluster.urls, http: NodeHTTP(token: token, authorities: cluster.authorities), patience: patience)
    // Without a number all of them are meant, page by page.
    if let list = Self.listField, words["limit"] == nil {
      let path = typed.path(of: route, isLocal: declared.isLocal)
      return try AnswerPage.show(try await WholeList.read(path, list, by: round), asJSON: json)
    }
    let answer = try await round.ask(
      HTTPMethod(rawValue: route.method.rawValue), typed.path(of: route, isLocal: declared.isLocal),
      typed.body(of: route), id: route.method == .get ? nil : id)
    guard (200..<300).contains(answer.status) else { throw CommandFailure(NodeHTTP.refusal(answer)) }
    try AnswerPage.show(answer.body, asJSON: json)
  }

  /// Of an answer that is a part of a list.
  private static var listField: String? {
    func field<Paged: PagedQuery>(_: Paged.Type) -> String { "\(Paged.listField)" }
    return (Wanted.self as? any PagedQuery.Type).map { field($0) }
  }

  /// What has no route is asked on a connection.
  private func perform(
    _ operation: Wanted, _ id: String, at cluster: ClusterTarget, _ token: String, _ patience: Duration
  ) async throws {
    let settings = ClientSettings(
      urls: cluster.urls, receipts: false, requestTimeout: max(patience, .seconds(1)))
    let connection = SwitchboardConnection(settings: settings, authorities: cluster.authorities) { token }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await connection.run() }
        group.addTask {
          try await connection.perform(operation, id: id)
          await connection.shutDown()
        }
        while try await group.next() != nil {}
      }
    } catch ClientError.timedOut {
      throw CommandFailure("No node could do it within \(wait).", .notNow)
    } catch let error as ClientError {
      throw CommandFailure(error.description)
    }
  }
}

/// The commands of a noun, one for each operation that is declared for it.
enum OperationCommands {
  static func of(_ noun: Noun) -> [any ParsableCommand.Type] {
    Operations.all.filter { $0.noun == noun }.map { command($0) }
  }

  private static func command<Wanted: ClientOperation>(_: Wanted.Type) -> any ParsableCommand.Type {
    OperationCommand<Wanted>.self
  }
}
