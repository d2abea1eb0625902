package import Desk
package import Kernel

/// A frame from the server. Every field but `type` may be missing; what a type needs is checked where it is used.
package struct ReceivedFrame: Sendable {
  struct Node: Sendable, Equatable {
    var name: String
    var url: String?
  }

  /// One message of a history page; its session is that of the page.
  struct HistoryMessage: Sendable {
    var seq: UInt64 = 0
    var id: String?
    var from: String?
    var role: String?
    var name: String?
    var kind: String?
    var body = ""
    var time: UInt64?
  }

  /// The longest wait, and the longest heartbeat, that a server is believed: an hour, in milliseconds.
  static let longestWait = 3_600_000
  /// The last sequence, and the last time, that a server is believed: what every reader of JSON has exactly.
  static let lastNumber: UInt64 = 1 << 53

  package private(set) var type = ""
  package internal(set) var id: String?
  package internal(set) var session: String?
  package internal(set) var seq: UInt64?
  var time: UInt64?
  var state: String?
  var position: Int?
  var etaMilliseconds: Int?
  var etaLow: Int?
  var etaHigh: Int?
  /// Of ten, one waits less than this range says, and one more.
  var etaRange: ClosedRange<Int>? {
    guard let etaLow, let etaHigh, etaLow <= etaHigh else { return nil }
    return etaLow...etaHigh
  }
  var agents: [String]?
  package internal(set) var code: String?
  var message: String?
  var retryAfterMilliseconds: Int?
  var node: String?
  /// Where clients of that node connect.
  var clientURL: String?
  var nodes: [Node]?
  package internal(set) var user: String?
  package internal(set) var role: String?
  var heartbeatMilliseconds: Int?
  var inMilliseconds: Int?
  var reason: String?
  var reconnectAfterMilliseconds: Int?
  package internal(set) var kind: String?
  package internal(set) var from: String?
  var name: String?
  var body: String?
  package internal(set) var agent: String?
  var to: String?
  var skill: String?
  var by: String?
  var on: Bool?
  var online: Bool?
  package internal(set) var recovered: Bool?
  /// Sent before on this connection, and not confirmed in time.
  package private(set) var resent: Bool?
  var messages: [HistoryMessage]?
  var more: Bool?
  var complete: Bool?
  /// To a query; nil as well where its fields are not those that are declared.
  package private(set) var answer: QueryAnswer?
  /// Of an event.
  var event: DeclaredEvent?
  /// What the node takes.
  var limits: ServerLimits?

  /// - Throws: when it is no frame of the protocol.
  package init(text: String) throws(JSONFault) {
    try self.init(bytes: Array(text.utf8))
  }

  /// - Throws: when it is no frame of the protocol.
  package init(bytes: [UInt8]) throws(JSONFault) {
    var frame: ReceivedFrame?
    var fault: JSONFault?
    bytes.withUnsafeBytes { text in
      do throws(JSONFault) { frame = try ReceivedFrame(text) } catch { fault = error }
    }
    guard let frame else { throw fault ?? JSONFault(position: 0, reason: "it is empty") }
    self = frame
  }

  /// - Parameter text: only read during the call.
  /// - Throws: when it is no frame of the protocol.
  package init(_ text: UnsafeRawBufferPointer) throws(JSONFault) {
    guard text.count < Int(Int32.max), isValidUTF8(text) else {
      throw JSONFault(position: 0, reason: "it is not UTF-8")
    }
    let fields = JSONFields(text)
    var frame = ReceivedFrame()
    var isTyped = false
    var reader = JSONReader(text)
    try reader.members(depth: 1) { name, value throws(JSONFault) in
      if try frame.set(fields.name(name), value, fields) { isTyped = true }
    }
    try reader.expectEnd()
    guard isTyped else { throw reader.fault("`type` is missing") }
    if frame.type == "event", let kind = frame.kind, !Self.ownEvents.contains(kind) {
      frame.event = DeclaredEvent(kind, text)
    }
    if let type = Operations.answer(named: frame.type) { frame.answer = QueryAnswer(type, reading: text) }
    self = frame
  }

  private init() {}

  /// All that it says of people, and in words.
  package var texts: [String] {
    let own = [user, from, name, by, agent, to, body, message, reason, event?.json].compactMap { $0 }
    let said = (messages ?? []).flatMap { [$0.from, $0.name, $0.body].compactMap { $0 } }
    return own + said + (agents ?? [])
  }

  /// The kinds that have a case of `ClientEvent`.
  private static let ownEvents: Set<String> = [
    "queued", "assigned", "transferred", "closed", "typing", "read", "presence", "resumed", "lost",
  ]

  /// - Returns: whether it was the type.
  private mutating func set(
    _ name: String, _ value: JSONValue, _ fields: JSONFields
  ) throws(JSONFault) -> Bool {
    switch name {
    case "type":
      guard let type = try fields.text(value) else { return false }
      self.type = type
      return true
    case "id": id = try fields.text(value)
    case "session": session = try fields.text(value)
    case "seq": seq = try fields.count(value, limit: Self.lastNumber)
    case "time": time = try fields.count(value, limit: Self.lastNumber)
    case "state": state = try fields.text(value)
    case "position": position = try fields.number(value)
    case "eta_ms": etaMilliseconds = try fields.number(value)
    case "eta_low_ms": etaLow = try fields.number(value)
    case "eta_high_ms": etaHigh = try fields.number(value)
    case "agents": agents = try fields.texts(value)
    case "code": code = try fields.text(value)
    case "message": message = try fields.text(value)
    case "retry_after_ms": retryAfterMilliseconds = try fields.number(value)
    case "node": node = try fields.text(value)
    case "client_url": clientURL = try fields.text(value)
    case "nodes": nodes = try fields.nodes(value)
    case "user": user = try fields.text(value)
    case "role": role = try fields.text(value)
    case "heartbeat_ms": heartbeatMilliseconds = try fields.number(value)
    case "in_ms": inMilliseconds = try fields.number(value)
    case "reason": reason = try fields.text(value)
    case "reconnect_after_ms": reconnectAfterMilliseconds = try fields.number(value)
    case "kind": kind = try fields.text(value)
    case "from": from = try fields.text(value)
    case "name": self.name = try fields.text(value)
    case "body": body = try fields.text(value)
    case "agent": agent = try fields.text(value)
    case "to": to = try fields.text(value)
    case "skill": skill = try fields.text(value)
    case "by": by = try fields.text(value)
    case "on": on = try fields.flag(value)
    case "online": online = try fields.flag(value)
    case "recovered": recovered = try fields.flag(value)
    case "resent": resent = try fields.flag(value)
    case "messages": messages = try fields.messages(value)
    case "more": more = try fields.flag(value)
    case "complete": complete = try fields.flag(value)
    case "limits": limits = try fields.limits(value)
    // What a newer server says besides is not for this client.
    default: break
    }
    return false
  }
}
