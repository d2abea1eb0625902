import Foundation

/// `GET /v1/cluster/status` as one node tells it. Fields that a node leaves out are nil.
struct StatusAnswer: Decodable, Sendable {
  struct Problem: Decodable, Sendable {
    var code: String
    var node: String?
    var since: String?
    var advice: String?
  }
  struct Quorum: Decodable, Sendable {
    var voters: Int?
    var needed: Int?
    var reachable: Int?
    var canLose: Int?
  }
  struct Load: Decodable, Sendable {
    var connections: Int?
    var sessions: Int?
    var cpu: Double?
    var loopLagMs: Double?
    var ackP99Ms: Double?
  }
  struct Storage: Decodable, Sendable {
    var logBytes: Int?
    var fsyncP99Ms: Double?
    var diskFreeBytes: Int?
  }
  struct Certificate: Decodable, Sendable {
    /// Below 0 once it has ended.
    var daysLeft: Int?
  }
  struct Archive: Decodable, Sendable {
    var completeIndex: Int?
    var lag: Int?
    var gap: Bool?
    var missingEntries: Int?
    var rowsFromOthers: Int?
    var keptFrom: String?
    var erasing: Bool?
    var sessions: Int?
    var messages: Int?
    var bytes: Int?
  }
  struct Member: Decodable, Sendable {
    var id: String
    var address: String?
    var clientUrl: String?
    var role: String?
    var voter: Bool?
    var state: String?
    var reachable: Bool?
    var rttMs: Double?
    var matchIndex: Int?
    var appliedIndex: Int?
    var lag: Int?
    var version: String?
    var level: Int?
    var uptimeS: Int?
    var load: Load?
    var storage: Storage?
    /// A node tells of its own alone.
    var certificates: [Certificate]?
    /// As well.
    var archive: Archive?
  }
  struct Change: Decodable, Sendable {
    var step: String?
    var joining: [String]?
    var leaving: [String]?
  }
  struct Counts: Decodable, Sendable {
    var active: Int?
    var queued: Int?
    var closed: Int?
    var online: Int?
    var busy: Int?
    var away: Int?
    var offline: Int?
  }

  var cluster: String?
  var observedBy: String?
  var observedAt: String?
  var health: String?
  var problems: [Problem]?
  var change: Change?
  var leader: String?
  var term: Int?
  var commitIndex: Int?
  var appliedIndex: Int?
  var level: Int?
  var quorum: Quorum?
  var members: [Member]?
  var sessions: Counts?
  var agents: Counts?

  init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(StatusAnswer.self, from: json)
  }
}

/// What all nodes that were asked have said.
struct ClusterView: Sendable {
  struct Node: Sendable {
    var url: String
    var answer: StatusAnswer?
    var json: Data?
    /// Why there is no answer.
    var silence: String?
    var isRefused = false
  }
  var nodes: [Node]

  var first: Node? { nodes.first { $0.answer != nil } }
  /// A node has answered that it does not tell it to everybody.
  var isRefused: Bool { nodes.contains { $0.isRefused } }

  /// The nodes at these addresses, and those that they know.
  static func ask(_ urls: [String], http: NodeHTTP) async -> ClusterView {
    var nodes = await ask(each: urls, http)
    let known = nodes.compactMap(\.answer).flatMap { $0.members ?? [] }.compactMap(\.clientUrl)
      .map(NodeAddresses.http)
    var asked = Set(urls)
    let more = known.filter { asked.insert($0).inserted }
    nodes += await ask(each: more, http)
    return ClusterView(nodes: nodes)
  }

  private static func ask(each urls: [String], _ http: NodeHTTP) async -> [Node] {
    await withTaskGroup(of: (Int, Node).self) { group in
      for (place, url) in urls.enumerated() {
        group.addTask {
          do {
            let answer = try await http.get(url + "/v1/cluster/status")
            guard answer.status == 200 else {
              return (
                place,
                Node(
                  url: url, silence: NodeHTTP.complaint(answer), isRefused: [401, 403].contains(answer.status))
              )
            }
            return (place, Node(url: url, answer: try StatusAnswer(json: answer.body), json: answer.body))
          } catch {
            return (place, Node(url: url, silence: NodeHTTP.reason(error)))
          }
        }
      }
      var nodes: [(Int, Node)] = []
      for await node in group { nodes.append(node) }
      return nodes.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
