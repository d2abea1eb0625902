import Foundation
import SwitchboardClient

/// An agent of a test: online on one node, elsewhere when that is lost, with all that it was told.
final class Attendant: Sendable {
  let id: String
  let connection: SwitchboardConnection
  /// Sessions and to whom they were assigned, in the order in which this agent heard of it.
  let assignments = Shared<[(session: String, agent: String)]>([])

  /// - Parameter staysWith: knows no other node than its first.
  init(_ cluster: TestCluster, _ id: String, first node: Int, staysWith: Bool = false) throws {
    self.id = id
    let token = try cluster.token("agent", id)
    let urls = (0..<(staysWith ? 1 : 3)).map { cluster.nodes[(node - 1 + $0) % 3].url }
    connection = SwitchboardConnection(
      settings: ClientSettings(
        urls: urls, discoversNodes: !staysWith,
        backoff: Backoff(first: .milliseconds(50), longest: .seconds(1)), patience: .seconds(10))
    ) { token }
  }

  /// - Parameter assigned: called with each session that is this agent's.
  func listen(_ assigned: @escaping @Sendable (String) -> Void = { _ in }) async {
    for await event in connection.events {
      guard case .assigned(let session, let agent, _) = event else { continue }
      assignments.change { $0.append((session, agent)) }
      if agent == id { assigned(session) }
    }
  }
}

/// What a customer is told of the place of a session, in order: `queued`, or the agent's id.
final class Places: Sendable {
  private let told = Shared<[String]>([])

  var all: [String] { told.value }

  func listen(_ connection: SwitchboardConnection) async {
    for await event in connection.events {
      switch event {
      case .queued: told.change { $0.append("queued") }
      case .assigned(_, let agent, _): told.change { $0.append(agent) }
      default: break
      }
    }
  }
}

extension TestCluster {
  struct AgentLine: Decodable, Sendable {
    var id: String
    var status: String
    var capacity: Int
    var chats: [String]
    var nodes: [String]
  }

  /// The agents as one node's state has them at one moment; nil: the node does not answer.
  func agents(seenBy number: Int, token: String) async -> [AgentLine]? {
    struct Answer: Decodable { var agents: [AgentLine] }
    guard let (code, data) = try? await get(number, "/v1/agents", token: token, within: 10), code == 200 else {
      return nil
    }
    return try? JSONDecoder().decode(Answer.self, from: data).agents
  }

  /// Numbers of sessions by state, as one node has them.
  func sessionCounts(seenBy number: Int) async -> [String: Int] {
    await status(number)?["sessions"] as? [String: Int] ?? [:]
  }
}
