import Desk
import Kernel
import Protocol

/// What most programs ask for, in values of Swift's own.
extension SwitchboardConnection {
  /// Opens a conversation. Opening again with the same id gives the same conversation.
  /// - Parameter priority: higher goes first; nil: what the token says, else 0.
  public func open(
    channel: String = "chat", skill: String = "", intent: String = "", priority: Int? = nil,
    attributes: [String: String] = [:], id: String = SwitchboardConnection.newID()
  ) async throws -> SessionSnapshot {
    let list = attributes.sorted { $0.key < $1.key }.map { Attribute(name: $0.key, json: $0.value.quotedJSON) }
    return try await perform(
      Open(
        channel: channel, skill: skill, intent: intent,
        priority: try priority.map { try Self.fitting($0, "priority") }, attributes: list), id: id)
  }

  /// Follows a conversation: its messages behind `after` come as events, and all later ones.
  public func join(_ session: String, after: UInt64 = 0) async throws -> SessionSnapshot {
    try await perform(Join(session: try Self.number(session), after: Sequence(after)))
  }

  /// Says something. Returns when a quorum of the cluster has it on disk, whatever fails in between.
  public func send(
    _ body: String, to session: String, id: String = SwitchboardConnection.newID()
  ) async throws -> Acknowledgement {
    try await perform(Send(session: try Self.number(session), body: Array(body.utf8)), id: id)
  }

  /// Tells the others of a conversation that somebody types here, or no longer. Lost when there is no connection.
  public func typing(_ isOn: Bool, in session: String) {
    guard let session = SessionID(text: session) else { return }
    signal(Typing(session: session, on: isOn))
  }

  /// Tells the others of a conversation that everything up to there was read. Lost when there is no connection.
  public func read(upTo sequence: UInt64, in session: String) {
    guard let session = SessionID(text: session) else { return }
    signal(Read(session: session, seq: Sequence(sequence)))
  }

  /// For agents: says how available they are, what they know and how many conversations they take at a time.
  /// It is told again by itself after a reconnection.
  public func setStatus(
    _ availability: AgentAvailability, skills: [String]? = nil, capacity: Int? = nil
  ) async throws {
    try await perform(
      SetStatus(
        status: AgentStatus(availability), skills: skills.map { $0.map { SkillWeight(skill: $0) } },
        capacity: try capacity.map { try Self.fitting($0, "capacity") }))
  }

  /// For agents: hands a conversation on. Asked again with the same id, it is not handed on again.
  /// - Throws: `ClientError.refused`: `busy` when the agent is not online or has no room, `not_found` when there is no
  ///   such agent or conversation, `forbidden`, `session_closed`, `precondition_failed` when it is no longer what `tag` was
  ///   given for. The conversation is where it was then.
  /// - Parameter tag: the `ETag` of the conversation's document, as HTTP gave it; nil: whatever it has become.
  public func transfer(
    _ session: String, to target: TransferTarget, expecting tag: String? = nil,
    id: String = SwitchboardConnection.newID()
  ) async throws {
    let (session, version) = (try Self.number(session), try Self.version(tag))
    let transfer =
      switch target {
      case .agent(let agent): Transfer(session: session, agent: agent)
      case .skill(let skill): Transfer(session: session, skill: skill)
      }
    try await perform(transfer, id: id, expecting: version)
  }

  /// Hands a conversation to another agent; see `transfer(_:to:id:)`.
  public func transfer(_ session: String, toAgent agent: String) async throws {
    try await transfer(session, to: .agent(agent))
  }

  /// Hands a conversation to whoever has a skill, or lets it wait for them; see `transfer(_:to:id:)`.
  public func transfer(_ session: String, toSkill skill: String) async throws {
    try await transfer(session, to: .skill(skill))
  }

  /// For agents: takes a conversation that one is asked for.
  /// - Parameter offer: its number, as `ClientEvent.offered` said it.
  /// - Throws: `ClientError.refused`: `taken` when that offer has ended, whatever has become of the conversation.
  public func accept(_ session: String, offer: Int) async throws {
    try await perform(Accept(session: try Self.number(session), offer: try Self.fitting(offer, "offer")))
  }

  /// For agents: leaves a conversation that one is asked for to others.
  /// - Parameter offer: as for `accept`.
  /// - Throws: as `accept`.
  public func decline(_ session: String, offer: Int) async throws {
    try await perform(Decline(session: try Self.number(session), offer: try Self.fitting(offer, "offer")))
  }

  /// Ends a conversation.
  /// - Parameter tag: as for `transfer`.
  public func close(_ session: String, reason: String = "", expecting tag: String? = nil) async throws {
    let close = Close(session: try Self.number(session), reason: reason)
    try await perform(close, expecting: try Self.version(tag))
  }

  /// One's own conversations that are not closed, the newest first: those that a customer has opened, those that an agent
  /// serves. Whoever has kept nothing goes on with one of them by `join`.
  /// - Parameter limit: so many at the most, from 1 to 100.
  /// - Throws: `ClientError.refused` with `unsupported` from a node of a release that does not know this.
  public func sessions(limit: Int = 20) async throws -> OpenSessions {
    OpenSessions(try await perform(Sessions(limit: limit)))
  }

  /// Reads a part of a conversation's history.
  public func history(
    _ session: String, _ range: HistoryRange = .after(0), limit: Int = 100
  ) async throws -> HistoryPage {
    var history = History(session: try Self.number(session), limit: limit)
    switch range {
    case .after(let sequence): history.after = sequence
    case .before(let sequence): history.before = sequence
    case .since(let time): history.since = time
    }
    return try await perform(history)
  }

  /// What is no number of a session is answered as the cluster answers it.
  private static func number(_ session: String) throws(ClientError) -> SessionID {
    guard let number = SessionID(text: session) else {
      throw .refused(code: "not_found", message: "There is no such session.")
    }
    return number
  }

  /// What begins with no version is refused here: sent, it would be none that a session can have.
  private static func version(_ tag: String?) throws(ClientError) -> SessionVersion? {
    guard let tag else { return nil }
    let digits = tag.drop { $0 == "\"" }.prefix(16)
    guard let version = SessionVersion(text: digits) else {
      throw .refused(code: "bad_frame", message: "`\(tag)` is no `ETag` of a conversation.")
    }
    return version
  }

  private static func fitting<Number: FixedWidthInteger>(
    _ value: Int, _ name: String
  ) throws(ClientError) -> Number {
    guard let number = Number(exactly: value) else {
      throw .refused(
        code: "bad_frame", message: "`\(name)` must be a whole number from \(Number.min) to \(Number.max).")
    }
    return number
  }
}

extension AgentStatus {
  fileprivate init(_ availability: AgentAvailability) {
    switch availability {
    case .online: self = .online
    case .busy: self = .busy
    case .away: self = .away
    case .offline: self = .offline
    }
  }
}
