import SwitchboardClient

/// What is carried out, from a terminal or a pipe.
extension Chat {
  /// - Parameter session: whom it was begun for.
  func carryOut(_ line: ChatLine, _ session: String?, number: Int?) {
    switch line {
    case .nothing: break
    case .say(let text):
      guard let session else {
        let reason = isClosed ? "the session is over" : "it is for nobody"
        return notSent(Outbox.Item(act: .say(text), session: nil, number: number), reason)
      }
      add(Outbox.Item(act: .say(text), session: session, number: number))
    case .close: add(Outbox.Item(act: .close, session: session, number: number))
    case .transfer(let target): add(Outbox.Item(act: .transfer(target), session: session, number: number))
    case .answer(let accepts, let named): answer(accepts, named, number)
    case .open:
      if role != .customer {
        note("only customers open sessions")
      } else if book.isEmpty {
        add(Outbox.Item(act: .open, session: nil, number: number))
      } else {
        note("your session is open; /close ends it")
      }
    case .quit: inputEnded()
    case .help: note(ChatLine.helpText)
    case .sessions: question(.sessions)
    case .who: question(.who)
    case .history(let count): if let session { question(.history(session, count)) }
    case .availability(let availability):
      if role == .agent {
        question(.availability(availability))
      } else {
        note("only agents are online, busy or away")
      }
    case .join(let session): question(.join(session))
    case .choose(let word): choose(word, number)
    case .unknown(let word):
      notSent(
        Outbox.Item(act: .say(word), session: nil, number: number),
        "it is no command; //text says a text that begins with a slash")
    }
  }

  /// Says yes or no to what one is asked for.
  private func answer(_ accepts: Bool, _ named: String?, _ number: Int?) {
    let asked = offers.keys.sorted()
    guard let session = named ?? (asked.count == 1 ? asked[0] : nil), let offer = offers[session] else {
      return note(
        asked.isEmpty
          ? "you are asked for nothing now"
          : "you are asked for \(asked.joined(separator: ", ")); say which one")
    }
    offers[session] = nil
    add(Outbox.Item(act: .answer(accepts: accepts, offer: offer), session: session, number: number))
  }

  private func choose(_ word: String, _ number: Int?) {
    let sessions = book.sessions(named: word)
    switch sessions.count {
    case 1:
      book.choose(sessions[0])
      if number != nil { pipeReceiver = sessions[0] }
      note("you talk to \(book.title(sessions[0])) now")
    case 0: note("you have no session \(word); /sessions lists them")
    default: note("\(word) is in \(sessions.joined(separator: ", ")); say which one")
    }
  }

  // MARK: Input

  /// Reads until the input ends, or the chat.
  func read(_ input: InputReader) async throws {
    var splitter = LineSplitter()
    var number = 0
    reading: for await piece in input.pieces {
      if !piece.isEmpty { input.taken() }
      if isTyped {
        if take(piece) { continue } else { return }
      }
      for line in splitter.lines(piece) {
        number += 1
        if try await !take(line, number: number) { break reading }
      }
    }
    if !isTyped, !isEnding, let line = splitter.rest() { _ = try await take(line, number: number + 1) }
    inputEnded()
  }

  /// A line of a pipe. All of them go to whom the first one was for: to the session that was joined or opened, or to the
  /// first that came.
  /// - Returns: whether to go on reading.
  func take(_ line: LineSplitter.Line, number: Int) async throws -> Bool {
    let isLocal = line.text.hasPrefix("/")
    while !isOver, outbox.isFull || (!isLocal && pipeReceiver == nil && !isClosed) {
      if let current = book.current, pipeReceiver == nil { pipeReceiver = current } else { try await wait() }
    }
    pipeReceiver = pipeReceiver ?? book.current
    let item = Outbox.Item(act: .say(line.text), session: pipeReceiver, number: number)
    if isOver { return false }
    if line.bytes > line.text.utf8.count, line.bytes > LineSplitter.longest {
      let most =
        longest.map { "at most \(Terminal.grouped($0))" } ?? "at most \(Terminal.grouped(LineSplitter.longest))"
      notSent(item, "too long (\(Terminal.grouped(line.bytes)) bytes; \(most))")
    } else {
      carryOut(ChatLine(line.text), pipeReceiver, number: number)
    }
    return !isEnding
  }

  /// For room, or for a session.
  private func wait() async throws { try await Task.sleep(for: .milliseconds(10)) }
}
