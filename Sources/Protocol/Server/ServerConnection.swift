import Desk
package import Kernel

/// One client connection of the protocol `v2.msg` as a value: frames, verdicts, deliveries and time go in, what
/// is to be done comes out (`ConnectionOutput`). It does no input or output and reads no clock.
///
/// What an idle connection does not need stands behind `extra`, so that a hundred thousand of them stay small;
/// not copyable for that reason, as a copy would share it.
package struct ServerConnection: ~Copyable {
  enum Phase: UInt8 {
    case awaitingHello
    /// The token is being verified; no frame is taken meanwhile.
    case verifying
    case open
    /// A close frame was sent, the client's is awaited.
    case closing
    /// Nothing the client says counts any more; the transport is being closed.
    case ended
    case closed
  }

  package let id: ConnectionID
  let rules: ConnectionRules
  var phase = Phase.awaitingHello
  var hasReceipts = false
  /// The form in which the client has said hello, and is spoken to; before that, the one of its last frame.
  var isBinary = false
  /// A ping of ours has no answer yet: its pong is free.
  private var owesPong = false
  var missedPings: UInt8 = 0
  var wasHeard = true
  var errorsInARow: UInt16 = 0
  /// Smoothed, in milliseconds.
  private var roundTrip: UInt32 = 0
  /// The end of `awaitingHello`, `verifying` or `closing`; the time of the next ping when open.
  var phaseDeadline: Instant
  /// When the token expires.
  var end = Instant.distantFuture
  /// When the client is told that it will.
  var warning = Instant.distantFuture
  var person: Person?
  var extra: ConnectionExtra?
  private var budget: TokenBucket
  /// Refusals that are borne before the connection is closed: spent by frames that are refused, refilled at the
  /// rate of requests. So a client must be more than twice too fast, and for long, to empty it.
  private var patience: TokenBucket

  private static func patienceBurst(_ limits: GatewayLimits) -> Int {
    5 * min(limits.requestBurst, TokenBucket.most / 5)
  }

  /// - Parameter bearer: the token of the upgrade's Authorization header, if there was one.
  package init(id: ConnectionID, bearer: String?, rules: ConnectionRules, now: Moment) {
    self.id = id
    self.rules = rules
    phaseDeadline = now.instant + .milliseconds(rules.times.hello)
    budget = TokenBucket(burst: rules.limits.requestBurst, now: now.instant)
    patience = TokenBucket(burst: Self.patienceBurst(rules.limits), now: now.instant)
    if let bearer {
      extra = ConnectionExtra()
      extra?.bearer = bearer
    }
  }

  /// Whether frames may be given to it now. While it is false, the transport keeps what it has and reads no more.
  package var takesFrames: Bool { phase != .verifying }

  /// Whether what the client says still counts.
  package var isListening: Bool { phase != .ended && phase != .closed }

  package var isOpen: Bool { phase == .open }

  /// When `tick` is to be called next.
  package var deadline: Instant {
    switch phase {
    case .closed: .distantFuture
    case .open:
      min(
        phaseDeadline, min(end, warning),
        min(extra?.unconfirmed.nextDue ?? .distantFuture, extra?.departure ?? .distantFuture))
    default: phaseDeadline
    }
  }

  // MARK: Frames of the client

  /// Judges a header before its payload has come, so that no memory is taken for what is refused anyway.
  package func violation(of header: FrameHeader) -> CloseCode? {
    if !header.isMasked || header.reserved != 0 || !header.isMinimal { return .protocolError }
    if header.isControl {
      let isKnown = header.opcode <= Opcode.pong
      if !isKnown || !header.isFinal || header.payloadLength > 125 { return .protocolError }
      return nil
    }
    let begun = begunBytes
    switch header.opcode {
    case Opcode.continuation: if begun == nil { return .protocolError }
    case Opcode.text, Opcode.binary: if begun != nil { return .protocolError }
    default: return .protocolError
    }
    // A stranger's is not even read.
    let most = phase == .awaitingHello ? rules.frameBytes : rules.passedOverBytes
    return header.payloadLength > most - (begun ?? 0) ? .tooBig : nil
  }

  /// Takes one frame.
  /// - Parameters:
  ///   - payload: unmasked; only read during the call.
  ///   - addressBudget: the token bucket of the client's address.
  package mutating func receive(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Moment,
    addressBudget: inout TokenBucket, into output: inout ConnectionOutput
  ) {
    guard isListening, takesFrames else { return }
    output.figures.framesIn += 1
    output.figures.bytesIn += UInt64(payload.count)
    wasHeard = true
    missedPings = 0
    if let code = violation(of: header) { return refuse(code, now: now, into: &output) }
    if header.opcode == Opcode.close { return receiveClose(payload, now: now, into: &output) }
    // After our close frame only the client's is of interest.
    guard phase != .closing else { return }
    if isTooLong(header) {
      beginPassingOver(header)
      passOver(payload, now: now, addressBudget: &addressBudget, into: &output)
      return endPassingOver(now: now, addressBudget: &addressBudget, into: &output)
    }
    switch header.opcode {
    case Opcode.ping:
      guard
        charge(TokenBucket.small, name: .none, now: now, addressBudget: &addressBudget, into: &output)
      else { return }
      output.frames.writeFrame(opcode: Opcode.pong, payload)
      output.figures.framesOut += 1
    case Opcode.pong:
      guard
        owesPong || spend(TokenBucket.small, now: now, addressBudget: &addressBudget, into: &output)
      else { return }
      owesPong = false
      measure(payload, now: now)
    case Opcode.text where header.isFinal:
      receiveText(payload, now: now, addressBudget: &addressBudget, into: &output)
    case Opcode.binary where header.isFinal:
      receiveBinary(payload, now: now, addressBudget: &addressBudget, into: &output)
    default: receiveFragment(header, payload, now: now, addressBudget: &addressBudget, into: &output)
    }
  }

  private mutating func receiveFragment(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, now: Moment,
    addressBudget: inout TokenBucket, into output: inout ConnectionOutput
  ) {
    guard spend(TokenBucket.small, now: now, addressBudget: &addressBudget, into: &output) else { return }
    if header.opcode != Opcode.continuation {
      needExtra().isBinary = header.opcode == Opcode.binary
      needExtra().fragments = []
    }
    needExtra().fragments?.append(contentsOf: payload)
    guard header.isFinal, let message = extra?.fragments else { return }
    extra?.fragments = nil
    if extra?.isBinary == true {
      message.withUnsafeBytes {
        receiveBinary($0, now: now, addressBudget: &addressBudget, into: &output)
      }
    } else {
      message.withUnsafeBytes {
        receiveText($0, now: now, addressBudget: &addressBudget, into: &output)
      }
    }
  }

  private mutating func receiveText(
    _ text: UnsafeRawBufferPointer, now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) {
    guard isValidUTF8(text) else {
      // RFC 6455, section 8.1, leaves no choice but to end the connection; the request is told all the same.
      sendError(
        RequestIDSearch.name(in: text) ?? .none, session: nil,
        Failure(.badFrame, "A text frame has to be UTF-8, and this one is not."), now: now, into: &output)
      return refuse(.notUTF8, now: now, into: &output)
    }
    if isBinary, phase != .awaitingHello {
      return refuseForm(RequestIDSearch.name(in: text), now: now, addressBudget: &addressBudget, into: &output)
    }
    isBinary = false
    do throws(JSONFault) {
      let frame = try ClientFrame(text)
      receive(frame, now: now, addressBudget: &addressBudget, into: &output)
    } catch {
      let name = RequestIDSearch.name(in: text) ?? .none
      guard charge(TokenBucket.request, name: name, now: now, addressBudget: &addressBudget, into: &output)
      else { return }
      fault(
        name, Failure(.badFrame, "A text frame is one JSON object, but \(error.description)."), now: now,
        into: &output)
    }
  }

  /// RFC 6455, sections 5.5.1 and 7.1.
  private mutating func receiveClose(
    _ payload: UnsafeRawBufferPointer, now: Moment, into output: inout ConnectionOutput
  ) {
    var code = CloseCode.noStatus
    if payload.count >= 2 {
      code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
      let reason = UnsafeRawBufferPointer(rebasing: payload[2...])
      if !code.isAllowedOnTheWire { return refuse(.protocolError, now: now, into: &output) }
      if !isValidUTF8(reason) { return refuse(.notUTF8, now: now, into: &output) }
    } else if payload.count == 1 {
      return refuse(.protocolError, now: now, into: &output)
    }
    if phase != .closing {
      output.frames.writeClose(code, reason: "")
      output.figures.framesOut += 1
      output.figures.closes[code, default: 0] += 1
    }
    phase = .ended
    phaseDeadline = now.instant + .milliseconds(rules.times.close)
    extra = nil
    output.ending = .finished
  }

  /// A pong carries the time at which its ping was sent, if it answers one of ours.
  private mutating func measure(_ payload: UnsafeRawBufferPointer, now: Moment) {
    guard payload.count == 8 else { return }
    let sent = Instant(nanoseconds: UInt64(bigEndian: payload.loadUnaligned(as: UInt64.self)))
    guard sent <= now.instant, now.instant - sent < .seconds(60) else { return }
    let sample = UInt32((now.instant - sent).milliseconds)
    roundTrip = roundTrip == 0 ? sample : (roundTrip * 7 + sample) / 8
  }

  // MARK: Limits

  /// Takes what a frame costs from the budgets of the connection and of its address.
  /// - Returns: false when the frame was answered with `rate_limited`, or the connection is being closed.
  mutating func charge(
    _ cost: Int64, name: RequestName, now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) -> Bool {
    let limits = rules.limits
    let rate = limits.requestsPerSecond
    var wait = budget.take(cost, rate: rate, burst: limits.requestBurst, now: now.instant)
    if wait > 0 {
      let burst = Self.patienceBurst(limits)
      if patience.take(TokenBucket.request, rate: rate, burst: burst, now: now.instant) > 0 {
        output.figures.rateLimited += 1
        close(.tooFast, "too many requests", now: now, into: &output)
        return false
      }
      // Whoever was refused before waits as well: later ones are sent to later moments.
      wait += Int(patience.missing(rate: rate, burst: burst, now: now.instant)) / rate
    } else {
      wait = addressBudget.take(
        cost, rate: limits.addressRequestsPerSecond, burst: limits.addressRequestBurst, now: now.instant)
    }
    guard wait > 0 else { return true }
    output.figures.rateLimited += 1
    sendError(
      name, session: nil,
      Failure(
        .rateLimited, "Too many requests: send this one again after \(wait) ms.", retryAfterMilliseconds: wait),
      now: now, into: &output)
    return false
  }

  /// Takes what a frame costs that has no answer of its own, a piece of a message or an unasked pong: it runs into debt,
  /// which the next request meets.
  /// - Returns: false when the debt was as large as a burst, so that the connection is being closed.
  mutating func spend(
    _ cost: Int64, now: Moment, addressBudget: inout TokenBucket, into output: inout ConnectionOutput
  ) -> Bool {
    let limits = rules.limits
    let isBorne =
      budget.spend(cost, rate: limits.requestsPerSecond, burst: limits.requestBurst, now: now.instant)
      && addressBudget.spend(
        cost, rate: limits.addressRequestsPerSecond, burst: limits.addressRequestBurst, now: now.instant)
    if !isBorne {
      output.figures.rateLimited += 1
      close(.tooFast, "too many frames", now: now, into: &output)
    }
    return isBorne
  }

  // MARK: Answers and endings

  /// Answers a bad request, and closes the connection when there were too many one after the other.
  mutating func fault(
    _ name: RequestName, _ failure: Failure, now: Moment, into output: inout ConnectionOutput
  ) {
    sendError(name, session: nil, failure, now: now, into: &output)
    errorsInARow &+= 1
    if rules.limits.errorsInARow > 0, errorsInARow >= rules.limits.errorsInARow {
      close(.tooManyErrors, "too many bad frames", now: now, into: &output)
    }
  }

  mutating func sendError(
    id: String, session: SessionID?, _ failure: Failure, now: Moment, into output: inout ConnectionOutput
  ) {
    sendError(.text(id), session: session?.text, failure, now: now, into: &output)
  }

  mutating func sendError(
    _ name: RequestName, session: String?, _ failure: Failure, now: Moment,
    into output: inout ConnectionOutput
  ) {
    sayError(name, session: session, failure, now: now, into: &output)
    output.figures.errors[failure.code, default: 0] += 1
  }

  /// Begins the closing handshake.
  package mutating func close(
    _ code: CloseCode, _ reason: StaticString, now: Moment, into output: inout ConnectionOutput
  ) {
    guard phase != .closing, isListening else { return }
    sayClose(code, reason, now: now, into: &output)
    phase = .closing
    output.ending = .awaitingClose
  }

  /// The client broke the protocol of WebSocket itself (RFC 6455, section 7.1.7).
  package mutating func refuse(_ code: CloseCode, now: Moment, into output: inout ConnectionOutput) {
    guard isListening else { return }
    if phase == .closing {
      phaseDeadline = now.instant
    } else {
      let reason: StaticString =
        switch code {
        case .tooBig: "the message is too big"
        case .notUTF8: "a text frame must be UTF-8"
        default: "this is not RFC 6455"
        }
      sayClose(code, reason, now: now, into: &output)
    }
    phase = .ended
    output.ending = .refused
  }

  private mutating func sayClose(
    _ code: CloseCode, _ reason: StaticString, now: Moment, into output: inout ConnectionOutput
  ) {
    output.frames.writeClose(code, reason: reason)
    output.figures.framesOut += 1
    output.figures.closes[code, default: 0] += 1
    phaseDeadline = now.instant + .milliseconds(rules.times.close)
    // The client's close frame comes behind what it is sending.
    let passedOver = extra?.passedOver
    extra = nil
    if let passedOver { needExtra().passedOver = passedOver }
  }

  /// The transport is gone.
  /// - Returns: whether the replica knows of the connection, so that it must be told.
  package mutating func disconnected(into output: inout ConnectionOutput) {
    if phase != .closed, phase != .closing, phase != .ended {
      output.figures.closes[.abnormal, default: 0] += 1
    }
    phase = .closed
    extra = nil
    if let person {
      // Whatever it followed and was, in whichever desk, ends by its connection.
      output.requests.append(
        ClientRequest(connection: id, tag: 0, person: person, desk: .main, body: .disconnected))
    }
    person = nil
  }

  // MARK: Time

  /// Does what is due. To be called at `deadline`, or later.
  package mutating func tick(now: Moment, into output: inout ConnectionOutput) {
    switch phase {
    case .awaitingHello where now.instant >= phaseDeadline:
      close(.slowOrSilent, "no hello came", now: now, into: &output)
    case .verifying where now.instant >= phaseDeadline:
      close(.tryAnotherNode, "the token could not be verified in time", now: now, into: &output)
    case .closing where now.instant >= phaseDeadline, .ended where now.instant >= phaseDeadline:
      phase = .closed
      output.ending = .dropped
    case .open: tickOpen(now: now, into: &output)
    default: break
    }
  }

  private mutating func tickOpen(now: Moment, into output: inout ConnectionOutput) {
    if let departure = extra?.departure, now.instant >= departure {
      return close(.goingAway, "going away", now: now, into: &output)
    }
    if now.instant >= end {
      sendError(id: "", session: nil, .expiredToken, now: now, into: &output)
      return close(.unauthorized, "the token has expired", now: now, into: &output)
    }
    if now.instant >= warning { warn(now: now, into: &output) }
    if let extra, extra.unconfirmed.nextDue <= now.instant {
      let isAlive = extra.unconfirmed.resend(
        now: now.instant, wait: .milliseconds(resendWait), attempts: rules.times.resendAttempts
      ) { payload in
        if isBinary {
          output.frames.writeBinaryResent(payload)
        } else {
          output.frames.writeResent(payload)
        }
        output.figures.framesOut += 1
        output.figures.resent += 1
      }
      if !isAlive {
        close(.slowOrSilent, "messages were not confirmed", now: now, into: &output)
        return
      }
    }
    if now.instant >= phaseDeadline {
      missedPings = wasHeard ? 0 : missedPings + 1
      if missedPings >= 2 {
        close(.slowOrSilent, "no answer to pings", now: now, into: &output)
        return
      }
      // Not after every request: what a busy connection needs, it will need again at once.
      releaseExtra()
      ping(now: now, into: &output)
    }
  }

  mutating func ping(now: Moment, into output: inout ConnectionOutput) {
    wasHeard = false
    owesPong = true
    phaseDeadline = now.instant + .milliseconds(rules.times.heartbeat)
    withUnsafeBytes(of: now.instant.nanoseconds.bigEndian) { output.frames.writeFrame(opcode: Opcode.ping, $0) }
    output.figures.framesOut += 1
  }

  /// The larger of the floor and twice the round trip.
  var resendWait: Int { max(rules.times.resend, Int(roundTrip) * 2) }

  // MARK: What is rarely needed

  @discardableResult
  mutating func needExtra() -> ConnectionExtra {
    if let extra { return extra }
    let fresh = ConnectionExtra()
    extra = fresh
    return fresh
  }

  /// Gives the memory back when nothing is in it any more.
  mutating func releaseExtra() {
    if let extra, extra.isEmpty { self.extra = nil }
  }
}
