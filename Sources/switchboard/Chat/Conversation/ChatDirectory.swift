import Foundation

/// What a node tells over HTTP of sessions, agents and the queue, for a person who asks.
struct ChatDirectory: Sendable {
  let token: @Sendable () async throws -> String
  /// A file of authorities, for nodes with TLS; nil: those that are known.
  let authorities: String?

  struct Session: Decodable, Sendable {
    struct Customer: Decodable, Sendable { var name: String? }
    var state: String
    var customer: Customer?
    var skill: String?
    var agents: [String]?
    var position: Int?
    var seq: UInt64?
    var opened_at: String?
  }

  struct Agents: Decodable, Sendable {
    struct Skill: Decodable, Sendable { var skill: String }
    struct Agent: Decodable, Sendable {
      var id: String
      var name: String
      var status: String
      var skills: [Skill]
      var capacity: Int
      var chats: [String]
    }
    var agents: [Agent]
    var next: String?
  }

  /// More are not listed to a person.
  private static let mostAgents = 10_000

  private struct Status: Decodable {
    struct Sessions: Decodable { var queued: Int? }
    var sessions: Sessions?
  }

  func session(_ id: String, at url: String) async throws -> Session {
    try await read("/v1/sessions/\(id)?consistency=local", at: url)
  }

  func agents(at url: String) async throws -> [Agents.Agent] {
    var page = try await read("/v1/agents", at: url) as Agents
    var agents = page.agents
    // A node of the previous release says all of them at once, without `next`.
    while let next = page.next, agents.count < Self.mostAgents {
      page = try await read("/v1/agents?cursor=\(next)", at: url)
      agents += page.agents
    }
    return agents
  }

  /// How many sessions wait in the queue.
  func queued(at url: String) async throws -> Int? {
    (try await read("/v1/cluster/status", at: url) as Status).sessions?.queued
  }

  private func read<Document: Decodable>(_ path: String, at url: String) async throws -> Document {
    let http = NodeHTTP(token: try await token(), authorities: authorities)
    let answer = try await http.get(NodeAddresses.http(url) + path)
    guard answer.status == 200 else { throw CommandFailure(NodeHTTP.complaint(answer)) }
    return try JSONDecoder().decode(Document.self, from: answer.body)
  }

  /// `3 min`, of a time that has passed.
  static func words(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    if seconds < 120 { return "\(seconds) s" }
    return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
  }

  /// How long ago a time of RFC 3339 was.
  static func age(_ time: String?) -> String? {
    guard let time else { return nil }
    let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let date = (try? withFraction.parse(time)) ?? (try? Date.ISO8601FormatStyle().parse(time)) else {
      return nil
    }
    return words(.seconds(-date.timeIntervalSinceNow))
  }
}
