import Foundation
import SwitchboardClient

/// One person's side of conversations in a terminal: what comes is printed, what is typed is sent, one line at a time
/// and in order.
actor Chat {
  enum Role: Sendable { case customer, agent }

  private let connection: SwitchboardConnection
  private let role: Role
  private let me: String
  /// Conversations that are open, in the order in which they came.
  private var sessions: [String] = []
  private var current: String?
  /// Conversations in which this person has said something, or that were chosen.
  private var engaged: Set<String> = []
  /// Why lines are not taken now; told once, not at every try.
  private var trouble: String?
  private let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation

  init(connection: SwitchboardConnection, role: Role, me: String) {
    self.connection = connection
    self.role = role
    self.me = me
    (arrivals, arrived) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: Begin

  /// - Parameter isNew: an open session of this customer is left alone.
  func beginAsCustomer(channel: String, skill: String, session: String?, isNew: Bool) async throws {
    let snapshot: SessionSnapshot
    if let session {
      snapshot = try await connection.join(session)
    } else if !isNew, let open = try await newestOpen() {
      note("you go on with session \(open); --new opens another one")
      snapshot = try await connection.join(open)
    } else {
      snapshot = try await connection.open(channel: channel, skill: skill)
    }
    add(snapshot.session)
    note("session \(snapshot.session) is \(Self.words(snapshot))")
  }

  /// The session that this customer has opened last and that is still open.
  private func newestOpen() async throws -> String? {
    do {
      return try await connection.sessions(limit: 1).sessions.first?.session
    } catch ClientError.refused(code: "unsupported", message: _) {
      // A node of an earlier release.
      return nil
    }
  }

  func beginAsAgent(skills: [String], capacity: Int, session: String?) async throws {
    try await connection.setStatus(.online, skills: skills.isEmpty ? nil : skills, capacity: capacity)
    note("you are online" + (skills.isEmpty ? "" : " for " + skills.joined(separator: ", ")))
    if let session {
      let snapshot = try await connection.join(session)
      add(snapshot.session)
      note("session \(snapshot.session) is \(Self.words(snapshot))")
    }
  }

  private static func words(_ snapshot: SessionSnapshot) -> String {
    switch snapshot.state {
    case "queued": "queued" + (snapshot.position > 0 ? " at place \(snapshot.position)" : "")
    case "active" where !snapshot.agents.isEmpty: "served by " + snapshot.agents.joined(separator: ", ")
    default: snapshot.state
    }
  }

  // MARK: What comes

  func listen() async throws {
    for await event in connection.events { try await show(event) }
  }

  private func show(_ event: ClientEvent) async throws {
    switch event {
    case .connected(let node, let url, let resumed):
      note((resumed ? "connected again, to " : "connected to ") + "\(node) at \(url)")
    case .disconnected(let reason, let wait):
      note("connection lost: \(reason); next try in \(wait) ms")
    case .message(let message):
      let mark = sessions.count > 1 || message.session != current ? "[\(message.session)] " : ""
      let name = Terminal.paint(Terminal.harmless(message.name), message.role == "customer" ? .cyan : .green)
      Terminal.say("\(mark)\(name): \(Terminal.harmless(message.body))")
    case .queued(let session, let position, _):
      note("session \(session) is queued at place \(position)")
    case .assigned(let session, let agent, let name):
      if role == .agent, agent == me {
        add(session)
        note("session \(session) is yours")
      } else {
        note("\(name) is here for you")
      }
    case .transferred(let session, let from, let target):
      let receiver =
        switch target {
        case .agent(let agent): agent
        case .skill(let skill): "whoever knows \(skill)"
        }
      note("session \(session) was handed on to \(receiver)")
      if role == .agent, from == me { remove(session) }
    case .closed(let session, let by, let reason):
      remove(session)
      note("session \(session) was closed by \(by)" + (reason.isEmpty ? "" : ": \(reason)"))
    case .historyLost(let session):
      do {
        try await reread(session)
      } catch ClientError.refused {
        remove(session)
        note("session \(session) is no longer yours")
      }
    case .retrying(_, let code, let message, _):
      if trouble != code { note("\(code): \(message); the line is sent again until it is taken") }
      trouble = code
    case .serverError(let code, let message):
      note("\(code): \(message)")
    case .typing, .read:
      // A terminal's line is sent as a whole; who types elsewhere is not worth a line of its own.
      break
    case .presence(let session, _, let name, let personRole, let isOnline):
      note("session \(session): \(name) (\(personRole)) is \(isOnline ? "connected" : "not connected")")
    case .other(let session, let kind, let from):
      note("session \(session): \(kind) \(from)")
    }
  }

  private func reread(_ session: String) async throws {
    note("session \(session): too much was missed to resume; this is all of it")
    var after: UInt64 = 0
    while true {
      let page = try await connection.history(session, .after(after), limit: 200)
      for message in page.messages {
        Terminal.say(
          "[\(session)] #\(message.sequence) \(Terminal.harmless(message.name)): \(Terminal.harmless(message.body))"
        )
      }
      guard page.more, let last = page.messages.last else { break }
      after = last.sequence
    }
    _ = try await connection.join(session, after: after)
  }

  private func add(_ session: String) {
    if !sessions.contains(session) { sessions.append(session) }
    // Nobody is torn out of a conversation by a new one; one that was left over from before is no conversation yet.
    if role == .customer || current.map({ !engaged.contains($0) }) ?? true {
      if current != nil, current != session { note("you talk in session \(session); /session ID changes that") }
      current = session
    }
    arrived.yield()
  }

  private func remove(_ session: String) {
    sessions.removeAll { $0 == session }
    engaged.remove(session)
    if current == session {
      current = sessions.first
      if let current, role == .agent { note("you talk in session \(current) now") }
    }
    if role == .customer { arrived.finish() }
  }

  var isOver: Bool { role == .customer && sessions.isEmpty }

  // MARK: What is typed

  /// - Returns: whether to go on.
  func take(_ line: String) async throws -> Bool {
    switch ChatLine(line) {
    case .nothing: return true
    case .quit: return false
    case .help:
      note(ChatLine.helpText)
      return true
    case .sessions:
      note(
        sessions.isEmpty
          ? "no sessions" : sessions.map { $0 == current ? "\($0) (here)" : $0 }.joined(separator: ", "))
      return true
    case .choose(let session):
      if sessions.contains(session) {
        current = session
        engaged.insert(session)
        note("you talk in session \(session) now")
      } else {
        note("you have no session \(session); /sessions lists them")
      }
      return true
    case .unknown(let word):
      note("\(word) is no command; /help lists them, and //text says a text that begins with a slash")
      return true
    case .close:
      guard let session = await target() else { return false }
      do {
        try await connection.close(
          session, reason: "closed by \(role == .customer ? "the customer" : "the agent")")
      } catch ClientError.refused(let code, let message) {
        note("not closed: \(code) \(message)")
      }
      return role == .agent
    case .transfer(let receiver):
      guard role == .agent else {
        note("only agents hand sessions on")
        return true
      }
      guard let session = await target() else { return false }
      do {
        try await connection.transfer(session, to: receiver)
      } catch ClientError.refused(let code, let message) {
        note("not handed on: \(code) \(message)")
      }
      return true
    case .say(let text):
      guard let session = await target() else { return false }
      do {
        engaged.insert(session)
        let proof = try await connection.send(text, to: session)
        trouble = nil
        let check = Terminal.paint("✓ #\(proof.sequence)", .faint)
        Terminal.say(Terminal.hasPerson ? check : "\(check) \(Terminal.harmless(text))")
      } catch ClientError.refused(let code, let message) {
        note("not sent: \(code) \(message)")
        if code == "session_closed" { remove(session) }
      }
      return !isOver
    }
  }

  /// The conversation for the next line; an agent without one waits for it.
  private func target() async -> String? {
    if current == nil {
      if role == .customer { return nil }
      note("nobody to answer yet; the line waits for your first session")
      for await _ in arrivals where current != nil { break }
    }
    return current
  }

  private func note(_ text: String) {
    Terminal.say(
      Terminal.paint(
        "· "
          + text.split(separator: "\n", omittingEmptySubsequences: false)
          .map { Terminal.harmless(String($0)) }.joined(separator: "\n  "), .faint))
  }
}
