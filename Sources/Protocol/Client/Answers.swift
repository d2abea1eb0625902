package import Desk

/// The proof that a message is on the disks of a quorum of the cluster.
public struct Acknowledgement: Sendable, Hashable {
  /// The id the message was sent with.
  public var id: String
  /// The conversation.
  public var session: String
  /// The message's place in the conversation.
  public var sequence: UInt64
  /// When it was stored, in milliseconds since 1970.
  public var time: UInt64

  package init(id: String, session: String, sequence: UInt64, time: UInt64) {
    self.id = id
    self.session = session
    self.sequence = sequence
    self.time = time
  }
}

/// A conversation as the cluster told it when it was opened or joined.
public struct SessionSnapshot: Sendable, Hashable {
  /// The conversation's id.
  public var session: String
  /// `queued`, `active` or `closed`.
  public var state: String
  /// The place in the queue, from 1; 0 when it is not queued.
  public var position: Int
  /// The expected wait in milliseconds; 0 when it is not known or not queued.
  public var etaMilliseconds: Int
  /// Of ten who are told this, one waits less, in milliseconds, and one more; nil when nothing can be said.
  public var etaRange: ClosedRange<Int>?
  /// The agents who serve it.
  public var agents: [String]
  /// The last message's sequence, when the cluster told it.
  public var sequence: UInt64?
}

extension Queued {
  /// - Returns: nil: nothing is said.
  static func range(_ low: UInt64?, _ high: UInt64?) -> ClosedRange<Int>? {
    guard let low, let high, low <= high else { return nil }
    return Int(clamping: low)...Int(clamping: high)
  }
}

/// A part of a conversation's history, in order of sequence.
public struct HistoryPage: Sendable, Hashable {
  /// The messages, oldest first.
  public var messages: [ChatMessage]
  /// Whether the cluster has more in that direction.
  public var more: Bool
  /// false where what was asked for begins with messages that the cluster keeps no more.
  public var isComplete: Bool
}

/// One's own conversations that are not closed.
public struct OpenSessions: Sendable, Hashable {
  /// The newest first.
  public var sessions: [SessionSnapshot]
  /// Whether there are older ones.
  public var more: Bool

  package init(_ own: OwnSessions) {
    sessions = own.sessions.map { session in
      SessionSnapshot(
        session: session.session.text, state: session.state, position: Int(clamping: session.position),
        etaMilliseconds: Int(clamping: session.eta),
        etaRange: Queued.range(session.etaLow, session.etaHigh), agents: session.agents,
        sequence: session.seq.rawValue)
    }
    more = own.more
  }
}

/// How available an agent says to be.
public enum AgentAvailability: String, Sendable, Hashable, CaseIterable {
  /// Takes new conversations.
  case online
  /// Takes no new ones for now.
  case busy
  /// Not there for a moment.
  case away
  /// Not at work.
  case offline
}
