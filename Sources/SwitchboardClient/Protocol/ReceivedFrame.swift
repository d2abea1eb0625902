import Foundation

/// A frame from the server. Every field but `type` may be missing; what a type needs is checked where it is used.
struct ReceivedFrame: Decodable, Sendable {
  struct Node: Sendable, Equatable {
    var name: String
    var url: String?
  }

  var type: String
  var id: String?
  var session: String?
  var seq: UInt64?
  var time: UInt64?
  var state: String?
  var position: Int?
  var etaMilliseconds: Int?
  var agents: [String]?
  var code: String?
  var message: String?
  var retryAfterMilliseconds: Int?
  var node: String?
  /// Where clients of that node connect.
  var clientURL: String?
  var nodes: [Node]?
  var user: String?
  var role: String?
  var heartbeatMilliseconds: Int?
  var reason: String?
  var reconnectAfterMilliseconds: Int?
  var kind: String?
  var from: String?
  var name: String?
  var body: String?
  var agent: String?
  var to: String?
  var skill: String?
  var by: String?
  var on: Bool?
  var online: Bool?
  var recovered: Bool?
  var messages: [HistoryMessage]?
  var more: Bool?

  /// One message of a history page; its session is that of the page.
  struct HistoryMessage: Decodable, Sendable {
    var seq: UInt64
    var id: String?
    var from: String?
    var role: String?
    var name: String?
    var kind: String?
    var body: String
    var time: UInt64?
  }

  /// The longest wait, and the longest heartbeat, that a server is believed: an hour, in milliseconds.
  static let longestWait = 3_600_000
  /// The last sequence, and the last time, that a server is believed: what every reader of JSON has exactly.
  static let lastNumber: UInt64 = 1 << 53

  /// - Throws: when it is no frame of the protocol.
  init(text: String) throws {
    self = try JSONDecoder().decode(ReceivedFrame.self, from: Data(text.utf8))
    let numbers = [seq, time].compactMap(\.self) + (messages ?? []).flatMap { [$0.seq, $0.time ?? 0] }
    guard numbers.allSatisfy({ $0 <= Self.lastNumber }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "a sequence or a time above \(Self.lastNumber)"))
    }
  }

  enum CodingKeys: String, CodingKey {
    case type, id, session, seq, time, state, position, agents, code, message, node, nodes, user
    case role, reason, kind, from, name, body, agent, to, skill, by, recovered, messages, more, on, online
    case clientURL = "client_url"
    case etaMilliseconds = "eta_ms"
    case retryAfterMilliseconds = "retry_after_ms"
    case heartbeatMilliseconds = "heartbeat_ms"
    case reconnectAfterMilliseconds = "reconnect_after_ms"
  }
}

extension ReceivedFrame.Node: Decodable {
  enum CodingKeys: String, CodingKey {
    case id, name, node, url
    case clientURL = "client_url"
  }

  /// A node is told by its name alone, or as an object with the address where its clients connect.
  init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self.init(name: name, url: nil)
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    var name: String?
    for key in [CodingKeys.node, .name, .id] where name == nil {
      name = try? values.decode(String.self, forKey: key)
    }
    let url =
      (try? values.decode(String.self, forKey: .url)) ?? (try? values.decode(String.self, forKey: .clientURL))
    guard let name else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a node without a name"))
    }
    self.init(name: name, url: url)
  }
}
