package import Desk

/// A client's connection on this node: its gateway loop, and its number since the node's start.
package struct ConnectionID: Hashable, Sendable {
  /// Which sink (gateway loop) serves it.
  package var sink: UInt16
  /// Never used twice while the process lives; from 1.
  package var number: UInt64
  package init(sink: UInt16, number: UInt64) {
    self.sink = sink
    self.number = number
  }
}

/// What a gateway asks of the replica in the name of a connection. Requests of one connection are taken in order.
package struct ClientRequest: Sendable {
  package var connection: ConnectionID
  /// Handed back in the reply; chosen by the gateway, for instance a slot of the connection's open requests.
  package var tag: UInt32
  package var person: Person
  package var body: Body

  package init(connection: ConnectionID, tag: UInt32, person: Person, body: Body) {
    self.connection = connection
    self.tag = tag
    self.person = person
    self.body = body
  }

  package enum Body: Sendable {
    case open(OpenRequest)
    /// Follow a session from after `after`: answered by `.joined` (or an error), then the messages.
    case join(SessionID, after: Sequence)
    /// As `join`, for a client that comes back: what cannot be resumed is answered by `.resumed(recovered: false)`.
    case resume(SessionID, after: Sequence)
    case send(SessionID, id: String, body: [UInt8])
    case status(AgentStatus, skills: [SkillWeight]?, capacity: UInt32?)
    case close(SessionID, reason: String)
    /// Hand the session on; the id is remembered with it.
    case transfer(SessionID, id: String, to: TransferSession.Target)
    case history(SessionID, HistoryRange, limit: Int)
    /// The open sessions of whoever asks.
    case sessions(limit: Int)
    /// Somebody types, or no longer. No reply.
    case typing(SessionID, isOn: Bool)
    /// Everything up to there was read. No reply.
    case read(SessionID, Sequence)
    /// The connection is gone: it follows nothing any more, and its presence ends. No reply.
    case disconnected
  }
}

package struct OpenRequest: Sendable {
  package var id: String
  package var channel: String
  package var skill: String
  package var intent: String
  package var priority: Int32
  package var attributes: [Attribute]
  package init(
    id: String, channel: String, skill: String, intent: String, priority: Int32, attributes: [Attribute]
  ) {
    self.id = id
    self.channel = channel
    self.skill = skill
    self.intent = intent
    self.priority = priority
    self.attributes = attributes
  }
}

package enum HistoryRange: Hashable, Sendable {
  /// The first messages after this one, ascending.
  case after(Sequence)
  /// The last messages before this one, ascending.
  case before(Sequence)
  /// The first messages at or after this time (ms since 1970), ascending.
  case since(UInt64)

  package var isBackwards: Bool {
    switch self {
    case .before: true
    case .after, .since: false
    }
  }
}
