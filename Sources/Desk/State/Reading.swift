internal import Kernel

/// What the shell asks of the state. Nothing here changes it.
extension DeskState {
  package func session(_ id: SessionID) -> Session? { sessionTable[id] }

  /// Who may write to a session now. Cheap: asked for every message.
  package func owner(of id: SessionID) -> (server: ServerID, epoch: Epoch, isClosed: Bool)? {
    // The state is compared outside: inside, the compiler takes a copy of the session.
    sessionTable.read(id) { ($0.owner, $0.epoch, $0.state) }.map { ($0, $1, $2 == .closed) }
  }

  /// The message of that person with this id, if the session has it.
  package func stored(
    _ id: SessionID, messageID: String, by sender: Person
  ) -> (Sequence, time: UInt64)? {
    sessionTable.read(id) { session -> (Sequence, time: UInt64)? in
      guard let number = session.transcript.sequence(ofID: messageID, by: sender) else { return nil }
      return (Sequence(UInt64(number)), session.openedAt &+ (session.transcript.age(at: number) ?? 0))
    } ?? nil
  }

  package func message(_ id: SessionID, at sequence: Sequence) -> Message? {
    sessionTable.read(id) { $0.message(at: sequence) } ?? nil
  }

  /// A part of a transcript; nil: there is no such session.
  /// - Parameters:
  ///   - limit: messages at the most.
  ///   - bytes: about so many at the most, `TranscriptPage.overhead` for each message included; at least one message.
  package func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int = .max
  ) -> TranscriptPage? {
    sessionTable.read(id) { $0.page(range, limit: limit, bytes: bytes) }
  }

  /// The last sequence of a session.
  package func sequence(of id: SessionID) -> Sequence? { sessionTable.read(id) { $0.sequence } }

  /// The first messages after a sequence, ascending; none for a session that does not exist.
  package func messages(_ id: SessionID, after sequence: Sequence, limit: Int) -> [Message] {
    page(id, .after(sequence), limit: limit)?.messages ?? []
  }

  /// The last messages before a sequence, ascending.
  package func messages(_ id: SessionID, before sequence: Sequence, limit: Int) -> [Message] {
    page(id, .before(sequence), limit: limit)?.messages ?? []
  }

  /// The first messages at or after a time (ms since 1970), ascending.
  package func messages(_ id: SessionID, since time: UInt64, limit: Int) -> [Message] {
    page(id, .since(time), limit: limit)?.messages ?? []
  }

  /// The place of a queued session in its line, also of one that is passed over: that which it would have; nil: it is
  /// not queued. O(log n), but for stepping over the line's chunks.
  package func position(of id: SessionID) -> QueueStanding? {
    guard let found = sessionTable.read(id, { ($0.state, $0.queuePlace(at: level), $0.skill) }),
      found.0 == .queued
    else {
      return nil
    }
    return lineTable.read(TextKey(found.2)) { $0.standing(of: found.1, at: level) }
      ?? QueueStanding(position: 1, eta: nil)
  }

  /// The queued sessions of a skill in the order in which they will be served ("": of those without a skill).
  /// - Parameter limit: sessions at the most.
  package func queue(of skill: String, limit: Int = .max) -> [SessionID] {
    lineTable.read(TextKey(skill)) { $0.first(limit).map(\.session) } ?? []
  }

  package func agent(_ id: AgentID) -> Agent? { agentTable[id] }

  /// All agents, sorted by id.
  package func agents() -> [Agent] { agentTable.sortedKeys.compactMap { agentTable[$0] } }

  /// As `sessions(of:)`, a part of them.
  ///
  /// - Parameters:
  ///   - after: only those behind this one; nil: from the first one on.
  ///   - limit: so many at the most.
  package func chats(of agent: AgentID, after: SessionID?, limit: Int) -> [SessionID] {
    agentTable.read(agent) { $0.chatSet.prefix(limit, after: after) } ?? []
  }

  /// As `chats(of:after:limit:)`, with those to which it is invited.
  package func followed(by agent: AgentID, after: SessionID?, limit: Int) -> [SessionID] {
    agentTable.read(agent) { agent in
      let chats = agent.chatSet.prefix(limit, after: after)
      guard !agent.invitedSet.isEmpty else { return chats }
      return Array((chats + agent.invitedSet.prefix(limit, after: after)).sorted().prefix(limit))
    } ?? []
  }

  /// The active sessions that an agent serves, sorted.
  package func sessions(of agent: AgentID) -> [SessionID] { agentTable.read(agent) { $0.chats } ?? [] }

  /// When something falls due, in ms since 1970: `TimePasses` has an effect from then on. nil: nothing is to come.
  var nextDeadline: UInt64? {
    [
      absences.first?.time, deadlines.first?.time, stepDeadlines.first?.time, timerDeadlines.first?.time,
      wrapUpDeadlines.first?.wrapUp.until,
    ]
    .compactMap(\.self).min()
  }

  /// Somebody waits although an agent is free, for there was more to give than one entry may, or waits under a policy of before:
  /// `TimePasses` goes on with it.
  var hasUnserved: Bool { !unservedLines.isEmpty || !unserved.isEmpty || policies.cursor != nil }

  /// Whether the person may read a session: its customer, its agents, supervisors and admins.
  package func mayFollow(_ person: Person, session: SessionID) -> Bool {
    sessionTable.read(session) { $0.mayFollow(person) } ?? false
  }

  /// Whether the person may write to a session: its customer and its agents.
  package func maySend(_ person: Person, session: SessionID) -> Bool {
    sessionTable.read(session) { $0.maySend(person) } ?? false
  }

  /// Whether the person has handed the session on with this request.
  package func hasTransferred(_ person: Person, session: SessionID, requestID: String) -> Bool {
    sessionTable.read(session) {
      $0.done.find(requestID, by: person)?.operation == Transfer.number
        || $0.transfer(by: person, requestID) != nil
    } ?? false
  }
}
