/// One message of a conversation.
public struct ChatMessage: Sendable, Hashable {
  /// The conversation it belongs to.
  public var session: String
  /// Its place in the conversation, from 1, without gaps.
  public var sequence: UInt64
  /// The id its sender gave it.
  public var id: String
  /// The `sub` of the sender's token.
  public var from: String
  /// `customer`, `agent`, `supervisor` or `admin`.
  public var role: String
  /// The sender's name, for display.
  public var name: String
  /// What sort of message it is, `text` for what people say.
  public var kind: String
  /// The text itself.
  public var body: String
  /// When a quorum of the cluster stored it, in milliseconds since 1970.
  public var time: UInt64

  /// Makes a message out of its parts.
  public init(
    session: String, sequence: UInt64, id: String, from: String, role: String, name: String, kind: String,
    body: String, time: UInt64
  ) {
    self.session = session
    self.sequence = sequence
    self.id = id
    self.from = from
    self.role = role
    self.name = name
    self.kind = kind
    self.body = body
    self.time = time
  }

  init(_ message: ReceivedFrame.HistoryMessage, session: String) {
    self.init(
      session: session, sequence: message.seq, id: message.id ?? "", from: message.from ?? "",
      role: message.role ?? "", name: message.name ?? message.from ?? "", kind: message.kind ?? "text",
      body: message.body, time: message.time ?? 0)
  }

  /// Nil when the frame lacks what a message must have.
  init?(_ frame: ReceivedFrame) {
    guard let session = frame.session, let sequence = frame.seq, let body = frame.body else { return nil }
    self.init(
      session: session, sequence: sequence, id: frame.id ?? "", from: frame.from ?? "", role: frame.role ?? "",
      name: frame.name ?? frame.from ?? "", kind: frame.kind ?? "text", body: body, time: frame.time ?? 0)
  }
}
