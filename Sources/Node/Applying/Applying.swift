import Desk
import Kernel
import Protocol
import Raft

/// Committed entries become state, answers and deliveries.
extension Node {
  /// Applies what is committed and waits, as far as the budgets go.
  ///
  /// - Returns: something was applied.
  mutating func applyWaiting(_ budget: inout ApplyBudget) -> Bool {
    var effects: [Effect] = []
    var rows: [ArchiveRow] = []
    var last: Entry?
    while !budget.isSpent, !reading.isSpent, !catchUp.holdsAll, let entry = log.next() {
      metrics.entriesApplied += 1
      var commands = 0
      if entry.kind == .command {
        batch.wasApplied(checksum: entry.checksum)
        let submissions: [Submission]
        do {
          submissions = try CommandCodec.decode(entry.data)
        } catch {
          fail(.unreadableEntry(index: entry.index.rawValue, reason: "\(error)"))
          return false
        }
        commands = submissions.count
        let time = has(.ownClockApplied) ? timeOfDay : entry.time
        observer?.willApply(entry, state)
        state.apply(
          configuration.mistakes.isEmpty ? submissions : mistaken(submissions, index: entry.index.rawValue),
          index: entry.index.rawValue, now: time, into: &effects)
        if has(.stateFlips), server.rawValue == 2, entry.index.rawValue % 64 == 33 { state.flipBit() }
        state.seal(
          index: entry.index.rawValue, term: entry.term.rawValue, checksum: entry.checksum, effects)
        observer?.applied(entry, submissions, effects, state)
        if archive.isKept {
          state.archive(effects, index: entry.index.rawValue, into: &rows)
          archive.add(&rows, at: entry.index)
        }
        carryOut(effects, at: entry.time)
        if !followed.isEmpty { tellDesks(effects, of: entry) }
        forgetThoseThatLeft(entry.index)
        effects.removeAll(keepingCapacity: true)
      } else if let observer {
        observer.willApply(entry, state)
        observer.applied(entry, [], [], state)
      }
      integrity.digests.record(entry.index.rawValue, state.digest)
      snapshots.wasApplied(bytes: entry.size)
      budget.spend(commands: commands, bytes: entry.size)
      log.applied(entry)
      last = entry
    }
    guard let last else { return false }
    raft.applied(to: last.index)
    logClock.saw(last.time)
    makeSnapshotIfDue()
    return true
  }

  /// - Parameter time: of the entry, in ms since 1970.
  private mutating func carryOut(_ effects: [Effect], at time: UInt64) {
    let isPast = PastEvents.isPast(time, timeOfDay)
    for (place, effect) in effects.enumerated() {
      switch effect {
      case .message(let session, let sequence):
        var sender: ConnectionID?
        if place + 1 < effects.count, let request = request(behind: effects[place + 1], session, sequence) {
          sender = pending.connection(of: request)
        }
        deliverMessage(session, sequence, except: sender)
      case .answer(let origin, let answer):
        if origin.server == server, origin.request != 0 {
          self.answer(origin.request, answer, before: effects[(place + 1)...])
        }
      case .session(let session, let change):
        tell(session, change, before: effects[(place + 1)...])
      case .news(let session, let news):
        tell(session, news, before: effects[(place + 1)...])
      case .agent(let desk, let agent):
        tellChats(of: AgentOfDesk(desk, agent))
      case .levelRaised(let level):
        require(level)
        if isPast {
          pastEvents.add(level, at: time)
        } else {
          note(.notice, "the cluster has a new level", ("level", "\(level)"))
        }
      case .serverLost(let lost, let sessions, let agents, let more):
        if isPast {
          // A loss of many sessions goes on over several entries, and is one.
          if !more { pastEvents.addLoss(at: time) }
        } else {
          note(
            .notice, "sessions have new owners", ("lost", name(of: NodeID(lost.rawValue))),
            ("sessions", "\(sessions)"), ("agents", "\(agents)"))
        }
        ownersMoved(from: lost)
        if more { lossGoesOn(of: lost) }
      case .audited, .annotated: break
      case .timePassed(let chats):
        watch.timeWasApplied()
        if chats > 0, isPast {
          pastEvents.add(chats: chats, at: time)
        } else if chats > 0 {
          note(.notice, "agents did not come back; their chats go to others", ("chats", "\(chats)"))
        }
      }
    }
  }

  /// Nothing is said in them any more, so whoever has followed them follows nothing.
  private mutating func forgetThoseThatLeft(_ index: LogIndex) {
    guard !state.leftOfLate.isEmpty else { return }
    if archive.isKept { leftSessions.left(state.leftOfLate, at: index) }
    for session in state.leftOfLate {
      _ = subscriptions.dismiss(from: session) { _ in false }
      followersChanged(session)
    }
  }

