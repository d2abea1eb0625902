import Desk
import Kernel
import Protocol

/// Keeps what one connection asks about one session in the order in which it asked, where the answers must not overtake
/// one another: what is sent after a `resume` or `join` goes once that is answered, and a `resume` or `join` waits for
/// the answers to what was sent before. Else an ack could come before the messages that a resume brings, and a client that
/// remembers the highest sequence would never ask for those between. To close or transfer a session counts as to say
/// something in it: it must not overtake what was said before.
///
/// What waits is bounded by what the gateway lets one connection have open at once, and in all by
/// `NodeConfiguration.maxHeldBytes`.
struct RequestOrder {
  private struct Turn {
    /// Messages, and what closes or transfers the session, that have no answer yet.
    var sends = 0
    /// A `join` or `resume` that has no answer yet.
    var isReading = false
    var waiting: [(request: ClientRequest, since: Instant)] = []
    var isIdle: Bool { sends == 0 && !isReading && waiting.isEmpty }

    var isFollowing: Bool { isReading || waiting.contains { $0.request.body.isFollow } }

    var bytes: Int { waiting.reduce(0) { $0 + $1.request.heldBytes } }

    func hasToWait(_ request: ClientRequest) -> Bool { !waiting.isEmpty || !canBegin(request) }

    mutating func mayBegin(_ request: ClientRequest, at now: Instant) -> Bool {
      if hasToWait(request) {
        waiting.append((request, now))
        return false
      }
      begin(request)
      return true
    }

    private func canBegin(_ request: ClientRequest) -> Bool {
      !isReading && (!request.body.isFollow || sends == 0)
    }

    private mutating func begin(_ request: ClientRequest) {
      if request.body.isFollow { isReading = true } else { sends += 1 }
    }

    mutating func finished(_ isFollow: Bool) -> [ClientRequest] {
      if isFollow { isReading = false } else { sends = max(0, sends - 1) }
      return takeReady()
    }

    private mutating func takeReady() -> [ClientRequest] {
      var next: [ClientRequest] = []
      while let first = waiting.first, canBegin(first.request) {
        waiting.removeFirst()
        begin(first.request)
        next.append(first.request)
      }
      return next
    }

    mutating func takeLate(_ isLate: (Instant) -> Bool) -> (late: [ClientRequest], next: [ClientRequest]) {
      let late = waiting.filter { isLate($0.since) && !$0.request.body.isResume }.map(\.request)
      waiting.removeAll { isLate($0.since) && !$0.request.body.isResume }
      return (late, takeReady())
    }
  }

  /// What one connection is asking at this moment. Most ask about one session at a time, which needs no table.
  private struct Turns {
    private var session: SessionID
    private var turn = Turn()
    private var others: [SessionID: Turn] = [:]

    init(_ session: SessionID) { self.session = session }

    var isIdle: Bool { turn.isIdle && others.isEmpty }
    var isWaiting: Bool { !turn.waiting.isEmpty || others.contains { !$0.value.waiting.isEmpty } }
    var sessions: [SessionID] { ([session] + others.keys).sorted() }
    var bytes: Int { others.values.reduce(turn.bytes) { $0 + $1.bytes } }

    func hasToWait(_ request: ClientRequest, in session: SessionID) -> Bool {
      session == self.session ? turn.hasToWait(request) : others[session]?.hasToWait(request) ?? false
    }

    func isReading(_ session: SessionID) -> Bool {
      (session == self.session ? turn : others[session])?.isFollowing ?? false
    }

    mutating func change<Result>(_ session: SessionID, _ body: (inout Turn) -> Result) -> Result {
      if others.isEmpty, turn.isIdle { self.session = session }
      guard session != self.session else { return body(&turn) }
      defer { if others[session]?.isIdle == true { others[session] = nil } }
      return body(&others[session, default: Turn()])
    }
  }

  private var connections: [ConnectionID: Turns] = [:]
  /// Of all that waits.
  private(set) var bytes = 0

  /// Whether `mayBegin` would say no.
  func hasToWait(_ request: ClientRequest, in session: SessionID) -> Bool {
    connections[request.connection]?.hasToWait(request, in: session) ?? false
  }

  /// Whether a `join` or `resume` of the session has no answer yet, or waits for its turn.
  func isReading(_ session: SessionID, by connection: ConnectionID) -> Bool {
    connections[connection]?.isReading(session) ?? false
  }

  /// - Returns: false when the request waits; `finished` gives it out.
  mutating func mayBegin(_ request: ClientRequest, in session: SessionID, at now: Instant) -> Bool {
    guard let index = connections.index(forKey: request.connection) else {
      // Nothing that it could wait for.
      var turns = Turns(session)
      defer { connections[request.connection] = turns }
      return turns.change(session) { $0.mayBegin(request, at: now) }
    }
    let begins = connections.values[index].change(session) { $0.mayBegin(request, at: now) }
    if !begins { bytes += request.heldBytes }
    return begins
  }

  /// A message, or a `join` or `resume`, has its answer.
  ///
  /// - Returns: what goes now, in order; it counts as begun.
  mutating func finished(_ connection: ConnectionID, _ session: SessionID, isFollow: Bool) -> [ClientRequest] {
    guard let index = connections.index(forKey: connection) else { return [] }
    let next = connections.values[index].change(session) { $0.finished(isFollow) }
    for request in next { bytes -= request.heldBytes }
    if connections.values[index].isIdle { connections.remove(at: index) }
    return next
  }

  /// Gives up what waits for too long, but for a `resume`, which waits for as long as its connection is there (see
  /// `ReadBarriers.expire`). What was to be heard first is a sequence: an error may overtake it.
  ///
  /// - Returns: what is given up, and what goes now, by connection and in order.
  mutating func takeLate(_ isLate: (Instant) -> Bool) -> (late: [ClientRequest], next: [ClientRequest]) {
    var late: [ClientRequest] = []
    var next: [ClientRequest] = []
    let held = connections.filter { $0.value.isWaiting }.keys
    for connection in held.sorted(by: { ($0.number, $0.sink) < ($1.number, $1.sink) }) {
      for session in connections[connection]?.sessions ?? [] {
        guard let found = connections[connection]?.change(session, { $0.takeLate(isLate) }) else { continue }
        late += found.late
        next += found.next
        for request in found.late + found.next { bytes -= request.heldBytes }
      }
    }
    return (late, next)
  }

  /// The connection is gone.
  mutating func forget(_ connection: ConnectionID) {
    guard let turns = connections.removeValue(forKey: connection) else { return }
    bytes -= turns.bytes
  }

  /// Connections that have asked and have no answer yet.
  var count: Int { connections.count }
}

extension DeskRequest {
  /// A `join` or a `resume`.
  var isFollow: Bool {
    switch self {
    case .join, .resume: true
    case .open, .send, .arrange, .perform, .govern, .history, .query, .typing, .read, .disconnected:
      false
    }
  }

  var isResume: Bool { if case .resume = self { true } else { false } }

  /// The session that the order of the request's answer is bound to.
  var orderedSession: SessionID? {
    switch self {
    case .send(let session, _, _), .join(let session, _), .resume(let session, _): session
    case .perform(let record): record.session
    case .open, .arrange, .govern, .history, .query, .typing, .read, .disconnected: nil
    }
  }
}
