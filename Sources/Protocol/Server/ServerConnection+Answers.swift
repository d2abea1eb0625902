import Desk

/// What the client is told, each in the form in which it has said hello.
extension ServerConnection {
  func sayWelcome(
    _ person: Person, node: String, members: [MemberAddress], now: Moment, into output: inout ConnectionOutput
  ) {
    let heartbeat = rules.times.heartbeat
    if isBinary {
      output.frames.writeBinary(
        WelcomeFrame(
          connection: id.number, node: node, person: person, heartbeatMilliseconds: heartbeat, nodes: members,
          limits: rules.announced, time: now.wall), at: now.wall)
    } else {
      output.frames.writeWelcome(
        connection: id.number, node: node, person: person, heartbeatMilliseconds: heartbeat, nodes: members,
        limits: rules.announced, time: now.wall)
    }
    output.figures.framesOut += 1
  }

  func sayOpened(id: String, _ summary: SessionSummary, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(OpenedFrame(summary), id: id, at: now.wall)
    } else {
      output.frames.writeOpened(id: id, summary)
    }
    output.figures.framesOut += 1
  }

  func sayJoined(id: String, _ summary: SessionSummary, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(JoinedFrame(summary), id: id, at: now.wall)
    } else {
      output.frames.writeJoined(id: id, summary)
    }
    output.figures.framesOut += 1
  }

  func sayResumed(
    _ session: SessionID, recovered: Bool, now: Moment, into output: inout ConnectionOutput
  ) {
    if isBinary {
      output.frames.writeBinary(ResumedFrame(session: session, recovered: recovered), at: now.wall)
    } else {
      output.frames.writeResumed(session, recovered: recovered)
    }
    output.figures.framesOut += 1
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
    id: String, _ session: SessionID, _ messages: ArraySlice<Transcribed>, more: Bool, now: Moment,
    into output: inout ConnectionOutput
  ) {
    if isBinary {
      let page = HistoryFrame(
        session: session, messages: messages.map { MessageRecord(message: $0) }, more: more)
      output.frames.writeBinary(page, id: id, at: now.wall)
    } else {
      output.frames.writeHistory(id: id, session, messages, more: more)
    }
    output.figures.framesOut += 1
  }

  func saySessions(id: String, _ own: OwnSessions, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(SessionsFrame(own), id: id, at: now.wall)
    } else {
      output.frames.writeSessions(id: id, own)
    }
    output.figures.framesOut += 1
  }

  func sayDesks(id: String, _ page: DeskPage, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(DesksFrame(page), id: id, at: now.wall)
    } else {
      output.frames.writeDesks(id: id, page)
    }
    output.figures.framesOut += 1
  }

  func sayTokenExpires(inMilliseconds left: Int, now: Moment, into output: inout ConnectionOutput) {
    if isBinary {
      output.frames.writeBinary(TokenExpiresFrame(after: UInt64(max(0, left))), at: now.wall)
    } else {
      output.frames.writeTokenExpires(inMilliseconds: left)
    }
    output.figures.framesOut += 1
  }

  func sayError(
    _ name: RequestName, session: String?, _ failure: Failure, now: Moment, into output: inout ConnectionOutput
  ) {
    if isBinary {
      let id =
        switch name {
        case .text(let id): id
        case .number(let digits): digits
        }
      output.frames.writeBinary(
        ErrorFrame(
          session: session, code: failure.code.rawValue, message: failure.message,
          retryAfter: failure.retryAfterMilliseconds.map { UInt64(max(0, $0)) }),
        id: id, at: now.wall)
    } else {
      output.frames.writeError(name, session: session, failure)
    }
    output.figures.framesOut += 1
  }

  func sayGoaway(
    reason: String, node: String?, url: String?, afterMilliseconds: Int, now: Moment,
    into output: inout ConnectionOutput
  ) {
    if isBinary {
      output.frames.writeBinary(
        GoawayFrame(reason: reason, node: node, url: url, after: UInt64(max(0, afterMilliseconds))),
        at: now.wall)
    } else {
      output.frames.writeGoaway(reason: reason, node: node, url: url, afterMilliseconds: afterMilliseconds)
    }
    output.figures.framesOut += 1
  }
}
