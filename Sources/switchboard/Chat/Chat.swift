import Foundation
import LineEditor
import SwitchboardClient

/// One person's side of conversations in a terminal: what comes is printed, what is typed is sent, one line at a time
/// and in order.
actor Chat {
  enum Role: String, Sendable, CaseIterable { case customer, agent, supervisor, admin }

  struct Wishes: Sendable {
    var role: Role
    var me: String
    /// Of new sessions.
    var channel = "chat"
    /// What the customer needs, or what the agent knows.
    var skills: [String] = []
    var capacity = 4
    var session: String?
    /// A session of the customer that is open is left alone.
    var isNew = false
    /// How long lines of an input that has ended are tried without any progress.
    var patience: Duration
    /// How long to wait for answers when all of them are gone.
    var stay: Duration
  }

  /// What is asked for beside the lines that are said, so that neither waits for the other.
  enum Question: Sendable {
    case sessions, who
    case history(String, Int)
    case availability(AgentAvailability)
    case follow(String)
    case reread(String)
    case join(String)
    case learn(String)
  }

  let connection: SwitchboardConnection
  let directory: ChatDirectory
  let wishes: Wishes
  /// Whether a person types; else it is a pipe.
  let isTyped: Bool
  var screen: ChatScreen
  var book = SessionBook()
  /// What one is asked for: the number of the offer by session.
  var offers: [String: Int] = [:]
  var outbox = Outbox()
  /// The node that is talked to.
  var node = ""
  /// The most bytes that it takes in a message, when it says so.
  var longest: Int?
  /// Why lines are not taken now; told once, not at every try.
  var trouble: String?
  /// The customer's session is over.
  var isClosed = false
  var decoder = KeyDecoder()
  var editor = LineEditor()
  /// For whom the line that is being typed was begun.
  var receiver: String?
  /// The end of the line before, for lines that are pasted one behind the other.
  var lastLine: (receiver: String?, at: ContinuousClock.Instant)?
  /// For completion.
  var agentNames: [String] = []
  /// For whom a pipe speaks: fixed with its first line.
  var pipeReceiver: String?

  private(set) var unsent = 0
  private(set) var hasBegun = false
  /// When no more input comes.
  private var endedAt: ContinuousClock.Instant?
  private var progressAt = ContinuousClock.now
  private(set) var isOver = false
  private var unanswered = 0
  private let lines: AsyncStream<Void>
  private let lineCame: AsyncStream<Void>.Continuation
  private let questions: AsyncStream<Question>
  private let ask: AsyncStream<Question>.Continuation

  init(connection: SwitchboardConnection, directory: ChatDirectory, wishes: Wishes, isTyped: Bool) {
    self.connection = connection
    self.directory = directory
    self.wishes = wishes
    self.isTyped = isTyped
    screen = ChatScreen(isEdited: isTyped)
    (lines, lineCame) = AsyncStream.makeStream(of: Void.self)
    (questions, ask) = AsyncStream.makeStream(of: Question.self, bufferingPolicy: .bufferingOldest(256))
  }

  var role: Role { wishes.role }

  // MARK: Begin

  func begin() async throws {
    redraw()
    switch role {
    case .customer: try await beginAsCustomer()
    case .agent:
      try await connection.setStatus(
        .online, skills: wishes.skills.isEmpty ? nil : wishes.skills, capacity: wishes.capacity)
      note("you are online" + (wishes.skills.isEmpty ? "" : " for " + wishes.skills.joined(separator: ", ")))
      if let session = wishes.session { try await join(session) }
    case .supervisor, .admin:
      if let session = wishes.session {
        try await join(session)
      } else {
        note("you look on; /join ID follows a session, /sessions tells of the queue")
      }
    }
    hasBegun = true
    progressAt = .now
  }

  private func beginAsCustomer() async throws {
    if let session = wishes.session {
      try await join(session)
    } else if !wishes.isNew, let open = try await newestOpen() {
      note("you go on with session \(open); --new opens another one")
      try await join(open)
    } else {
      try await open()
    }
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

  func open() async throws {
    let snapshot = try await connection.open(channel: wishes.channel, skill: wishes.skills.first ?? "")
    isClosed = false
    add(snapshot.session)
    note("session \(snapshot.session) is \(Self.words(snapshot))")
  }

  func join(_ session: String) async throws {
    let snapshot = try await connection.join(session)
    note("session \(session) is \(Self.words(snapshot))")
    guard snapshot.state != "closed" else {
      isClosed = role == .customer
      return
    }
    add(session)
  }

  static func words(_ snapshot: SessionSnapshot) -> String {
    switch snapshot.state {
    case "queued": "queued" + (snapshot.position > 0 ? " at place \(snapshot.position)" : "")
    case "active" where !snapshot.agents.isEmpty: "served by " + snapshot.agents.joined(separator: ", ")
    default: snapshot.state
    }
  }

  func add(_ session: String) {
    guard book.add(session) else { return }
    if role != .customer { question(.learn(session)) }
    redraw()
  }

  func remove(_ session: String) {
    let wasCurrent = book.current == session
    book.remove(session)
    if role == .customer { isClosed = true }
    guard isTyped, wasCurrent, role != .customer, !book.isEmpty else { return }
    note("you talk to nobody now; /session ID or Ctrl-T takes the next one")
  }

  // MARK: What is sent

  func add(_ item: Outbox.Item) {
    outbox.add(item)
    lineCame.yield()
  }

  func question(_ question: Question) {
    guard case .enqueued = ask.yield(question) else { return note("too much is asked for at a time") }
    unanswered += 1
  }

  /// Sends what is in the outbox, until the chat is over.
  func deliver() async throws {
    for await _ in lines {
      guard let item = outbox.first else { continue }
      do {
        try await deliver(item)
        trouble = nil
      } catch ClientError.refused(let code, let message) {
        refused(item, code, message)
      } catch ClientError.timedOut {
        refused(item, "timeout", "no answer in time")
      }
      if isOver { return }
      outbox.removeFirst()
      progressAt = .now
    }
  }

  private func deliver(_ item: Outbox.Item) async throws {
    switch item.act {
    case .say(let text):
      let proof = try await connection.send(text, to: item.session ?? "")
      book.update(proof.session) { if role != .customer { $0.waitingSince = nil } }
      let check = Terminal.paint("✓ #\(proof.sequence)", .faint)
      say(isTyped ? check : "\(check) \(Terminal.block(text))")
    case .close:
      try await connection.close(
        item.session ?? "", reason: "closed by the \(role.rawValue)")
      // A customer who ends the session has nothing more to say.
      if role == .customer { inputEnded() }
    case .transfer(let target): try await connection.transfer(item.session ?? "", to: target)
    case .answer(true, let offer): try await connection.accept(item.session ?? "", offer: offer)
    case .answer(false, let offer): try await connection.decline(item.session ?? "", offer: offer)
    case .open: try await open()
    }
  }

  private func refused(_ item: Outbox.Item, _ code: String, _ message: String) {
    let reason = code == "too_large" ? message : "\(code): \(message)"
    guard case .say(let text) = item.act else {
      note("\(item.words) was not done: \(reason)")
      countUnsent()
      return
    }
    notSent(item, reason)
    let isGone = ["session_closed", "forbidden", "not_found"].contains(code)
    if code == "session_closed", let session = item.session { remove(session) }
    guard isTyped else { return }
    if editor.bringBack(text) {
      receiver = item.session
      note(isGone ? "the line stays; Ctrl-T gives it to another session" : "the line stays, to be edited")
    } else {
      note("arrow up brings the line back")
    }
  }

  /// A person has been told and could do something about it; a script has the exit code.
  private func countUnsent() { if !isTyped || isOver { unsent += 1 } }

  func notSent(_ item: Outbox.Item, _ reason: String) {
    countUnsent()
    note("not sent: \(reason) · \(item.words)")
  }

  /// Answers questions, until the chat is over.
  func answer() async throws {
    for await question in questions {
      defer { unanswered -= 1 }
      do {
        try await answer(question)
      } catch ClientError.refused(let code, let message) {
        note("\(code): \(message)")
      } catch let failure as CommandFailure {
        note(failure.description)
      } catch is ClientError {
        // The connection has ended; whoever runs it tells why.
        return
      } catch {
        try Task.checkCancellation()
        note("no answer: \(NodeHTTP.reason(error))")
      }
    }
  }

  // MARK: The end

  /// No more input comes: what is pending is waited for.
  func inputEnded() {
    guard endedAt == nil else { return }
    endedAt = .now
    progressAt = .now
    if isTyped, !outbox.isEmpty {
      note(
        "waiting for the acknowledgement of \(outbox.items.count) lines, at most "
          + "\(ChatDirectory.words(wishes.patience)); Ctrl-C ends it")
    }
  }

  /// Whether more input is wanted.
  var isEnding: Bool { endedAt != nil }

  /// Ends at once; what is pending is told.
  func leave() {
    endedAt = endedAt ?? .now
    giveUp("the chat was left")
  }

  /// Looks whether there is anything left to wait for.
  func checkEnd() -> Bool {
    if isOver { return true }
    let now = ContinuousClock.now
    let isEnd = endedAt != nil || (!isTyped && InputReader.isClosed)
    guard isEnd else { return false }
    if now >= progressAt + wishes.patience, !outbox.isEmpty || !hasBegun || unanswered > 0 || endedAt == nil {
      giveUp(
        hasBegun ? "no acknowledgement within \(ChatDirectory.words(wishes.patience))" : "no node answered")
    }
    guard let endedAt, outbox.isEmpty, isTyped || (hasBegun && unanswered == 0) else { return isOver }
    if isTyped || isClosed || now >= max(endedAt, progressAt) + wishes.stay { end() }
    return isOver
  }

  /// What cannot be waited for any longer is told, line by line.
  /// - Parameter tellsRest: whether there is more of a pipe that is not read any more.
  private func giveUp(_ reason: String, tellsRest: Bool = true) {
    isOver = true
    let items = outbox.removeAll()
    for item in items.prefix(20) { notSent(item, reason) }
    if items.count > 20 {
      unsent += items.count - 20
      note("not sent: \(reason) · \(items.count - 20) more lines")
    }
    if tellsRest, !isTyped, endedAt == nil {
      unsent += 1
      note("not sent: \(reason) · the rest of the input")
    }
    end()
  }

  private func end() {
    isOver = true
    screen.end()
    lineCame.finish()
    ask.finish()
  }

  /// The connection has failed for good.
  func failed(_ reason: String) {
    if !isOver { giveUp(reason, tellsRest: false) }
  }

  // MARK: Printing

  func say(_ line: String) { screen.say(line, prompt: prompt, editor.line) }

  func redraw() { screen.draw(prompt: prompt, editor.line) }

  func note(_ text: String) {
    say(Terminal.paint("· " + Terminal.block(text), .faint))
  }
}
