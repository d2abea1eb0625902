import SwitchboardClient

/// What customers, agents and supervisors have in common: a connection, somebody who listens on it, and a record of
/// every request.
struct Participant: Sendable {
  /// The `sub` of its token, by which the cluster knows it, and its name in the history.
  let process: String
  let recorder: Recorder
  let connection: SwitchboardConnection

  /// - Parameters:
  ///   - first: which of the addresses is tried first.
  ///   - token: a token for this participant.
  init(
    process: String, urls: [String], first: Int, recorder: Recorder, authorities: String? = nil, token: String
  ) {
    self.process = process
    self.recorder = recorder
    let frames = FrameWatch(process: process, recorder: recorder)
    let turned = urls.indices.map { urls[($0 + first) % urls.count] }
    connection = SwitchboardConnection(
      settings: ClientSettings(
        urls: turned,
        backoff: Backoff(first: .milliseconds(80), base: .milliseconds(400), longest: .seconds(2))),
      authorities: authorities,
      witness: { frames.saw($0) }
    ) { token }
  }

  /// Stays connected until it is cancelled.
  func stayConnected() async {
    do {
      try await connection.run()
    } catch is CancellationError {
      return
    } catch {
      recorder.complain(Violation("shut out", "\(process) was sent away for good: \(error)"))
    }
  }

  /// Takes down what comes.
  /// - Parameter react: for whoever does more than listen.
  func listen(_ react: (ClientEvent) -> Void = { _ in }) async {
    for await event in connection.events {
      switch event {
      case .message(let message):
        let line = Line(sequence: message.sequence, id: message.id, from: message.from, body: message.body)
        let arrived = recorder.now
        recorder.note {
          $0.deliveries.append(
            Delivery(process: process, session: message.session, line: line, arrived: arrived))
        }
      case .assigned(let session, _, _):
        let told = recorder.now
        recorder.note { $0.assigned[session] = $0.assigned[session] ?? told }
      case .transferred(let session, let from, _):
        let listener = Evidence.Listener(process: process, session: session)
        recorder.note { $0.handovers.append(Handover(listener: listener, from: from)) }
      case .historyLost(let session):
        recorder.note { _ = $0.brokenOff.insert(Evidence.Listener(process: process, session: session)) }
      case .retrying(_, let code, _, _): recorder.retried(code)
      default: break
      }
      react(event)
    }
  }

  /// - Returns: false when the session takes nothing more.
  func say(_ body: String, in session: String, id: String) async -> Bool {
    let called = recorder.now
    var outcome = Attempt.Outcome.unknown
    var goesOn = true
    do {
      let proof = try await recorder.during(process) { try await connection.send(body, to: session, id: id) }
      outcome = .acknowledged(proof.sequence)
    } catch let ClientError.refused(code, _) {
      // Told only after the session was looked up. A closed one takes nothing more, from nobody; one that is now
      // another agent's can come back.
      if code == "session_closed" { outcome = .refused(code) }
      if code == "forbidden" { outcome = .passedBy(code) }
      goesOn = false
    } catch {
      goesOn = false
    }
    let attempt = Attempt(
      process: process, session: session, id: id, body: body, outcome: outcome, called: called,
      returned: outcome == .unknown ? nil : recorder.now)
    recorder.note { $0.attempts.append(attempt) }
    return goesOn
  }

  func transfer(_ session: String, to target: Transfer.Target) async {
    var transfer = Transfer(
      process: process, session: session, target: target, called: recorder.now, returned: nil)
    do {
      try await recorder.during(process + " transfer") {
        switch target {
        case .agent(let agent): try await connection.transfer(session, toAgent: agent)
        case .skill(let skill): try await connection.transfer(session, toSkill: skill)
        }
      }
      transfer.returned = recorder.now
    } catch let ClientError.refused(code, _) {
      transfer.refusal = code
      transfer.returned = recorder.now
    } catch {
      // No answer before the end.
    }
    recorder.note { [transfer] in $0.transfers.append(transfer) }
  }

  func close(_ session: String) async {
    let called = recorder.now
    var returned: Moment?
    do {
      try await recorder.during(process) { try await connection.close(session, reason: "done") }
      returned = recorder.now
    } catch {
      // Closed by the other side in the same moment, or no answer before the end.
    }
    let closing = Closing(process: process, session: session, called: called, returned: returned)
    recorder.note { $0.closings.append(closing) }
  }

  /// From now on everything that was said in this session must have come here in the end.
  func stays(in session: String) {
    recorder.note { _ = $0.stayed.insert(Evidence.Listener(process: process, session: session)) }
  }
}
