package import Desk

/// What a program that follows a desk is told, in order.
public enum DeskFollowerEvent: Sendable, Hashable {
  /// A node tells what happens. `resumed` is false for the first time.
  case connected(url: String, resumed: Bool)
  /// The node tells no more, and another try follows after the delay.
  case disconnected(reason: String, retryInMilliseconds: Int)
  /// What has happened since the last update is not known. The next update is the desk's state.
  case missed
  /// Something has happened, each thing once.
  case update(DeskUpdate)
}

/// One thing that has happened in a desk.
public struct DeskUpdate: Sendable, Hashable {
  /// Its place in the log, the same on all nodes: whoever keeps it goes on behind it later.
  public let id: String
  /// When, in UTC as RFC 3339 has it, with milliseconds.
  public let time: String
  /// The conversation that it is about; nil: none.
  public let session: String?
  /// What has happened.
  public let change: DeskChange
  /// The kind, for instance `opened`.
  public let kind: String
  /// All of it as the node has sent it: a JSON object. Of kinds that are not known to this client, too.
  public let json: String

  /// The event by its type; nil: it is another one.
  package func opened<News: DeskNews>(as _: News.Type) -> News? {
    kind == "\(News.name)" ? News.fields.reading(json) : nil
  }
}

/// What has happened in a desk.
public enum DeskChange: Sendable, Hashable {
  /// What the desk holds: the first update, and the first behind something that was missed.
  case state(DeskFigures)
  /// A customer has opened the conversation; `queued` or `assigned` follows.
  case opened(customer: String, name: String, channel: String, skill: String, priority: Int)
  /// The conversation waits for a free agent.
  case queued(position: Int, etaMilliseconds: Int, range: ClosedRange<Int>?)
  /// An agent serves the conversation from now on.
  case assigned(agent: String, name: String)
  /// Somebody has handed the conversation on; `from` is nil when it was waiting. `assigned` or `queued` follows.
  case transferred(from: String?, to: TransferTarget)
  /// The agent did not come back in time and has lost the conversation; `assigned` or `queued` follows.
  case released(agent: String)
  /// So many agents, one behind the other, have declined or missed a conversation that waits.
  case unclaimed(offers: Int)
  /// The customer is nowhere connected.
  case left(customer: String)
  /// The customer is there again.
  case returned(customer: String)
  /// The conversation is over.
  case closed(by: String, reason: String)
  /// An agent is not what it was.
  case agent(AgentFigures)
  /// Something else: `kind` and `json` say what.
  case other
}

/// How much a desk holds.
public struct DeskFigures: Sendable, Hashable {
  /// The desk's name.
  public let desk: String
  /// Whether customers may open conversations.
  public let isOpen: Bool
  /// Conversations that are served.
  public let active: Int
  /// Conversations that wait.
  public let queued: Int
  /// Agents who are online.
  public let online: Int
  /// Agents who are busy.
  public let busy: Int
  /// Agents who are away.
  public let away: Int
}

/// What an agent is now.
public struct AgentFigures: Sendable, Hashable {
  /// Who: the `sub` of its token.
  public let agent: String
  /// The agent's name.
  public let name: String
  /// How available it is.
  public let availability: AgentAvailability
  /// So many of its connections are there, on all nodes.
  public let connections: Int
  /// What it knows.
  public let skills: [String]
  /// Conversations that it serves at a time.
  public let capacity: Int
  /// Conversations that it serves now.
  public let chats: Int
}
