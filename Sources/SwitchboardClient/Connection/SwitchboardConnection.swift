package import Certificates
package import Desk
import Kernel
public import NIOCore
public import NIOPosix
import NIOWebSocket
public import Protocol

/// A client of a Switchboard cluster. It stays with one node and moves to another when that one is lost, resumes
/// every conversation where it was, and sends again what was not acknowledged: with the same id, so that nothing
/// is said twice.
///
/// `run()` does the work and has to be running while the other functions are used:
///
///     let connection = SwitchboardConnection(settings: settings, token: { token })
///     try await withThrowingTaskGroup(of: Void.self) { group in
///       group.addTask { try await connection.run() }
///       let chat = try await connection.open(skill: "billing")
///       let proof = try await connection.send("hello", to: chat.session)
///       await connection.shutDown()
///     }
public actor SwitchboardConnection {
  /// What happens, in order, for one listener.
  public nonisolated let events: AsyncStream<ClientEvent>

  private let listener: AsyncStream<ClientEvent>.Continuation
  private let token: @Sendable () async throws -> String
  private let witness: (@Sendable (FrameSighting) -> Void)?
  private let group: any EventLoopGroup
  private let began = ContinuousClock.now
  private var state: ClientConnection
  private var transport: WebSocketTransport?
  private var trust: KnownTrust
  private var waiters: [String: AsyncStream<ClientAction.Outcome>.Continuation] = [:]
  /// The token of the connection ends soon.
  private let tokenWishes: AsyncStream<Void>
  private let tokenWish: AsyncStream<Void>.Continuation
  private var random = SystemRandomNumberGenerator()
  private var isShutDown = false
  private var lostBecause: String?
  /// A message found no room. What the connection still brings would stand before it: it comes by resuming, too.
  private var isOverrun = false

  /// - Parameters:
  ///   - settings: which nodes, and how patiently.
  ///   - authorities: a file in PEM with the authorities that are believed when a node of `https://` or `wss://` shows its
  ///     certificate; nil: the file that the environment variable `SWITCHBOARD_CA_FILE` names, or without it those that the
  ///     system trusts. A file that cannot be used ends `run()` with `ClientError.badTrust`.
  ///   - group: the event loops for the connection.
  ///   - token: asked for a token at every connection, and before the one of a connection ends, so that it can be a
  ///     fresh one.
  public init(
    settings: ClientSettings, authorities: String? = nil,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    token: @escaping @Sendable () async throws -> String
  ) {
    self.init(settings: settings, authorities: authorities, group: group, witness: nil, token: token)
  }

  /// - Parameter witness: shown every frame of every connection, in order.
  package init(
    settings: ClientSettings, authorities: String? = nil, trust: ClientTrust? = nil,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    witness: (@Sendable (FrameSighting) -> Void)?, token: @escaping @Sendable () async throws -> String
  ) {
    state = ClientConnection(settings: settings)
    self.trust = KnownTrust(authorities: authorities, trust)
    self.witness = witness
    self.group = group
    self.token = token
    (tokenWishes, tokenWish) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    (events, listener) = AsyncStream.makeStream(
      of: ClientEvent.self, bufferingPolicy: .bufferingOldest(settings.eventBuffer))
  }

  /// An id that no other message has.
  public nonisolated static func newID() -> String {
    var random = SystemRandomNumberGenerator()
    return String(random.next(), radix: 36) + String(random.next() as UInt64, radix: 36)
  }

  /// Whether a request is under way.
  var isWaitedFor: Bool { !waiters.isEmpty }

  // MARK: Life

  /// Connects, and connects again, until `shutDown()` or the task's cancellation.
  /// - Throws: `ClientError` when another try would end the same way: a token that is refused, for instance. Requests
  ///   without an answer fail with the same error.
  public func run() async throws {
    var end = ClientError.shutDown
    defer {
      apply(state.finish(end))
      listener.finish()
    }
    do {
      for url in state.settings.urls { _ = try NodeURL(url) }
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await self.keepTime() }
        tasks.addTask { try await self.keepConnected() }
        tasks.addTask { await self.keepToken() }
        // Whichever ends first ends the other.
        defer { tasks.cancelAll() }
        try await tasks.next()
      }
    } catch let error as ClientError {
      end = error
      throw error
    }
  }

  /// Says goodbye and ends `run()`. Requests without an answer fail with `shutDown`.
  public func shutDown() {
    isShutDown = true
    apply(state.finish(.shutDown))
    transport?.close(code: .normalClosure)
  }

  private var now: Instant { .zero + Span(ContinuousClock.now - began) }

  private func keepTime() async throws {
    while !isShutDown {
      try await Task.sleep(for: .milliseconds(50))
      apply(state.tick(at: now))
    }
    // The close frame may take a moment; a node that does not answer is not waited for.
    try await Task.sleep(for: .milliseconds(250))
  }

  /// A source that fails is asked again when half of the time that is left has gone.
  private func keepToken() async {
    for await _ in tokenWishes {
      guard let token = try? await token() else { continue }
      apply(state.renew(token: token, at: now))
    }
  }

  private func keepConnected() async throws {
    while !isShutDown {
      var closeCode: Int?
      var reason = "the connection ended"
      do {
        closeCode = try await converse()
        if let closeCode { reason = "the node closed the connection (\(closeCode))" }
      } catch let error as ClientError {
        switch error {
        case .badURL, .badTrust: throw error
        default: break
        }
        reason = error.description
      } catch {
        reason = "\(state.route.current): \(ConnectionFailure.words(for: error))"
      }
      transport = nil
      if isShutDown { return }
      // What was cancelled elsewhere, a source of tokens for instance, is but one try that failed.
      try Task.checkCancellation()
      let (wait, actions) = state.disconnected(
        reason: lostBecause ?? reason, closeCode: closeCode, using: &random)
      lostBecause = nil
      apply(actions)
      guard let wait else {
        if case .over(let error) = state.phase { throw error }
        return
      }
      try await Task.sleep(for: wait.duration)
    }
  }

  /// One connection, from its first byte to its last.
  /// - Returns: the code of the node's close frame, if there was one.
  private func converse() async throws -> Int? {
    let url = try NodeURL(state.route.current)
    let token = try await token()
    let transport = try await WebSocketTransport.connect(
      to: url, trust: try trust.trust(for: url), patience: state.settings.patience, group: group)
    return try await transport.frames.executeThenClose { inbound, _ in
      self.transport = transport
      self.isOverrun = false
      self.witness?(.connected)
      self.apply(self.state.connected(token: token, at: self.now))
      for try await frame in inbound {
        if let code = self.take(frame, from: transport) { return code }
      }
      return nil
    }
  }

  /// - Returns: the code of a close frame.
  private func take(_ frame: WebSocketFrame, from transport: WebSocketTransport) -> Int? {
    state.heard(at: now)
    switch frame.opcode {
    case .text:
      guard let received = frame.unmaskedData.withUnsafeReadableBytes({ try? ReceivedFrame($0) }) else {
        apply([.emit(.serverError(code: "bad_frame", message: "the node sent what is not of the protocol"))])
        return nil
      }
      witness?(.received(received))
      apply(state.received(received, at: now))
    case .ping:
      transport.write(.pong, frame.unmaskedData)
    case .connectionClose:
      var data = frame.unmaskedData
      let code = data.readInteger(as: UInt16.self).map(Int.init) ?? 1005
      transport.close(code: .normalClosure)
      return code
    default:
      break
    }
    return nil
  }

  /// The most bytes of a message that the node takes; nil while there is none, and when it does not say so. A longer one
  /// fails at once with `too_large`.
  public var longestMessage: Int? { state.isReady ? state.limits.bodyBytes : nil }

  // MARK: Requests

  /// Performs an operation: every one that is declared, without a function of its own. What is not answered is said now or,
  /// without a connection, not at all.
  /// - Parameter id: by which the cluster knows a repetition, of what it remembers.
  /// - Throws: `ClientError`.
  package func perform<Wanted: ClientOperation>(
    _ operation: Wanted, id: String = SwitchboardConnection.newID()
  ) async throws {
    if case .nothing = Wanted.answer { return signal(operation) }
    _ = try await ask(SentFrame(operation, id: id))
  }

  /// As `perform`, on condition that the session is still what it was.
  /// - Parameter version: nil: whatever it is.
  /// - Throws: `ClientError.refused` with `precondition_failed` when something was done to the session since. An operation
  ///   that was done itself, and whose answer was lost, is answered as it was the first time.
  package func perform(
    _ operation: some SessionOperation, id: String = SwitchboardConnection.newID(),
    expecting version: SessionVersion?
  ) async throws {
    _ = try await ask(SentFrame(operation, id: id, expecting: version))
  }

  /// As `perform`, for what is answered with more than that it is done.
  /// - Returns: its answer.
  package func perform<Wanted: AnsweredOperation>(
    _ operation: Wanted, id: String = SwitchboardConnection.newID()
  ) async throws -> Wanted.Answer {
    guard let answer = try await ask(SentFrame(operation, id: id)).answer as? Wanted.Answer else {
      throw ClientError.badAnswer("to \(Wanted.name)")
    }
    return answer
  }

  /// Says what is not answered, if there is a connection.
  func signal(_ operation: some ClientOperation) { apply(state.signal(SentFrame(operation, id: nil))) }

  private func ask(_ frame: SentFrame) async throws -> ClientAction.Outcome {
    let id = frame.id ?? ""
    let now = now
    let deadline = state.settings.requestTimeout.map { now + Span($0) }
    let actions = try state.submit(frame, deadline: deadline, at: now)
    let (outcomes, continuation) = AsyncStream.makeStream(
      of: ClientAction.Outcome.self, bufferingPolicy: .bufferingOldest(1))
    waiters[id] = continuation
    apply(actions)
    for await outcome in outcomes {
      if case .failed(let error) = outcome { throw error }
      return outcome
    }
    // The stream ends without a value when the waiting task is cancelled.
    waiters[id] = nil
    state.abandon(id)
    throw CancellationError()
  }

  // MARK: Actions

  private func apply(_ actions: [ClientAction]) {
    for action in actions {
      switch action {
      case .transmit(let frame):
        guard let transport else { continue }
        witness?(.sent(frame))
        transport.write(.text, ByteBuffer(bytes: frame.encoded))
      case .ping:
        transport?.write(.ping, ByteBuffer())
      case .needToken: tokenWish.yield()
      case .disconnect(let reason):
        lostBecause = reason
        transport?.abort()
      case .resolve(let id, let outcome):
        guard let waiter = waiters.removeValue(forKey: id) else { continue }
        waiter.yield(outcome)
        waiter.finish()
      case .emit(let event):
        if isOverrun, case .message(let message) = event {
          state.undelivered(message)
          continue
        }
        guard case .dropped = listener.yield(event) else { continue }
        if case .message(let message) = event {
          state.undelivered(message)
          isOverrun = true
        }
        lostBecause = "the listener is too slow"
        state.leaves()
        transport?.abort()
      }
    }
  }
}
