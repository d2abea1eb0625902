internal import Desk
internal import Foundation
internal import Protocol

/// `GET /v1/cluster/status`: the replica's report; that nobody leads is said by a null, not by silence.
struct StatusDocument: Encodable {
  var status: ClusterStatus

  private enum Key: String, CodingKey { case leader }

  func encode(to encoder: any Encoder) throws {
    try status.encode(to: encoder)
    if status.leader == nil {
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeNil(forKey: .leader)
    }
  }
}

struct SessionDocument: Encodable {
  struct Customer: Encodable {
    var id: String
    var name: String
  }
  var session: String
  var state: String
  var seq: UInt64
  /// Both only while it is queued.
  var position: Int?
  var etaMs: Int?
  /// Only while it is queued and passed over, for its customer is gone.
  var customerAway: Bool?
  var agents: [String]
  var customer: Customer
  var channel: String
  var skill: String
  var intent: String
  var priority: Int32
  /// Without members; they are put in as text (`AttributeText`).
  var attributes: [String: String] = [:]
  var owner: String
  /// For those who watch over the cluster; people who talk have no use for it.
  var epoch: UInt64?
  var openedAt: String
  var updatedAt: String
  var closedAt: String?
  var closeReason: String?

  init(_ detail: SessionDetail, showsEpoch: Bool) {
    let summary = detail.summary
    session = summary.session.text
    state = summary.state.rawValue
    seq = summary.sequence.rawValue
    position = summary.state == .queued ? summary.position : nil
    etaMs = summary.state == .queued ? summary.etaMilliseconds : nil
    customerAway = detail.customerIsAway ? true : nil
    agents = summary.agents.map(\.rawValue)
    customer = Customer(id: detail.customer.id, name: detail.customer.name)
    channel = detail.channel
    skill = detail.skill
    intent = detail.intent
    priority = detail.priority
    owner = detail.owner
    epoch = showsEpoch ? detail.epoch.rawValue : nil
    openedAt = Timestamp.text(detail.openedAt)
    updatedAt = Timestamp.text(detail.updatedAt)
    closedAt = detail.closedAt.map(Timestamp.text)
    closeReason = detail.closeReason
  }
}

struct MessagesDocument: Encodable {
  struct Message: Encodable {
    var seq: UInt64
    var id: String
    var from: String
    var role: String
    var name: String
    var kind: String
    var body: String
    var time: String
  }
  var session: String
  var messages: [Message]
  var more: Bool

  init(_ session: SessionID, _ page: MessagePage) {
    self.session = session.text
    messages = page.messages.map { message in
      Message(
        seq: message.sequence.rawValue, id: message.id, from: message.sender.id, role: message.sender.role.name,
        name: message.sender.name, kind: message.kind.name, body: String(decoding: message.body, as: UTF8.self),
        time: Timestamp.text(message.time))
    }
    more = page.more
  }
}

struct AgentsDocument: Encodable {
  struct Skill: Encodable {
    var skill: String
    var weight: Double
  }
  struct Agent: Encodable {
    var id: String
    var name: String
    var status: String
    var skills: [Skill]
    var capacity: UInt32
    var chats: [String]
    var nodes: [String]
  }
  var agents: [Agent]

  init(_ details: [AgentDetail]) {
    agents = details.map { detail in
      Agent(
        id: detail.id.rawValue, name: detail.name, status: detail.status.name,
        skills: detail.skills.map { Skill(skill: $0.skill, weight: Double($0.weight) / 1000) },
        capacity: detail.capacity, chats: detail.chats.map(\.text), nodes: detail.presences)
    }
  }
}
