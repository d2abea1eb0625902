import SwitchboardClient

extension Chat {
  func listen() async throws {
    for await event in connection.events {
      if case .connected = event { longest = await connection.longestMessage }
      show(event)
    }
  }

  private func show(_ event: ClientEvent) {
    switch event {
    case .connected(let node, let url, let resumed):
      self.node = url
      note((resumed ? "connected again, to " : "connected to ") + "\(node) at \(url)")
    case .disconnected(let reason, let wait):
      note("connection lost: \(reason); next try in \(wait) ms")
    case .message(let message): show(message)
    case .queued(let session, let position, _, _):
      book.update(session) { $0.state = "queued at place \(position)" }
      note("session \(session) is queued at place \(position)")
    case .offered(let session, let offer): offered(session, offer)
    case .offerEnded(let session, let agent, let number, let reason):
      guard agent == wishes.me else { break }
      if offers[session] == number { offers[session] = nil }
      note("session \(session) is offered to you no longer (\(reason))")
    case .assigned(let session, let agent, let name): assigned(session, agent, name)
    case .transferred(let session, let from, let target):
      let receiver =
        switch target {
        case .agent(let agent): agent
        case .skill(let skill): "whoever knows \(skill)"
        }
      note("session \(session) was handed on to \(receiver)")
      if role == .agent, from == wishes.me { remove(session) }
    case .closed(let session, let by, let reason):
      note("session \(session) was closed by \(by)" + (reason.isEmpty ? "" : ": \(reason)"))
      remove(session)
      if role == .customer, isTyped { note("/open begins another one, /quit leaves") }
    case .historyLost(let session): question(.reread(session))
    case .retrying(_, let code, let message, _):
      if trouble != code {
        let line = outbox.first.map { " · \($0.words)" } ?? ""
        note("\(code): \(message); it is sent again until it is taken\(line)")
      }
      trouble = code
    case .serverError(let code, let message):
      note("\(code): \(message)")
    case .typing, .read:
      // A terminal's line is sent as a whole; who types elsewhere is not worth a line of its own.
      break
    case .presence(let session, _, let name, let personRole, let isOnline):
      learn(session, name, personRole)
      note("session \(session): \(name) (\(personRole)) is \(isOnline ? "connected" : "not connected")")
    case .declared(let session, let event):
      note("session \(session): \(event.kind) \(Terminal.harmless(event.json))")
    }
  }

  private func show(_ message: ChatMessage) {
    learn(message.session, message.name, message.role)
    book.update(message.session) {
      $0.waitingSince = message.role == "customer" ? $0.waitingSince ?? message.time : nil
    }
    let isElsewhere = book.entries.count > 1 || message.session != book.current
    let mark = isElsewhere ? "[\(Terminal.harmless(message.session))] " : ""
    let name = Terminal.paint(Terminal.harmless(message.name), message.role == "customer" ? .cyan : .green)
    say("\(mark)\(name): \(Terminal.block(message.body))")
  }

  /// The other side's name.
  private func learn(_ session: String, _ name: String, _ personRole: String) {
    let isOther = role == .customer ? personRole == "agent" : personRole == "customer"
    guard isOther, book[session]?.name != name else { return }
    book.update(session) { $0.name = name }
    redraw()
  }

  private func offered(_ session: String, _ offer: ConversationOffer) {
    guard offer.agent == wishes.me else {
      return note("session \(session) is offered to \(Terminal.harmless(offer.agent))")
    }
    let isNew = offers.updateValue(offer.number, forKey: session) != offer.number
    guard isNew else { return }
    let about = [offer.channel, offer.skill].filter { !$0.isEmpty }.joined(separator: ", ")
    let words = offer.line.map { ": \(Terminal.harmless($0))" } ?? ""
    note(
      "session \(session) of \(Terminal.harmless(offer.name)) waits for you"
        + (about.isEmpty ? "" : " (\(Terminal.harmless(about)))") + words
        + "; /accept or /decline within \(offer.expiresInMilliseconds / 1_000) s")
  }

  private func assigned(_ session: String, _ agent: String, _ name: String) {
    book.update(session) { $0.state = "served by \(name)" }
    offers[session] = nil
    guard role == .agent, agent == wishes.me else {
      learn(session, name, "agent")
      // Somebody else serves it now: what is typed for it would not be taken.
      if role == .agent {
        note("session \(session) is \(name)'s now")
        if book[session] != nil { remove(session) }
      } else {
        note(role == .customer ? "\(name) is here for you" : "session \(session) is \(name)'s now")
      }
      return
    }
    add(session)
    note("session \(session) is yours")
    if book.current != session { note("you go on where you are; /session \(session) talks in that one") }
    question(.follow(session))
  }

  // MARK: Questions

  func answer(_ question: Question) async throws {
    switch question {
    case .sessions: try await tellSessions()
    case .who: try await tellWho()
    case .history(let session, let count): try await tellHistory(session, count)
    case .availability(let availability):
      try await connection.setStatus(
        availability, skills: wishes.skills.isEmpty ? nil : wishes.skills, capacity: wishes.capacity)
      note(
        availability == .online ? "you are online" : "you are \(availability.rawValue): no new sessions come")
    case .follow(let session):
      // What was said before it was assigned.
      _ = try? await connection.join(session)
    case .reread(let session):
      do {
        try await reread(session)
      } catch ClientError.refused {
        remove(session)
        note("session \(session) is no longer yours")
      }
    case .join(let session): try await join(session)
    case .learn(let session):
      guard let name = try? await directory.session(session, at: node).customer?.name else { return }
      learn(session, name, "customer")
    }
  }

  private func reread(_ session: String) async throws {
    note("session \(session): too much was missed to resume; this is all of it")
    var after: UInt64 = 0
    while true {
      let page = try await connection.history(session, .after(after), limit: 200)
      for message in page.messages { tell(message) }
      guard page.more, let last = page.messages.last else { break }
      after = last.sequence
    }
    _ = try await connection.join(session, after: after)
  }

  private func tell(_ message: ChatMessage) {
    say(
      "[\(Terminal.harmless(message.session))] #\(message.sequence) \(Terminal.harmless(message.name)): "
        + Terminal.block(message.body))
  }

  private func tellHistory(_ session: String, _ count: Int) async throws {
    let page = try await connection.history(session, .before(1 << 53), limit: count)
    note(page.messages.isEmpty ? "nothing was said yet" : "session \(session), as it was kept:")
    for message in page.messages { tell(message) }
  }
}
