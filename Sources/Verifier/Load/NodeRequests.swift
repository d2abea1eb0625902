import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Where a node is.
package struct NodeAddress: Hashable, Sendable {
  package var name: String
  /// `http://host:port`
  package var url: String
  package init(name: String, url: String) {
    self.name = name
    self.url = url
  }
}

/// What a node has answered instead of what was asked for.
struct NodeComplaint: Error, CustomStringConvertible {
  var status: Int
  var body: String
  var description: String { "HTTP \(status) \(body.prefix(200))" }
}

/// What the verifier asks nodes over HTTP, as an admin.
struct NodeRequests: Sendable {
  private static let pageSize = 500

  let token: String
  var timeout: TimeAmount = .seconds(4)
  /// A file of authorities, for nodes with TLS; nil: as `NodeClient.trusting`.
  var authorities: String?

  func ask(
    _ method: HTTPMethod, _ url: String, _ json: Data? = nil, timeout: TimeAmount? = nil
  ) async throws -> (status: Int, body: Data, leader: String?) {
    var request = HTTPClientRequest(url: url)
    request.method = method
    if let json {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: json))
    }
    request.headers.add(name: "Authorization", value: "Bearer \(token)")
    let response = try await NodeClient.trusting(authorities).execute(request, timeout: timeout ?? self.timeout)
    let body = try await response.body.collect(upTo: 32 << 20)
    return (
      Int(response.status.code), Data(body.readableBytesView),
      response.headers.first(name: "Switchboard-Leader")
    )
  }

  private func get<Answer: Decodable>(_: Answer.Type, _ url: String) async throws -> Answer {
    let (status, body, _) = try await ask(.GET, url)
    guard status == 200 else {
      throw NodeComplaint(status: status, body: String(decoding: body, as: UTF8.self))
    }
    return try Self.read(Answer.self, body)
  }

  static func read<Answer: Decodable>(_: Answer.Type, _ body: Data) throws -> Answer {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Answer.self, from: body)
  }

  // MARK: Sessions

  private struct Page: Decodable {
    struct Message: Decodable {
      var seq: UInt64
      var id: String
      var from: String
      var body: String
    }
    var messages: [Message]
    var more: Bool
  }

  /// All messages. Only the first page is one read; what is read while things move must fit into it.
  func history(_ session: String, at node: NodeAddress, isLocal: Bool) async throws -> [Line] {
    var lines: [Line] = []
    while true {
      let query =
        "after=\(lines.last?.sequence ?? 0)&limit=\(Self.pageSize)" + (isLocal ? "&consistency=local" : "")
      let page = try await get(Page.self, "\(node.url)/v1/sessions/\(session)/messages?\(query)")
      lines += page.messages.map { Line(sequence: $0.seq, id: $0.id, from: $0.from, body: $0.body) }
      if !page.more || page.messages.isEmpty { return lines }
    }
  }

  struct Detail: Decodable {
    var state: String
    var skill: String
    var seq: UInt64
    var position: Int?
    var customerAway: Bool?
    var agents: [String]
    var owner: String
    var epoch: UInt64?
  }

  func sight(
    _ session: String, at node: NodeAddress, isLocal: Bool, clock: Recorder
  ) async throws -> SessionSight {
    let called = clock.now
    let detail = try await get(
      Detail.self, "\(node.url)/v1/sessions/\(session)" + (isLocal ? "?consistency=local" : ""))
    return SessionSight(
      node: node.name, session: session, owner: detail.owner, epoch: detail.epoch, state: detail.state,
      skill: detail.skill, agents: detail.agents, position: detail.position,
      isPassedOver: detail.customerAway ?? false, sequence: detail.seq, called: called,
      returned: clock.now)
  }

  private struct Agents: Decodable {
    struct Agent: Decodable {
      var id: String
      var capacity: Int
      var chats: [String]
    }
    var agents: [Agent]
    var next: String?
  }

  func agents(at node: NodeAddress) async throws -> [AgentSight.Agent] {
    var page = try await get(Agents.self, node.url + "/v1/agents")
    var agents = page.agents
    while let next = page.next {
      page = try await get(Agents.self, node.url + "/v1/agents?cursor=\(next)")
      agents += page.agents
    }
    return agents.map {
      AgentSight.Agent(id: $0.id, capacity: $0.capacity, chats: $0.chats)
    }
  }

  // MARK: The cluster

  func status(at url: String) async throws -> NodeStatus {
    try await get(NodeStatus.self, url + "/v1/cluster/status")
  }
}

/// What a node says of the cluster, as far as the verifier needs it.
struct NodeStatus: Decodable, Sendable {
  struct Load: Decodable, Sendable { var sessions: Int? }
  struct Storage: Decodable, Sendable {
    var logBytes: UInt64?
    var snapshotIndex: UInt64?
  }
  struct Archive: Decodable, Sendable {
    var gap: Bool
    var lag: Int
    var messages: Int
    var missingEntries: Int?
    var rowsFromOthers: Int?
  }
  struct Member: Decodable, Sendable {
    var id: String
    var clientUrl: String?
    var voter: Bool?
    var reachable: Bool?
    var load: Load?
    var storage: Storage?
    /// Of the node that was asked alone.
    var archive: Archive?
  }
  struct Problem: Decodable, Sendable {
    var code: String
    var node: String?
  }
  struct Change: Decodable, Sendable { var step: String? }

  var observedBy: String
  var health: String
  /// The format level that the cluster writes; nil: of a release that has none.
  var level: UInt16?
  var leader: String?
  var term: UInt64
  var commitIndex: UInt64
  var appliedIndex: UInt64
  var members: [Member]
  var problems: [Problem]?
  var change: Change?
}
