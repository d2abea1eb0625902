import ArgumentParser
import Desk
import Foundation
import NIOHTTP1

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Closed conversations as lines of JSON: of one customer, or of a range of time.",
    discussion: """
      A line for each session ("type": "session"), then one for each of its messages ("type": "message"), the last closed \
      first. How far it has come is said after each page on standard error, with what goes on from there.

      EXAMPLES
        switchboard export --customer ben > ben.jsonl
        switchboard export --closed-from 1764374400000 --closed-before 1764460800000 > day.jsonl
        switchboard export --customer ben --after CURSOR >> ben.jsonl    # go on

      For supervisors and admins; customers get their own.

      \(Exit.summary)
      """)

  @Option(help: "Those of this customer.")
  var customer: String?
  @Option(help: "Closed at or after this, in ms since 1970.")
  var closedFrom: UInt64?
  @Option(help: "Closed before this.")
  var closedBefore: UInt64?
  @Option(help: "Go on behind this place, as an earlier run has said it.")
  var after: String?
  @OptionGroup var asker: AskerOptions
  @OptionGroup var target: TargetOptions

  func validate() throws { try asker.check(.everybody) }

  func run() async throws {
    let cluster = try target.target()
    let token = try await target.bearer(of: cluster, else: asker.maker(for: .everybody))
    let round = NodeRound(
      urls: cluster.urls, http: NodeHTTP(token: token, authorities: cluster.authorities), patience: .seconds(30)
    )
    var place = after
    var sessions = 0
    repeat {
      let page = try await object(round, path(place))
      for session in page["sessions"] as? [[String: Any]] ?? [] {
        try say("session", session)
        if let id = session["session"] as? String { try await messages(of: id, round) }
        sessions += 1
      }
      place = page["next"] as? String
      Terminal.complain(
        "\(sessions) sessions" + (place.map { "; to go on from here: --after \($0)" } ?? ", and no more"))
    } while place != nil
  }

  private func path(_ place: String?) -> String {
    var items = [URLQueryItem(name: "limit", value: "100")]
    if let customer { items.append(URLQueryItem(name: "customer", value: customer)) }
    if let closedFrom { items.append(URLQueryItem(name: "closed_from", value: "\(closedFrom)")) }
    if let closedBefore { items.append(URLQueryItem(name: "closed_before", value: "\(closedBefore)")) }
    if let place { items.append(URLQueryItem(name: "cursor", value: place)) }
    var components = URLComponents()
    components.queryItems = items
    return "/v1/past-sessions?" + (components.percentEncodedQuery ?? "")
  }

  private func messages(of session: String, _ round: NodeRound) async throws {
    var last = 0
    while true {
      let page = try await object(round, "/v1/sessions/\(session)/messages?after=\(last)&limit=1000")
      let messages = page["messages"] as? [[String: Any]] ?? []
      for var message in messages {
        last = max(last, message["seq"] as? Int ?? last)
        message["session"] = session
        try say("message", message)
      }
      if messages.isEmpty || page["more"] as? Bool != true { return }
    }
  }

  private func object(_ round: NodeRound, _ path: String) async throws -> [String: Any] {
    let answer = try await round.ask(.GET, path)
    guard answer.status == 200 else { throw CommandFailure(NodeHTTP.refusal(answer)) }
    guard let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any] else {
      throw CommandFailure("The answer is no JSON object.")
    }
    return object
  }

  private func say(_ type: String, _ object: [String: Any]) throws {
    var object = object
    object["type"] = type
    let line = try JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    Terminal.say(String(decoding: line, as: UTF8.self))
  }
}
