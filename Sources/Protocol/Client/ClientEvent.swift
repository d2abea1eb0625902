/// What a connection tells whoever listens to `events`.
public enum ClientEvent: Sendable, Hashable {
  /// A node said welcome. `resumed` is false for the first time.
  case connected(node: String, url: String, resumed: Bool)
  /// The connection is lost, and another try follows after the delay.
  case disconnected(reason: String, retryInMilliseconds: Int)
  /// A message by somebody else, each one once.
  case message(ChatMessage)
  /// The conversation waits for a free agent. Of ten who are told the range, in milliseconds, one waits less and one more; nil:
  /// nothing can be said.
  case queued(session: String, position: Int, etaMilliseconds: Int, range: ClosedRange<Int>?)
  /// An agent is asked whether it serves the conversation: `accept` or `decline` it before the time is over. It is told again to an
  /// agent who comes back, with the time that is left.
  case offered(session: String, ConversationOffer)
  /// An agent is asked no longer: `declined`, `missed`, `lost` (it was not there) or `withdrawn`.
  case offerEnded(session: String, agent: String, number: Int, reason: String)
  /// An agent serves the conversation from now on.
  case assigned(session: String, agent: String, name: String)
  /// Somebody has handed the conversation on; the next event says who serves it, or that it waits. Whoever gave it
  /// away (nil: it was waiting) hears no more of it.
  case transferred(session: String, from: String?, to: TransferTarget)
  /// The conversation is over.
  case closed(session: String, by: String, reason: String)
  /// What was missed in this conversation cannot be brought back by resuming: read its history anew.
  case historyLost(session: String)
  /// The cluster cannot take a request now; it is sent again, with the same id, after the delay.
  case retrying(id: String, code: String, message: String, afterMilliseconds: Int)
  /// A complaint of the server that belongs to no open request.
  case serverError(code: String, message: String)
  /// Somebody else types, or no longer. While it goes on it is told again every two seconds; it may get lost.
  case typing(session: String, by: String, name: String, isOn: Bool)
  /// Somebody else has read everything up to there.
  case read(session: String, by: String, sequence: UInt64)
  /// Somebody else of the conversation is connected, or has not been for some seconds. It is told again, unchanged, to
  /// a connection that is new.
  case presence(session: String, user: String, name: String, role: String, isOnline: Bool)
  /// What an operation has told, by its declaration.
  case declared(session: String, DeclaredEvent)
}

/// To whom a conversation is handed on.
public enum TransferTarget: Sendable, Hashable {
  /// The agent of that id (the `sub` of its token).
  case agent(String)
  /// Whoever has that skill.
  case skill(String)
}

/// Why a request or a whole connection has failed for good.
public enum ClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The server refused the request; the code is one of the protocol's.
  case refused(code: String, message: String)
  /// The server ended the connection and another try would end the same way.
  case closedByServer(code: Int, reason: String)
  /// No answer in the time given for the request. It may have had its effect; sending it again with the same id
  /// is safe.
  case timedOut
  /// The connection was shut down by this side.
  case shutDown
  /// The address of a node is not `ws://host:port` or `http://host:port`, nor `wss://` or `https://`.
  case badURL(String)
  /// The server's answer lacks what the protocol promises.
  case badAnswer(String)
  /// The file with the authorities that a client is to believe cannot be used.
  case badTrust(String)

  /// For people.
  public var description: String {
    switch self {
    case .refused(let code, let message): message.isEmpty ? code : "\(code): \(message)"
    case .closedByServer(let code, let reason): "the server closed the connection for good (\(code) \(reason))"
    case .timedOut: "no answer in time"
    case .shutDown: "the connection was shut down"
    case .badURL(let url):
      "\(url) is no node's address: write http://host:port, https://host:port, or ws:// or wss://"
    case .badTrust(let why): why
    case .badAnswer(let what): "the server's answer is not of the protocol: \(what)"
    }
  }
}
