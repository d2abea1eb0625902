import ArgumentParser
import Desk
import Foundation
import NIOHTTP1
import Server

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "Who of the staff has changed or read what is not their own, and whether that is still as it was noted.",
    discussion: """
      EXAMPLES
        switchboard audit list
        switchboard audit verify --all-nodes
      """,
    subcommands: OperationCommands.of(.audit) + [VerifyCommand.self])
}

extension AuditCommand {
  struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Recompute a desk's audit and compare it with what all nodes have noted.",
      discussion: """
        Reads the audit of the token's desk from its first entry on, hashes each behind the one before it, and compares the last \
        hash with the one in the replicated state. Says the first entry that is missing or does not fit. One node is looked at, the first \
        that answers, or with --all-nodes each that is named: they keep their archives by themselves.

        EXAMPLES
          switchboard audit verify --all-nodes
          switchboard audit verify --url http://10.0.0.1:8101 --json

        For admins. Exit code: 0 all fits, 1 something does not, 2 no node could do it now (ask again), 64 wrong use.
        """)

    @Flag(help: "Look at the audit of each node, and compare what they have.")
    var allNodes = false
    @Option(
      help: ArgumentHelp("How long to wait for what a node's archive does not have yet.", valueName: "time"))
    var wait = "10s"
    @Flag(help: "Print a list of objects, one for each node.")
    var json = false
    @OptionGroup var asker: AskerOptions
    @OptionGroup var target: TargetOptions

    func validate() throws {
      guard Quantity.milliseconds(wait) != nil else {
        throw ValidationError("--wait \(wait): write it like 10s")
      }
      try asker.check(AuditLog.allowed)
    }

    func run() async throws {
      let cluster = try target.target()
      let token = try await target.bearer(of: cluster, else: asker.maker(for: AuditLog.allowed))
      let http = NodeHTTP(token: token, authorities: cluster.authorities)
      let patience = Duration.milliseconds(Quantity.milliseconds(wait) ?? 0)
      var reports: [AuditReport] = []
      for urls in allNodes ? cluster.urls.map({ [$0] }) : [cluster.urls] {
        let round = NodeRound(urls: urls, http: http, patience: max(patience, .seconds(5)))
        reports.append(try await AuditReport.of(round, patience))
      }
      // A node that begins later than another has lost what that one has.
      let first = reports.compactMap(\.first).min()
      for place in reports.indices where reports[place].fault == nil {
        guard let own = reports[place].first, let first, own > first else { continue }
        reports[place].fault = AuditVerification.Fault(number: first, kind: .missing)
      }
      if json {
        Terminal.say(try AuditReport.json(reports))
      } else {
        for report in reports { Terminal.say(report.line) }
      }
      if reports.contains(where: { $0.fault != nil }) { throw ExitCode(Exit.refused.rawValue) }
    }
  }
}

/// What was found at a node.
struct AuditReport {
  var node: String
  var first: UInt64?
  var count: UInt64
  var fault: AuditVerification.Fault?

  static func of(_ round: NodeRound, _ patience: Duration) async throws -> AuditReport {
    let end = ContinuousClock.now + patience
    var page = try await page(round, after: 0)
    var verification = AuditVerification(upTo: page)
    var fault = verification.follow(page)
    while fault == nil, !verification.isAtEnd {
      let before = verification.last
      page = try await self.page(round, after: before)
      fault = verification.follow(page)
      guard fault == nil, verification.last == before else {
        if verification.last % 50_000 == 0 {
          Terminal.complain("\(verification.last) of \(verification.count) entries fit")
        }
        continue
      }
      // What was noted a moment ago is in the archive a moment later.
      guard ContinuousClock.now < end else { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    return AuditReport(
      node: round.urls.joined(separator: ", "), first: verification.first, count: verification.count,
      fault: fault ?? verification.end)
  }

  private static func page(_ round: NodeRound, after number: UInt64) async throws -> AuditPage {
    let path = "\(AuditLog.route?.path ?? "")?limit=\(AuditLog.most)" + (number > 0 ? "&after=\(number)" : "")
    let answer = try await round.ask(.GET, path)
    guard answer.status == 200 else { throw CommandFailure(NodeHTTP.refusal(answer)) }
    guard let page = page(of: answer.body) else {
      throw CommandFailure("The answer is no page of an audit, or of a later release.")
    }
    return page
  }

  /// Documents over HTTP have times as text, and entries are hashed with them as numbers.
  static func page(of body: Data) -> AuditPage? {
    guard var document = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
      let entries = document["entries"] as? [[String: Any]]
    else { return nil }
    document["next"] = nil
    document["entries"] = entries.map { entry in
      var entry = entry
      if let text = entry["time"] as? String, let time = milliseconds(text) { entry["time"] = time }
      return entry
    }
    guard let data = try? JSONSerialization.data(withJSONObject: document) else { return nil }
    return data.withUnsafeBytes { try? AuditPage.fields.read($0) }
  }

  private static func milliseconds(_ text: String) -> UInt64? {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let date = try? style.parse(text) else { return nil }
    return UInt64(exactly: (date.timeIntervalSince1970 * 1_000).rounded())
  }

  var line: String {
    if let fault { return "\(node): \(fault)." }
    guard count > 0 else { return "\(node): nothing was noted yet." }
    let earlier = first.map { $0 > 1 ? " Entries before \($0) are not kept any more." : "" } ?? ""
    return "\(node): all fits, up to entry \(count).\(earlier)"
  }

  static func json(_ reports: [AuditReport]) throws -> String {
    let list = reports.map { report -> [String: Any] in
      var object: [String: Any] = ["node": report.node, "count": report.count, "ok": report.fault == nil]
      if let first = report.first { object["first"] = first }
      if let fault = report.fault {
        object["fault"] = ["number": fault.number, "kind": fault.kind.rawValue] as [String: Any]
      }
      return object
    }
    let data = try JSONSerialization.data(
      withJSONObject: list, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }
}
