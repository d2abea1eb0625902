import Desk
import Kernel

/// From a client's frame to a request of the replica.
extension ServerConnection {
  mutating func receive(
    _ frame: some RequestFrame, now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) {
    guard let type = frame.asked else {
      let name = frame.name
      guard charge(TokenBucket.request, name: name, now: now, addressBudget: &addressBudget, into: &output)
      else { return }
      return fault(
        name, Failure(.badFrame, "A frame needs a `type`, for instance {\"type\":\"ping\"}."), now: now,
        into: &output)
    }
    do throws(Failure) {
      let id = try frame.requestID(limit: rules.limits.idLength)
      let cost =
        switch type {
        case .received, .ping, .pong: TokenBucket.small
        case .hello, .send, .operation, .later, .unknown: TokenBucket.request
        }
      guard charge(cost, name: .text(id), now: now, addressBudget: &addressBudget, into: &output) else {
        return
      }
      if phase == .awaitingHello {
        try receiveFirst(type, frame, now: now, into: &output)
      } else {
        try receive(type, frame, id: id, now: now, into: &output)
      }
    } catch {
      let name = frame.name
      switch error.code {
      // Nobody's fault: such an answer does not count as an error of the client.
      case .busy: sendError(name, session: nil, error, now: now, into: &output)
      case .unsupported where type.isLater: sendError(name, session: nil, error, now: now, into: &output)
      case .unauthorized:
        sendError(name, session: nil, error, now: now, into: &output)
        close(.unauthorized, "say hello with a token first", now: now, into: &output)
      default: fault(name, error, now: now, into: &output)
      }
    }
  }

  private mutating func receiveFirst(
    _ type: ClientFrameType, _ frame: some RequestFrame, now: Moment, into output: inout ConnectionOutput
  ) throws(Failure) {
    guard case .hello = type else {
      throw Failure(.unauthorized, "The first frame must be `hello` with a token.")
    }
    let hello = try frame.hello()
    guard let token = extra?.bearer ?? hello.token, !token.isEmpty else {
      throw Failure(.unauthorized, "A token is needed, in `hello` or in the Authorization header.")
    }
    extra?.bearer = nil
    hasReceipts = hello.receipts
    if !hello.resume.isEmpty { needExtra().resume = hello.resume }
    if !hello.odd.isEmpty { needExtra().oddResume = hello.odd }
    releaseExtra()
    phase = .verifying
    output.token = token
  }

  private mutating func receive(
    _ type: ClientFrameType, _ frame: some RequestFrame, id: String, now: Moment,
    into output: inout ConnectionOutput
  ) throws(Failure) {
    switch type {
    case .send:
      let body = try frame.sendRequest(id: id, bodyBytes: rules.limits.bodyBytes)
      try submit(body, .init(id: id, kind: .send), into: &output)
    case .received:
      let (session, sequence) = try frame.receipt()
      extra?.unconfirmed.confirm(session, through: sequence)
    case .ping:
      sayPong(id: id, now: now, into: &output)
    case .pong: break
    case .operation(let operation): try perform(operation, frame, id: id, into: &output)
    case .hello:
      // What it brings is bad or good when its verdict is there.
      return try renew(frame, id: id, into: &output)
    case .later:
      throw Failure(.unsupported, "`\(frame.typeName)` is not served by this release yet.")
    case .unknown:
      throw Failure(.unsupported, "This `type` is unknown; see the client protocol v2.msg.")
    }
    errorsInARow = 0
  }

  /// What is particular to connections: an opened or joined session is followed, and a page of messages may be cut.
  private mutating func perform(
    _ operation: any ClientOperation.Type, _ frame: some RequestFrame, id: String,
    into output: inout ConnectionOutput
  ) throws(Failure) {
    guard let person else { throw Failure(.unauthorized, "The first frame must be `hello` with a token.") }
    let asker = Asker(
      requestID: id, role: person.role, entitlement: entitlement, bodyBytes: rules.limits.bodyBytes)
    let body = try frame.request(operation, role: person.role, by: asker)
    switch body {
    case .open:
      try admitSession()
      try submit(body, .init(id: id, kind: .open), into: &output)
      needExtra().sessionsBeingOpened += 1
    case .join(let session, let after): try follow(session, after: after, id: id, kind: .join, into: &output)
    case .history(_, let range, _):
      try submit(body, .init(id: id, kind: range.isBackwards ? .historyBackwards : .plain), into: &output)
    case .send: try submit(body, .init(id: id, kind: .send), into: &output)
    case .typing, .read: try tell(body, into: &output)
    case .arrange, .perform, .govern, .query, .resume, .disconnected:
      try submit(body, .init(id: id, kind: .plain), into: &output)
    }
  }

  /// How far the client's word goes.
  private var entitlement: Entitlement {
    Entitlement(
      priority: extra?.priority, skills: extra?.skills, capacity: extra?.capacity, choices: rules.choices,
      isOfCluster: extra?.desk == nil)
  }

  /// The desk of whoever is connected.
  var desk: DeskName { extra?.desk ?? .main }

  /// Hands over what has no answer.
  private func tell(_ body: DeskRequest, into output: inout ConnectionOutput) throws(Failure) {
    guard let person else { throw Failure(.unauthorized, "The first frame must be `hello` with a token.") }
    output.requests.append(ClientRequest(connection: id, tag: 0, person: person, desk: desk, body: body))
    output.figures.requests += 1
  }

  /// Hands a request over, if the connection has not too many open. What `hello` resumes is bounded by its frame.
  private mutating func submit(
    _ body: DeskRequest, _ slot: RequestTable.Slot, into output: inout ConnectionOutput
  ) throws(Failure) {
    guard let person else { throw Failure(.unauthorized, "The first frame must be `hello` with a token.") }
    let limit = slot.kind == .resume ? 0 : rules.limits.openRequests
    guard let tag = needExtra().requests.add(slot, limit: limit) else {
      throw Failure(
        .busy, "Too many requests of this connection wait for their answer: let some come first.",
        retryAfterMilliseconds: 100)
    }
    output.requests.append(ClientRequest(connection: id, tag: tag, person: person, desk: desk, body: body))
    output.figures.requests += 1
  }

  /// An agent follows what it serves, which its capacity bounds; nothing else is open to it.
  var countsSessions: Bool { rules.limits.sessionsPerConnection > 0 && person?.role != .agent }

  private func admitSession() throws(Failure) {
    let limit = rules.limits.sessionsPerConnection
    guard countsSessions, let extra, extra.sessions.count + extra.sessionsBeingOpened >= limit else { return }
    throw Failure(
      .forbidden, "This connection follows \(limit) sessions already: use another connection for more.")
  }

  mutating func follow(
    _ session: SessionID, after: Sequence, id: String, kind: RequestTable.Kind,
    into output: inout ConnectionOutput
  ) throws(Failure) {
    let isNew = countsSessions && extra?.sessions.contains(session) != true
    if isNew { try admitSession() }
    let body: DeskRequest = kind == .join ? .join(session, after: after) : .resume(session, after: after)
    try submit(body, .init(id: id, kind: kind, session: session, isNew: isNew), into: &output)
    if isNew { needExtra().sessions.append(session) }
  }
}
