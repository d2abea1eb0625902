internal import Desk
package import Kernel

/// One client of `v2.msg` as a value: what it still has to say, what it has seen of each conversation, and where it connects
/// next. Frames, time and the ends of connections go in; actions come out. It does no input or output, and what it
/// needs of time and chance are arguments.
package struct ClientConnection: Sendable {
  package enum Phase: Sendable, Equatable {
    case away
    /// Connected, `hello` sent.
    case greeting(since: Instant)
    case ready
    /// No more tries.
    case over(ClientError)
  }

  package let settings: ClientSettings
  package private(set) var phase = Phase.away
  var requests: PendingRequests
  /// What was seen, by session.
  var seen: [String: SequenceSet] = [:]
  /// The last status an agent asked for: presence ends with a connection and is told again on the next one.
  var lastStatus: SentFrame?
  /// Conversations that are over, oldest first: nothing is left to resume, but what the server sends again of them
  /// is still to be known as seen.
  var ended: [String] = []
  static let endedRemembered = 256
  var resumption = Resumption()
  /// Sessions whose `received` is due.
  var unconfirmed: Set<String> = []
  /// What the node of this connection takes.
  package internal(set) var limits = ServerLimits()
  /// Requests are sent one at a time, because one of them is suspected to end connections.
  var isCareful = false
  /// The connection is ended by this side.
  private var isLeaving = false
  /// When the connection will have proved itself by staying.
  private var provenAt = Instant.distantFuture
  private var welcomedBefore = false
  /// The `sub` of this client's token, as the node has read it.
  private(set) var user: String?
  private(set) var lastReceived = Instant.zero
  private var pingedAt: Instant?
  private var heartbeat = Span.milliseconds(15_000)
  /// When the receipts of what has come are due.
  var confirmationDue = Instant.distantFuture
  package internal(set) var route: NodeRoute
  /// What is known of the end of the token.
  var renewal = TokenRenewal()

  package init(settings: ClientSettings) {
    self.settings = settings
    requests = PendingRequests(maximum: settings.maximumPending)
    route = NodeRoute(urls: settings.urls, backoff: settings.backoff, discovers: settings.discoversNodes)
  }

  package var isReady: Bool { phase == .ready }

  /// What is worth saying now or not at all.
  package func signal(_ frame: SentFrame) -> [ClientAction] { isReady ? [.transmit(frame)] : [] }

  // MARK: The connection

  /// The WebSocket is open: says hello, and what is to be resumed.
  package mutating func connected(token: String, at now: Instant) -> [ClientAction] {
    phase = .greeting(since: now)
    isLeaving = false
    provenAt = .distantFuture
    limits = ServerLimits()
    lastReceived = now
    pingedAt = nil
    var hello = ClientHello(token: token)
    hello.receipts = settings.receipts ? true : nil
    // Whoever waits to join a session is told of all of it by that, and of one that is none once.
    var over = Set(ended)
    for request in requests.inOrder {
      if let join = request.frame.join { over.insert(join.session.text) }
    }
    let points = seen.filter { !over.contains($0.key) }.sorted { $0.key < $1.key }.map {
      SentFrame.ResumePoint(session: $0.key, after: $0.value.contiguousEnd)
    }
    resumption.begin(&hello, points)
    return [.transmit(SentFrame(hello))]
  }

  /// The connection has ended, or could not be made.
  /// - Returns: the wait before the next try, or nil when there is to be none.
  package mutating func disconnected(
    reason: String, closeCode: Int?, using generator: inout some RandomNumberGenerator
  ) -> (wait: Span?, actions: [ClientAction]) {
    let givenUp = isLeaving || !isReady ? [] : suspect(closeCode: closeCode)
    var isGreeting = false
    if case .greeting = phase { isGreeting = true }
    for id in resumption.end(isTooLong: isGreeting && closeCode == Int(CloseCode.tooBig.rawValue)) {
      requests.remove(id)
    }
    provenAt = .distantFuture
    requests.returnAll()
    forgetConfirmations()
    renewal.forget()
    // A token that was good and has ended: the next connection has another one, or is refused in its greeting.
    let hasExpired = phase == .ready && closeCode == Int(CloseCode.unauthorized.rawValue)
    if let closeCode, CloseCode.isFinal(closeCode), !hasExpired {
      return (nil, givenUp + finish(.closedByServer(code: closeCode, reason: reason)))
    }
    if case .over = phase { return (nil, givenUp) }
    phase = .away
    let wait = route.nextWait(using: &generator)
    let event = ClientEvent.disconnected(reason: reason, retryInMilliseconds: Int(wait.milliseconds))
    return (wait, givenUp + [.emit(event)])
  }

  /// A token for the one that ends. Lost when there is no connection, as the next one begins with a token anyway.
  package mutating func renew(token: String, at now: Instant) -> [ClientAction] {
    guard isReady else { return [] }
    return [.transmit(renewal.hello(token))]
  }

  /// Nothing more is tried; everybody who waits is told.
  package mutating func finish(_ error: ClientError) -> [ClientAction] {
    if case .over = phase { return [] }
    phase = .over(error)
    for id in resumption.end(isTooLong: false) { requests.remove(id) }
    return requests.inOrder.map { request in
      requests.remove(request.id)
      return .resolve(id: request.id, .failed(error))
    }
  }

  mutating func welcomed(_ frame: ReceivedFrame, at now: Instant) -> [ClientAction] {
    guard case .greeting = phase else { return [] }
    phase = .ready
    heartbeat = .milliseconds(
      min(max(frame.heartbeatMilliseconds ?? 15_000, 100), ReceivedFrame.longestWait))
    user = frame.user ?? user
    limits = frame.limits ?? ServerLimits()
    resumption.welcomed(limits)
    provenAt = now + Span(settings.provenAfter)
    route.welcomed(by: frame.node, nodes: frame.nodes ?? [])
    let resumed = welcomedBefore
    welcomedBefore = true
    var actions: [ClientAction] = [
      .emit(.connected(node: frame.node ?? "", url: route.current, resumed: resumed))
    ]
    actions += giveUpTooLong()
    if let lastStatus, !requests.inOrder.contains(where: { $0.frame.operation is SetStatus }) {
      actions.append(.transmit(lastStatus))
    }
    resumeMore()
    return actions + sendWaiting(at: now)
  }

  /// This side ends the connection, for a reason of its own.
  package mutating func leaves() { isLeaving = true }

  /// The connection is a good one.
  mutating func proved() {
    provenAt = .distantFuture
    route.proved()
    requests.clearCuts()
  }

  // MARK: Requests

  /// Takes a request; it is sent at once when there is a connection, else with the next one.
  /// - Throws: `ClientError` when it cannot be taken; `too_large` when the node says that it takes nothing so long.
  package mutating func submit(_ frame: SentFrame, deadline: Instant?, at now: Instant) throws(ClientError)
    -> [ClientAction]
  {
    if case .over(let error) = phase { throw error }
    if isReady, let error = limits.refusal(of: frame) { throw error }
    try requests.add(PendingRequest(frame: frame, deadline: deadline))
    if let join = frame.join {
      // Whoever joins asks for what is behind `after`, even if the first message seen so far lies further on.
      var set = seen[join.session.text] ?? SequenceSet(floor: join.after.rawValue)
      set.rebase(to: join.after.rawValue)
      seen[join.session.text] = set
      resumption.leaveOut(join.session.text)
    }
    return sendWaiting(at: now)
  }

  /// Nobody waits for it any more.
  package mutating func abandon(_ id: String) { requests.remove(id) }

  /// A message did not reach the listener: it is not seen, and is asked for again on the next connection.
  package mutating func undelivered(_ message: ChatMessage) { seen[message.session]?.remove(message.sequence) }

  // MARK: Time

  /// How long receipts are gathered before `tick` is asked for.
  static let confirmationWait = Span.milliseconds(50)

  /// Does what is due. To be called at `deadline`, or now and then (every 50 ms or so).
  package mutating func tick(at now: Instant) -> [ClientAction] {
    var actions: [ClientAction] = []
    if provenAt <= now { proved() }
    for request in requests.inOrder {
      if let deadline = request.deadline, deadline <= now {
        requests.remove(request.id)
        actions.append(.resolve(id: request.id, .failed(.timedOut)))
      } else if isReady, let retryAt = request.retryAt, retryAt <= now {
        requests.update(request.id) {
          $0.retryAt = nil
          $0.sentAt = now
        }
        actions.append(.transmit(request.frame))
      }
    }
    if isCareful { actions += sendWaiting(at: now) }
    actions += confirmations()
    if isReady, renewal.isDue(at: now) { actions.append(.needToken) }
    let ends = liveness(at: now)
    if case .disconnect? = ends.first { isLeaving = true }
    return actions + ends
  }

  private mutating func confirmations() -> [ClientAction] {
    guard isReady, !unconfirmed.isEmpty else { return [] }
    defer { forgetConfirmations() }
    return unconfirmed.sorted().compactMap { session in
      guard let set = seen[session], let id = SessionID(text: session) else { return nil }
      return .transmit(SentFrame(Received(session: id, seq: Sequence(set.contiguousEnd))))
    }
  }

  private mutating func forgetConfirmations() {
    unconfirmed.removeAll()
    confirmationDue = .distantFuture
  }

  private var patience: Span { Span(settings.patience) }
  /// A node says something in two heartbeats and a half, whatever happens to it.
  private var silenceEnds: Instant { lastReceived + heartbeat * 5 / 2 }

  /// When a ping is to be sent, or its answer to be there, as a request waits; nil: none does.
  private var answerDue: Instant? {
    guard let sent = requests.oldestSent else { return nil }
    if let pinged = pingedAt, lastReceived < pinged { return pinged + patience / 2 }
    return max(sent, lastReceived) + patience / 2
  }

  /// When `tick` is to be called next.
  package var deadline: Instant {
    var next = requests.nextDeadline
    switch phase {
    case .greeting(let since): next = min(next, since + patience)
    case .ready:
      next = min(next, requests.nextRetry, confirmationDue)
      next = min(next, provenAt)
      next = min(next, silenceEnds, answerDue ?? .distantFuture)
      next = min(next, renewal.due)
    case .away, .over: break
    }
    return next
  }

  /// A node that is frozen keeps its connections: only silence tells.
  private mutating func liveness(at now: Instant) -> [ClientAction] {
    switch phase {
    case .greeting(let since) where since + patience <= now:
      return [.disconnect(reason: "no welcome within \(patience.milliseconds) ms")]
    case .ready:
      let silence = (now - lastReceived).milliseconds
      if silenceEnds <= now { return [.disconnect(reason: "silent for \(silence) ms")] }
      guard let due = answerDue else {
        pingedAt = nil
        return []
      }
      let isAsked = pingedAt.map { lastReceived < $0 } ?? false
      if !isAsked { pingedAt = nil }
      guard due <= now else { return [] }
      if isAsked { return [.disconnect(reason: "no answer for \(silence) ms")] }
      pingedAt = now
      return [.ping]
    case .away, .greeting, .over:
      return []
    }
  }

  /// Anything that comes shows that the node lives.
  package mutating func heard(at now: Instant) { lastReceived = max(lastReceived, now) }
}
