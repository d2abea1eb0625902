/// What a client asks for, as the node takes it.
package enum DeskRequest: Sendable {
  case open(OpenRequest)
  /// Follow a session from after `after`: answered by `.joined` (or an error), then the messages.
  case join(SessionID, after: Sequence)
  /// As `join`, for a client that comes back: what cannot be resumed is answered by `.resumed(recovered: false)`.
  case resume(SessionID, after: Sequence)
  case send(SessionID, id: String, body: [UInt8])
  /// Whatever is declared as a `DeskOperation`.
  /// - Parameter stays: whether the connection that asks is there for longer than the answer.
  case arrange(DeskRecord, stays: Bool)
  /// Whatever is declared as a `SessionOperation`.
  case perform(OperationRecord)
  /// Whatever is declared as a `ClusterOperation`.
  case govern(ClusterRecord)
  case history(SessionID, TranscriptRange, limit: Int)
  /// Whatever is declared as a `Query`.
  case query(QueryRequest)
  /// Somebody types, or no longer. No reply.
  case typing(SessionID, isOn: Bool)
  /// Everything up to there was read. No reply.
  case read(SessionID, Sequence)
  /// The connection is gone: it follows nothing any more, and its presence ends. No reply.
  case disconnected
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
