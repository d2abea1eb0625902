internal import Kernel

/// What the shell asks of desks. A session is looked for in the desk that its id names, and nowhere else.
extension ReplicatedState {
  /// - Returns: nil: there is no such desk.
  @inline(__always)
  func look<Result>(_ number: DeskNumber, _ body: (borrowing DeskState) -> Result) -> Result? {
    if number == .main { return body(main) }
    return place(of: number).map { body(others[$0]) }
  }

  /// Whoever wants to know more than what follows.
  package subscript(desk number: DeskNumber) -> DeskState? { look(number) { copy $0 } }

  /// - Returns: nil: there is no desk of that name, or it was deleted.
  package func number(of desk: DeskName) -> DeskNumber? { desk == .main ? .main : names[desk] }

  package func session(_ id: SessionID) -> Session? { look(id.desk) { $0.session(id) } ?? nil }

  /// Who may write to a session now. Cheap: asked for every message.
  package func owner(of id: SessionID) -> (server: ServerID, epoch: Epoch, isClosed: Bool)? {
    look(id.desk) { $0.owner(of: id) } ?? nil
  }

  /// The message of that person with this id, if the session has it.
  package func stored(_ id: SessionID, messageID: String, by sender: Person) -> (Sequence, time: UInt64)? {
    look(id.desk) { $0.stored(id, messageID: messageID, by: sender) } ?? nil
  }

  package func message(_ id: SessionID, at sequence: Sequence) -> Message? {
    look(id.desk) { $0.message(id, at: sequence) } ?? nil
  }

  /// See `DeskState.page`.
  package func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int = .max
  ) -> TranscriptPage? {
    look(id.desk) { $0.page(id, range, limit: limit, bytes: bytes) } ?? nil
  }

  /// The last sequence of a session.
  package func sequence(of id: SessionID) -> Sequence? { look(id.desk) { $0.sequence(of: id) } ?? nil }

  /// See `DeskState.position`.
  package func position(of id: SessionID) -> QueueStanding? {
    look(id.desk) { $0.position(of: id) } ?? nil
  }

  /// Who is to be there, and whether they are said to be gone; nil: there is no such session.
  package func attendance(of id: SessionID) -> (
    customer: Person, isAbsent: Bool, isClosed: Bool, owner: ServerID
  )? {
    look(id.desk) { $0.attendance(of: id) } ?? nil
  }

  /// Cheap: asked for every session that is followed.
  package func isAbsent(_ id: SessionID) -> Bool { look(id.desk) { $0.isAbsent(id) } ?? false }

  /// Whether a person of the session's desk may read it: its customer, its agents, supervisors and admins.
  package func mayFollow(_ person: Person, session: SessionID) -> Bool {
    look(session.desk) { $0.mayFollow(person, session: session) } ?? false
  }

  /// Whether a person of the session's desk may read what was said in it: see `DeskState.mayRead`.
  package func mayRead(_ person: Person, session: SessionID) -> Bool {
    look(session.desk) { $0.mayRead(person, session: session) } ?? false
  }

  /// Who serves an open session of that customer.
  package func agents(serving customer: String, in desk: DeskNumber) -> [AgentID] {
    look(desk) { $0.agents(serving: customer) } ?? []
  }

  /// Whether a person of the session's desk may write to it: its customer and its agents.
  package func maySend(_ person: Person, session: SessionID) -> Bool {
    look(session.desk) { $0.maySend(person, session: session) } ?? false
  }

  /// How large a session is; nil: there is none.
  package func size(of session: SessionID, at time: UInt64) -> SessionSize? {
    look(session.desk) { $0.size(of: session, at: time) } ?? nil
  }

  package func agent(_ id: AgentID, in desk: DeskNumber) -> Agent? { look(desk) { $0.agent(id) } ?? nil }

  /// All agents of a desk, sorted by id.
  package func agents(in desk: DeskNumber) -> [Agent] { look(desk) { $0.agents() } ?? [] }

  /// See `DeskState.chats`.
  package func chats(of agent: AgentID, in desk: DeskNumber, after: SessionID?, limit: Int) -> [SessionID] {
    look(desk) { $0.chats(of: agent, after: after, limit: limit) } ?? []
  }

  /// The number of a session's last note; nil: it has none.
  package func lastNote(of session: SessionID) -> Sequence? {
    let last =
      look(session.desk) { $0.sessionTable.read(session) { $0.keptTeam?.value.notes.last } ?? nil } ?? nil
    return last.flatMap { $0 > .zero ? $0 : nil }
  }

  /// See `DeskState.offered`.
  package func offered(_ session: SessionID) -> Offered? { look(session.desk) { $0.offered(session) } ?? nil }

  /// See `DeskState.followed`.
  package func followed(by agent: AgentID, in desk: DeskNumber, after: SessionID?, limit: Int) -> [SessionID] {
    look(desk) { $0.followed(by: agent, after: after, limit: limit) } ?? []
  }

  /// Whether a person serves a session of their desk, or is invited to it.
  package func takesPart(_ person: Person, in session: SessionID) -> Bool {
    look(session.desk) { $0.sessionTable.read(session) { $0.takesPart(person) } ?? false } ?? false
  }

  /// The open sessions of a person of a desk, newest first: see `DeskState.openSessions`.
  package func openSessions(
    of person: Person, in desk: DeskNumber, before: SessionID? = nil, limit: Int
  ) -> (sessions: [SessionID], more: Bool) {
    look(desk) { $0.openSessions(of: person, before: before, limit: limit) } ?? ([], false)
  }

  /// - Parameter time: of now in ms since 1970; the state's own is that of its latest entry.
  package func use(ofCustomer customer: String, in desk: DeskNumber, at time: UInt64) -> CustomerUse {
    look(desk) { $0.use(ofCustomer: customer, at: max(time, now)) } ?? CustomerUse()
  }

  /// The session that this customer has opened with this request: a retry is not a new one.
  package func isOpened(by customer: String, in desk: DeskNumber, requestID: String) -> Bool {
    look(desk) { $0.isOpened(by: customer, requestID: requestID) } ?? false
  }

  /// Commands that belong to no session are undecided: they are answered by the log alone.
  package mutating func foresee(_ command: Command) -> Foresight {
    guard let session = command.session else { return .undecided }
    return inspect(session.desk) { $0.foresee(command) } ?? .doubtful(.refused(.notFound))
  }

  /// See `DeskState.admits`.
  package mutating func admits(_ send: SendMessage) -> Bool {
    inspect(send.session.desk) { $0.admits(send) } ?? false
  }

  /// `look` for the way of a message: see `ShardedMap.inspect`.
  @inline(__always)
  private mutating func inspect<Result>(_ number: DeskNumber, _ body: (inout DeskState) -> Result) -> Result? {
    if number == .main { return body(&main) }
    return place(of: number).map { body(&others[$0]) }
  }
}

/// Of all desks together.
extension ReplicatedState {
  package var sessionCounts: SessionCounts {
    others.reduce(into: main.sessionCounts) { sum, desk in
      if !desk.isDeleted { sum.add(desk.sessionCounts) }
    }
  }

  package var agentCounts: AgentCounts {
    others.reduce(into: main.agentCounts) { sum, desk in
      if !desk.isDeleted { sum.add(desk.agentCounts) }
    }
  }

  /// Sessions whose customer is gone.
  package var absentCount: Int { others.reduce(main.absentCount) { $0 + $1.absentCount } }

  /// The desks that there are, the main one first and the others in the order of their numbers.
  package var desks: [DeskState] { [main] + others.filter { !$0.isVacant && !$0.isDeleted } }
}
