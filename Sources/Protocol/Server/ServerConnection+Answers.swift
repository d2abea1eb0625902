import Desk
import Kernel

/// What the client is told, each in the form in which it has said hello.
extension ServerConnection {
  /// - Parameters:
  ///   - id: of the request that is answered; empty: none. The text says it by itself.
  ///   - frame: in the form of numbers.
  private func say<One: ServerFrame>(
    id: String = "", now: Moment, into output: inout ConnectionOutput, _ frame: @autoclosure () -> One,
    _ text: (inout FrameBuffer) -> Void
  ) {
    if isBinary { output.frames.writeBinary(frame(), id: id, at: now.wall) } else { text(&output.frames) }
    output.figures.framesOut += 1
  }

  func sayWelcome(
    _ person: Person, node: String, members: [MemberAddress], now: Moment, into output: inout ConnectionOutput
  ) {
    let heartbeat = rules.times.heartbeat
    say(
      now: now, into: &output,
      WelcomeFrame(
        connection: id.number, node: node, person: person, heartbeatMilliseconds: heartbeat, nodes: members,
        limits: rules.announced, time: now.wall)
    ) {
      $0.writeWelcome(
        connection: id.number, node: node, person: person, heartbeatMilliseconds: heartbeat, nodes: members,
        limits: rules.announced, time: now.wall)
    }
  }

  func sayOpened(id: String, _ summary: SessionSummary, now: Moment, into output: inout ConnectionOutput) {
    say(id: id, now: now, into: &output, OpenedFrame(summary)) { $0.writeOpened(id: id, summary) }
  }

  func sayJoined(id: String, _ summary: SessionSummary, now: Moment, into output: inout ConnectionOutput) {
    say(id: id, now: now, into: &output, JoinedFrame(summary)) { $0.writeJoined(id: id, summary) }
  }

  func sayResumed(
    _ session: SessionID, recovered: Bool, now: Moment, into output: inout ConnectionOutput
  ) {
    say(now: now, into: &output, ResumedFrame(session: session, recovered: recovered)) {
      $0.writeResumed(session, recovered: recovered)
    }
  }

  func sayAck(
    id: String, _ session: SessionID, _ sequence: Sequence, time: UInt64, now: Moment,
    into output: inout ConnectionOutput
  ) {
    if isBinary {
      writeBinary(AckFrame(session: session, seq: sequence, time: time), id: id, now: now, into: &output)
    } else {
      output.frames.writeAck(id: id, session, sequence, time: time)
    }
    output.figures.framesOut += 1
  }

  /// Not a part of what calls it: that is the way of text, which is frequent.
  @inline(never)
  private func writeBinary(_ ack: AckFrame, id: String, now: Moment, into output: inout ConnectionOutput) {
    output.frames.writeBinary(ack, id: id, at: now.wall)
  }

  @inline(never)
  func writeBinary(
    _ session: SessionID, _ message: Transcribed, now: Moment, into output: inout ConnectionOutput
  ) {
    output.frames.writeBinary(MessageFrame(session: session, message: message), at: now.wall)
  }

  func sayOK(id: String, now: Moment, into output: inout ConnectionOutput) {
    if isBinary { output.frames.writeBinary(.ok, id: id, at: now.wall) } else { output.frames.writeOK(id: id) }
    output.figures.framesOut += 1
  }

  func sayPong(id: String, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(.pong, id: id, at: now.wall)
    } else {
      output.frames.writePong(id: id)
    }
    output.figures.framesOut += 1
  }

  func sayPage(
    id: String, _ session: SessionID, _ messages: ArraySlice<Transcribed>, more: Bool, isCut: Bool,
    now: Moment, into output: inout ConnectionOutput
  ) {
    say(
      id: id, now: now, into: &output,
      HistoryFrame(
        session: session, messages: messages.map { MessageRecord(message: $0) }, more: more, isComplete: !isCut)
    ) { $0.writeHistory(id: id, session, messages, more: more, isCut: isCut) }
  }

  func sayAnswer(id: String, _ record: some AnswerRecord, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(answer: record, id: id, at: now.wall)
    } else {
      output.frames.writeAnswer(id: id, record)
    }
    output.figures.framesOut += 1
  }

  func sayTokenExpires(inMilliseconds left: Int, now: Moment, into output: inout ConnectionOutput) {
    say(now: now, into: &output, TokenExpiresFrame(after: UInt64(max(0, left)))) {
      $0.writeTokenExpires(inMilliseconds: left)
    }
  }

  func sayError(
    _ name: RequestName, session: String?, _ failure: Failure, now: Moment, into output: inout ConnectionOutput
  ) {
    let id =
      switch name {
      case .text(let id): id
      case .number(let digits): digits
      }
    let frame = ErrorFrame(
      session: session, code: failure.code.rawValue, message: failure.message,
      retryAfter: failure.retryAfterMilliseconds.map { UInt64(max(0, $0)) })
    say(id: id, now: now, into: &output, frame) { $0.writeError(name, session: session, failure) }
  }

  func sayGoaway(
    reason: String, node: String?, url: String?, afterMilliseconds: Int, now: Moment,
    into output: inout ConnectionOutput
  ) {
    say(
      now: now, into: &output,
      GoawayFrame(reason: reason, node: node, url: url, after: UInt64(max(0, afterMilliseconds)))
    ) { $0.writeGoaway(reason: reason, node: node, url: url, afterMilliseconds: afterMilliseconds) }
  }
}
