extension ArchivedChunk {
  /// Messages as a chunk, for those who have them from somewhere else than a state.
  /// - Parameter messages: ascending, without gaps, the first at the beginning of a chunk, 64 at the most.
  /// - Returns: nil for others, and for a message that is older than the session.
  package init?(of messages: [Message], in session: SessionID, openedAt: UInt64) {
    guard let first = messages.first?.sequence.rawValue, messages.count <= MessageChunk.capacity,
      first % UInt64(MessageChunk.capacity) == 1,
      let number = UInt32(exactly: first / UInt64(MessageChunk.capacity))
    else { return nil }
    var people: [Person] = []
    var chunk = MessageChunk()
    for (place, message) in messages.enumerated() {
      guard message.sequence.rawValue == first + UInt64(place), message.time >= openedAt else { return nil }
      let sender = people.firstIndex(of: message.sender) ?? people.count
      if sender == people.count { people.append(message.sender) }
      chunk.append(
        age: message.time - openedAt, kind: message.kind, sender: sender, id: message.id, body: message.body)
    }
    self.init(session: session, number: number, openedAt: openedAt, people: people, chunk: chunk)
  }
}
