import Desk
import Protocol

@testable import Node

/// What clients of a node were told, in order.
struct Clients {
  private(set) var deliveries: [(sink: Int, delivery: Delivery)] = []

  mutating func take(_ batches: [[Delivery]]) {
    for (sink, batch) in batches.enumerated() { deliveries += batch.map { (sink, $0) } }
  }

  mutating func forget() { deliveries = [] }

  var replies: [(tag: UInt32, reply: Reply)] {
    deliveries.compactMap { if case .reply(_, let tag, let reply) = $0.delivery { (tag, reply) } else { nil } }
  }

  /// The acknowledged sequences by the tag of the request, in the order in which they came.
  var acks: [(tag: UInt32, sequence: UInt64)] {
    replies.compactMap {
      if case .acknowledged(_, let sequence, _) = $0.reply { ($0.tag, sequence.rawValue) } else { nil }
    }
  }

  var failures: [(tag: UInt32, failure: Failure)] {
    replies.compactMap { if case .failed(let failure) = $0.reply { ($0.tag, failure) } else { nil } }
  }

  /// How often all were sent to look for another node for want of a majority.
  var redirections: Int {
    deliveries.count { if case .disperse("no_quorum", _) = $0.delivery { true } else { false } }
  }

  /// All that one connection was told, each in a word or two, in order.
  func told(_ connection: ConnectionID) -> [String] {
    deliveries.compactMap { sink, delivery in
      guard sink == Int(connection.sink) else { return nil }
      switch delivery {
      case .reply(connection, _, let reply): return Self.words(reply)
      case .message(_, let message, let to) where to.contains(connection):
        return "message \(message.sequence.rawValue)"
      case .event(_, let event, let to) where to.contains(connection): return Self.words(event)
      case .goaway(connection, let reason, let node, _): return "goaway \(reason) \(node ?? "")"
      case .reply, .message, .event, .goaway, .disperse: return nil
      }
    }
  }

  private static func words(_ reply: Reply) -> String {
    switch reply {
    case .opened: "opened"
    case .joined: "joined"
    case .missed(_, let messages): "missed " + words(messages)
    case .resumed(_, let recovered): recovered ? "resumed" : "not resumed"
    case .gap: "not resumed"
    case .acknowledged(_, let sequence, _): "ack \(sequence.rawValue)"
    case .done: "done"
    case .history(_, let messages, let more, let isCut):
      "history " + words(messages) + (more ? " and more" : "") + (isCut ? " and not all" : "")
    case .answer(let answer): words(answer.record)
    case .failed(let failure): failure.code.rawValue
    }
  }

  private static func words(_ record: any AnswerRecord) -> String {
    if let own = record as? OwnSessions {
      return (["sessions"] + own.sessions.map { $0.session.text }).joined(separator: " ")
        + (own.more ? " and more" : "")
    }
    if let page = record as? DeskPage { return "desks \(page.desks.count)" }
    return "\(type(of: record).name)"
  }

  private static func words(_ messages: [Transcribed]) -> String {
    messages.map { String($0.sequence.rawValue) }.joined(separator: " ")
  }

  private static func words(_ event: SessionEvent) -> String {
    switch event {
    case .queued: "queued"
    case .assigned(let agent, _): "assigned \(agent)"
    case .transferred: "transferred"
    case .closed: "closed"
    case .typing(let person, _, let isOn): "typing \(person) \(isOn)"
    case .read(let person, let sequence): "read \(person) \(sequence.rawValue)"
    case .presence(let person, let isOnline): (isOnline ? "+" : "-") + person.id
    case .news(let news): "news \(news.number)"
    }
  }
}
