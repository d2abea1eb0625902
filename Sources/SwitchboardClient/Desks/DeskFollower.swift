import Certificates
import Kernel
public import NIOCore
import NIOHTTP1
public import NIOPosix
public import Protocol

/// Follows what happens in a desk: who opens conversations, who waits, who serves, what agents do. For supervisors and admins.
/// It stays with one node and moves to another when that one is lost, and goes on behind the last update; where that cannot be
/// done it says so (`DeskFollowerEvent.missed`), and the desk's state comes anew.
///
/// `run()` does the work and has to be running while `events` are listened to:
///
///     let follower = DeskFollower(settings: settings, desk: "main", token: { token })
///     try await withThrowingTaskGroup(of: Void.self) { group in
///       group.addTask { try await follower.run() }
///       for await event in follower.events {
///         if case .update(let update) = event { print(update.time, update.kind) }
///       }
///     }
public actor DeskFollower {
  /// What happens, in order, for one listener.
  public nonisolated let events: AsyncStream<DeskFollowerEvent>

  private let listener: AsyncStream<DeskFollowerEvent>.Continuation
  private let settings: ClientSettings
  private let token: @Sendable () async throws -> String
  private let group: any EventLoopGroup
  private let began = ContinuousClock.now
  private var state: DeskStream
  private var trust: KnownTrust
  private var transport: StreamTransport?
  private var random = SystemRandomNumberGenerator()
  private var isShutDown = false
  private var lostBecause: String?

  /// - Parameters:
  ///   - settings: which nodes, how patiently, and how many events may wait for the listener. One that falls further behind
  ///     loses the connection, and gets what it has not had by the next one.
  ///   - desk: which one, for admins of the cluster; nil: that of the token.
  ///   - id: of the last update that this program has had, perhaps in an earlier life; nil: none.
  ///   - authorities: as for `SwitchboardConnection`.
  ///   - group: the event loops for the connection.
  ///   - token: asked for a token at every connection, so that it can be a fresh one.
  public init(
    settings: ClientSettings, desk: String? = nil, after id: String? = nil, authorities: String? = nil,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    token: @escaping @Sendable () async throws -> String
  ) {
    (self.settings, self.token, self.group) = (settings, token, group)
    state = DeskStream(settings: settings, desk: desk, after: id)
    trust = KnownTrust(authorities: authorities)
    (events, listener) = AsyncStream.makeStream(
      of: DeskFollowerEvent.self, bufferingPolicy: .bufferingOldest(settings.eventBuffer))
  }

  /// Connects, and connects again, until `shutDown()` or the task's cancellation. `events` end with it.
  /// - Throws: `ClientError` when another try would end the same way: a desk that is not there, or a token that is refused.
  public func run() async throws {
    defer { listener.finish() }
    for url in settings.urls { _ = try NodeURL(url) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await self.keepTime() }
      tasks.addTask { try await self.keepConnected() }
      // Whichever ends first ends the other.
      defer { tasks.cancelAll() }
      try await tasks.next()
    }
  }

  /// Ends `run()`.
  public func shutDown() {
    isShutDown = true
    state.finish(.shutDown)
    transport?.abort()
  }

  private var now: Instant { .zero + Span(ContinuousClock.now - began) }

  private func keepTime() async throws {
    while !isShutDown {
      try await Task.sleep(for: .milliseconds(50))
      apply(state.tick(at: now))
    }
  }

  private func keepConnected() async throws {
    while !isShutDown {
      var reason = "the connection ended"
      do { try await follow() } catch {
        switch error {
        case ClientError.badURL, ClientError.badTrust: throw error
        default: reason = "\(state.current): \(ConnectionFailure.words(for: error))"
        }
      }
      transport = nil
      if isShutDown { return }
      // What was cancelled elsewhere, a source of tokens for instance, is but one try that failed.
      try Task.checkCancellation()
      let (wait, actions) = state.disconnected(reason: lostBecause ?? reason, using: &random)
      lostBecause = nil
      apply(actions)
      guard let wait else {
        if let error = state.end { throw error }
        return
      }
      try await Task.sleep(for: wait.duration)
    }
  }

  /// One answer, from its head to its last byte.
  private func follow() async throws {
    let url = try NodeURL(state.current)
    let token = try await token()
    let transport = try await StreamTransport.connect(
      to: url, trust: try trust.trust(for: url), patience: settings.patience, group: group)
    try await transport.exchange.executeThenClose { inbound, outbound in
      self.transport = transport
      // It was shut down while the connection was made.
      if self.isShutDown { return }
      let request = self.state.connected(to: url, token: token, at: self.now)
      var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.target)
      for header in request.headers { head.headers.add(name: header.name, value: header.value) }
      try await outbound.write(contentsOf: [.head(head), .end(nil)])
      for try await part in inbound {
        switch part {
        case .head(let head):
          let wait = head.headers.first(name: "Retry-After").flatMap { Int($0) }
          self.apply(self.state.answered(status: Int(head.status.code), retryAfter: wait, at: self.now))
        case .body(let bytes):
          self.apply(self.state.received(bytes.readableBytesView, at: self.now))
        // A node keeps the connection for other requests; there are none.
        case .end: return
        }
      }
    }
  }

  private func apply(_ actions: [DeskStream.Action]) {
    for action in actions {
      switch action {
      case .disconnect(let reason): end(reason)
      case .emit(let event):
        guard case .dropped = listener.yield(event) else {
          if case .update(let update) = event { state.delivered(update) }
          continue
        }
        state.overrun()
        // What else has come stands behind what was dropped, and comes again as well.
        return end("the listener is too slow")
      }
    }
  }

  private func end(_ reason: String) {
    lostBecause = reason
    transport?.abort()
  }
}
