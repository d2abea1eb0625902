internal import Desk
internal import Foundation
internal import Protocol

/// `GET /v1/sessions/{session}`: the members of `head` and `rest` in one object.
struct SessionDocument: Encodable {
  struct Customer: Encodable {
    var id: String
    var name: String
  }
  struct Rest: Encodable {
    /// Only while it is queued and passed over, for its customer is gone.
    var customerAway: Bool?
    var customer: Customer
    var intent: String
    var priority: Int32
    /// Without members; they are put in as text (`AttributeText`).
    var attributes: [String: String] = [:]
    var owner: String
    /// For those who watch over the cluster; people who talk have no use for it.
    var epoch: UInt64?
    var closedAt: String?
    var closeReason: String?
  }
  var head: SessionHead
  var rest: Rest

  init(_ detail: SessionDetail, showsEpoch: Bool) {
    head = SessionHead(
      detail.summary, channel: detail.channel, skill: detail.skill, openedAt: detail.openedAt,
      updatedAt: detail.updatedAt)
    rest = Rest(
      customerAway: detail.customerIsAway ? true : nil,
      customer: Customer(id: detail.customer.id, name: detail.customer.name), intent: detail.intent,
      priority: detail.priority, owner: detail.owner,
      epoch: showsEpoch && !detail.owner.isEmpty ? detail.epoch.rawValue : nil,
      closedAt: detail.closedAt.map(Timestamp.text), closeReason: detail.closeReason)
  }

  func encode(to encoder: any Encoder) throws {
    try head.encode(to: encoder)
    try rest.encode(to: encoder)
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
  /// Said where it is false.
  var complete: Bool?
  var next: String?

  init(_ session: SessionID, _ page: MessagePage, next: PageCursor?) {
    self.next = next?.text
    self.session = session.text
    messages = page.messages.map { message in
      Message(
        seq: message.sequence.rawValue, id: message.id, from: message.sender.id, role: message.sender.role.name,
        name: message.sender.name, kind: message.kind.name, body: String(decoding: message.body, as: UTF8.self),
        time: Timestamp.text(message.time))
    }
    more = page.more
    complete = page.isCut ? false : nil
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
    /// Left out where there are none, as below.
    var offers: [String]?
    var wrappingUp: [String]?
    var nodes: [String]
  }
  var agents: [Agent]
  var next: String?

  init(_ page: AgentPage, next: PageCursor?) {
    self.next = next?.text
    agents = page.agents.map { detail in
      Agent(
        id: detail.id.rawValue, name: detail.name, status: detail.status.name,
        skills: detail.skills.map { Skill(skill: $0.skill, weight: Double($0.weight) / 1000) },
        capacity: detail.capacity, chats: detail.chats.map(\.text), offers: Self.texts(detail.offers),
        wrappingUp: Self.texts(detail.wrappingUp), nodes: detail.presences)
    }
  }

  private static func texts(_ sessions: [SessionID]) -> [String]? {
    sessions.isEmpty ? nil : sessions.map(\.text)
  }
}