  private mutating func ownersMoved(from lost: ServerID) {
    tellPresenceAgain()
    if lost == server, !drain.isDraining, !diskIsFull { restorePresences() }
    // Requests that were under way to the lost owner go to the new one now.
    let state = state
    retry { request in
      guard request.lastOwner == lost, let session = request.session else { return false }
      return state.owner(of: session)?.server != lost
    }
  }

  /// The request of this node that has brought a message about: its connection gets an ack instead of the message.
  private mutating func request(behind next: Effect, _ session: SessionID, _ sequence: Sequence) -> UInt64? {
    // Mutating, so that the node is passed by its address: a copy of it costs more than all that is done here.
    guard case .answer(let origin, .stored(session, sequence, _, isNew: true)) = next, origin.server == server
    else { return nil }
    return origin.request
  }

  private mutating func deliverMessage(_ session: SessionID, _ sequence: Sequence, except sender: ConnectionID?)
  {
    let connections = subscriptions.connections(of: session, but: sender)
    guard !connections.isEmpty, let message = state.message(session, at: sequence) else { return }
    metrics.messagesDelivered += UInt64(connections.count)
    let transcribed = Transcribed(message)
    fanOut(connections) { .message(session, transcribed, to: $0) }
  }

  /// - Parameter next: what else the entry has brought about: told after this.
  private mutating func tell(_ session: SessionID, _ change: SessionChange, before next: ArraySlice<Effect>) {
    switch change {
    case .opened, .returned, .unclaimed:
      break
    case .left:
      // Whoever has the customer says that they are there.
      followersChanged(session)
    case .released:
      // What comes next is for those who stay; the agent who lost the session is told here, and hears no more.
      let state = state
      let dismissed = subscriptions.dismiss(from: session) { state.mayFollow($0, session: session) }
      tellStanding(of: session, to: dismissed)
      followersChanged(session)
    case .transferred(let from, let target):
      // Whoever has given it away is told so, and hears no more of it.
      fanOut(subscriptions.connections(of: session)) {
        .event(session, .transferred(from: from, to: target), to: $0)
      }
      let state = state
      _ = subscriptions.dismiss(from: session) { state.mayFollow($0, session: session) }
      followersChanged(session)
    case .queued(let position):
      let place = state.position(of: session)
      let event = SessionEvent.queued(
        position: position, etaMilliseconds: place?.etaMilliseconds ?? 0, range: place?.etaRange)
      fanOut(subscriptions.connections(of: session)) { .event(session, event, to: $0) }
    case .assigned(let agent):
      let followed = subscriptions.connections(of: session)
      let newcomers = newcomers(of: agent, in: session)
      let event = SessionEvent.assigned(
        agent, name: state.agent(agent, in: session.desk)?.name ?? agent.rawValue)
      fanOut(followed + newcomers) { .event(session, event, to: $0) }
      // Whoever has followed already, unseen, may be the one it was given to.
      followersChanged(session)
      guard !newcomers.isEmpty else { return }
      tellBacklog(of: session, to: newcomers, before: Self.firstMessage(of: session, in: next))
      tellNotes(of: session, to: newcomers)
      for connection in newcomers { attends(session, connection) }
    case .closed(let by, let reason):
      fanOut(subscriptions.connections(of: session)) {
        .event(session, .closed(by: by.id, reason: reason), to: $0)
      }
      followersChanged(session)
    }
  }

  /// The state is that after the whole entry: what the entry says later is delivered by itself.
  static func firstMessage(of session: SessionID, in effects: ArraySlice<Effect>) -> Sequence? {
    for case .message(session, let sequence) in effects { return sequence }
    return nil
  }

  /// Where a session stands now, for those who missed how it came to that.
  mutating func tellStanding(of id: SessionID, to connections: [ConnectionID]) {
    guard !connections.isEmpty, let session = state.session(id) else { return }
    let event: SessionEvent
    switch session.state {
    case .queued:
      let place = state.position(of: id)
      event = .queued(
        position: place?.position ?? 0, etaMilliseconds: place?.etaMilliseconds ?? 0, range: place?.etaRange)
    case .active:
      guard let agent = session.agents.first else { return }
      event = .assigned(agent, name: state.agent(agent, in: id.desk)?.name ?? agent.rawValue)
    case .closed:
      event = .closed(by: session.closedBy?.id ?? "", reason: session.closeReason ?? "")
    }
    fanOut(connections) { .event(id, event, to: $0) }
  }

  // MARK: Answers

  /// - Parameter next: what else the entry has brought about: told after this.
  mutating func answer(_ number: UInt64, _ answer: Answer, before next: ArraySlice<Effect> = []) {
    if case .refused(.staleEpoch) = answer {
      // The session has moved to another owner since; this node has just applied under which epoch.
      return route(number)
    }
    guard let request = pending.remove(number) else { return }
    wasAnswered(request)
    if let connection = request.connection {
      let result = reply(to: request.command, answer, since: request.since)
      // The opener follows its session from the first message on.
      if case .opened(let summary) = result, subscriptions.follow(summary.session, by: connection) {
        reply(connection, request.tag, result)
        replay(
          summary.session, after: .zero, before: Self.firstMessage(of: summary.session, in: next),
          to: connection)
        attends(summary.session, connection)
      } else {
        reply(connection, request.tag, result)
        if answer == .done { watches(request.command, connection, before: next) }
      }
      wasToldOutcome(of: request.command, connection)
    }
    if let status = request.command.agentStatus, answer == .done,
      let connection = agentConnections.connection(status.presence.connection)
    {
      tellChats(status, connection)
    }
    if request.connection == nil, case .endPresences(let end) = request.command, end.items == nil,
      end.server == server
    {
      announcementWasAnswered(answer)
    }
    if case .attend(let attendance) = request.command { absenceWatch.endReturn(attendance.session) }
    if case .noteRead(let read) = request.command { noteWasAnswered(read, answer) }
    leavePipeline(request, number)
  }

  /// - Parameter since: when the request came.
  mutating func reply(to command: Command, _ answer: Answer, since: Instant) -> Reply {
    switch answer {
    case .opened(let session, _):
      return summary(of: session).map(Reply.opened) ?? .failed(.noSuchSession)
    case .stored(let session, let sequence, let time, _):
      metrics.acknowledged(after: now - since)
      return .acknowledged(session, sequence, time: time)
    case .done:
      return .done
    case .refused(.notFound):
      return .failed(.noSuchSession)
    case .refused(.sessionClosed):
      return .failed(.closed)
    case .refused(.conflict):
      return .failed(.conflict)
    case .refused(.preconditionFailed):
      return .failed(.preconditionFailed)
    case .refused(.noSuchAgent):
      return .failed(.noSuchAgent)
    case .refused(.agentUnavailable):
      return .failed(.agentUnavailable)
    case .refused(.tooLate):
      return .failed(.tooLate)
    case .refused(.forbidden):
      return .failed(.notYours)
    case .refused(.staleEpoch):
      return .failed(Failure(.busy, "the session has just moved; try again", retryAfterMilliseconds: 50))
    case .refused(.noSuchDesk):
      return .failed(.noSuchDesk)
    case .refused(.deskFull):
      return .failed(.deskFull)
    case .refused(.deskClosed):
      return .failed(.deskClosed)
    case .refused(.deskExists):
      return .failed(.deskExists)
    case .refused(.deskInUse):
      return .failed(.deskInUse)
    case .refused(.customerInUse):
      return .failed(.customerInUse)
    case .refused(.tooManyErasures):
      return .failed(.tooManyErasures)
    case .refused(.calendarChanged):
      return .failed(.calendarChanged)
    case .refused(.timersChanged):
      return .failed(.timersChanged)
    case .refused(.tooManyCalendars):
      return .failed(.tooManyCalendars)
    case .refused(.queueFull):
      return .failed(.queueFull)
    case .refused(.policyChanged):
      return .failed(.policyChanged)
    case .refused(.tooManyPolicies):
      return .failed(.tooManyPolicies)
    case .refused(.policiesInUse):
      return .failed(.policiesInUse)
    case .refused(.taken):
      return .failed(.taken)
    case .refused(.unserved):
      return .failed(.unserved)
    case .refused(.tooManyInvited):
      return .failed(.tooManyInvited)
    case .refused(.tooManyWatching):
      return .failed(.tooManyWatching)
    case .refused(.tooManyNotes):
      return .failed(.tooManyNotes)
    case .refused(.offerEnded):
      return .failed(.offerEnded)
    case .refused(.tooManyDesks):
      return .failed(.tooManyDesks)
    case .refused(.earlierLife):
      return .failed(Failure(.busy, "this node has just started; try again", retryAfterMilliseconds: 50))
    }
  }

  func summary(of id: SessionID) -> SessionSummary? {
    guard let session = state.session(id) else { return nil }
    let place = state.position(of: id)
    return SessionSummary(
      session: id, state: SessionSummary.State(session.state), sequence: session.sequence,
      position: place?.position ?? 0, etaMilliseconds: place?.etaMilliseconds ?? 0, etaRange: place?.etaRange,
      agents: session.agents)
  }
}

extension SessionSummary.State {
  init(_ state: Desk.Session.State) {
    switch state {
    case .queued: self = .queued
    case .active: self = .active
    case .closed: self = .closed
    }
  }
}
