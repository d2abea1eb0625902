package import Desk
import Kernel
package import Protocol
import Raft

/// Linearizable reads: joins, resumes, pages of history.
extension Node {
  func readFailureNow() -> Failure? {
    guard leadership.isLost(for: configuration.quorumGrace, now: now) else { return nil }
    return Failure(
      .noQuorum, "this node sees no majority of the cluster, so it cannot know what is newest",
      retryAfterMilliseconds: 500)
  }

  mutating func startReads() {
    if has(.readWithoutBarrier) { return }
    guard let context = reads.nextRound(at: now) else { return }
    if !raft.readIndex(context: context) { reads.notStarted(context) }
  }

  /// Those read who may, as far as the turn's budget goes. Not while clients are told what a snapshot has brought: whoever
  /// followed a session from here on would be told of it twice.
  ///
  /// - Returns: somebody has read, or was told that they cannot.
  mutating func runReads() -> Bool {
    reads.mayRead(reads.takeReadable(has(.readBeforeApply) ? LogIndex(.max) : log.index))
    if has(.readWithoutBarrier) { reads.mayRead(reads.takeGathering()) }
    var hasRead = false
    while !reading.isSpent, !catchUp.holdsAll, let waiter = reads.nextReadable() {
      hasRead = true
      reading.spendReader()
      switch waiter {
      case .client(let request): read(request)
      case .send(let request): takeAgain(request)
      case .desk(let request): takeOfNewDesk(request)
      case .call(let number): output.answers.append((number, .readable(nil)))
      case .snapshot(let number): mayMakeSnapshot(for: number)
      }
    }
    let expired = reads.takeExpired()
    for (waiter, failure) in expired {
      switch waiter {
      case .client(let request): answer(request, .failed(failure))
      case .send(let request):
        wasHeld(request)
        answer(request, .failed(failure))
      case .desk(let request):
        held.release(request, forDesk: true)
        refuse(request, failure)
      case .call(let number): output.answers.append((number, .readable(failure)))
      case .snapshot(let number): snapshotCannotBegin(number, failure)
      }
    }
    // What waited behind them goes now.
    return hasRead || !expired.isEmpty
  }

  private mutating func read(_ request: ClientRequest) {
    let connection = request.connection
    guard subscriptions.isPresent(connection) else { return }
    // By now this node may have applied that the cluster notes, or that somebody else serves the session.
    if waitsForNote(request) { return }
    defer {
      if let session = request.body.orderedSession { continueOrder(connection, session, isFollow: true) }
    }
    switch request.body {
    case .join(let session, let after):
      if let failure = followFailure(request.person, session) {
        return reply(connection, request.tag, .failed(failure))
      }
      guard subscriptions.hasRoom(in: session, for: connection) else {
        return reply(connection, request.tag, .failed(.tooManyFollowers))
      }
      guard let summary = summary(of: session) else { return }
      reply(connection, request.tag, .joined(summary))
      let isNew = subscriptions.follow(session, by: connection)
      replay(session, after: after, to: connection)
      tellNotes(of: session, to: [connection])
      if isNew { attends(session, connection) }
    case .resume(let session, let after):
      guard followFailure(request.person, session) == nil, let known = state.session(session),
        after <= known.sequence, subscriptions.hasRoom(in: session, for: connection),
        let missed = missed(session, after: after), mayBring(missed, to: connection)
      else {
        reply(connection, request.tag, .resumed(session, recovered: false))
        return agentResumed(request, session, isFollowed: false)
      }
      reply(connection, request.tag, .resumed(session, recovered: true))
      let isNew = subscriptions.follow(session, by: connection)
      if !missed.isEmpty, !has(.backlogForgotten) { reply(connection, request.tag, .missed(session, missed)) }
      if known.state == .closed {
        put(
          .event(session, .closed(by: "", reason: known.closeReason ?? ""), to: [connection]),
          into: connection.sink)
      }
      tellNotes(of: session, to: [connection])
      if isNew { attends(session, connection) }
      agentResumed(request, session, isFollowed: true)
    case .history(let session, let range, let limit):
      let isKnown = state.owner(of: session) != nil
      guard isKnown || mayHaveLeft(session) else {
        return reply(connection, request.tag, .failed(.noSuchSession))
      }
      guard !isKnown || state.mayRead(request.person, session: session) else {
        return reply(connection, request.tag, .failed(.notYours))
      }
      guard state.hasAll(of: session, in: range, limit: limit) else {
        return askArchive(
          request,
          .history(
            session, range, limit: limit, bytes: configuration.maxPageBytes,
            isCaughtUp: archiveIsCaughtUp(with: session)))
      }
      let page = page(session, range, limit: limit) { reading.spend($0) }
      reply(connection, request.tag, .history(session, page.messages, more: page.more, isCut: page.isCut))
    case .query(let asked):
      if let session = asked.archivedSession, state.owner(of: session) == nil, mayHaveLeft(session) {
        return askArchive(
          request, .queryOfSession(asked, isCaughtUp: archiveIsCaughtUp(with: session)))
      }
      let (answer, looked) = state.answer(asked, by: request.person, of: request.desk)
      reading.spendListed(looked)
      switch answer {
      case .success(let record): reply(connection, request.tag, .answer(QueryAnswer(record)))
      case .failure(let failure): reply(connection, request.tag, .failed(failure))
      }
    case .open, .send, .arrange, .perform, .govern, .typing, .read, .disconnected:
      break
    }
  }

  /// Whether a session of that id may have been here: only then is the archive asked for it.
  package func mayHaveLeft(_ session: SessionID) -> Bool {
    archive.isKept && state.level >= .sixth && session.logIndex <= log.index.rawValue
  }

  /// See `ReplicatedState.hasAll`.
  package func hasAll(of session: SessionID, in range: TranscriptRange, limit: Int) -> Bool {
    state.hasAll(of: session, in: range, limit: limit)
  }

  func followFailure(_ person: Person, _ session: SessionID) -> Failure? {
    guard state.owner(of: session) != nil else { return .noSuchSession }
    return state.mayFollow(person, session: session) ? nil : .notYours
  }

  /// Everything after `after`, or the word that the client reads its history instead.
  ///
  /// - Parameter live: what was said from there on is told by itself.
  mutating func replay(
    _ session: SessionID, after: Sequence, before live: Sequence? = nil, to connection: ConnectionID
  ) {
    guard let missed = missed(session, after: after, before: live) else {
      return reply(connection, 0, .gap(session))
    }
    if !missed.isEmpty { reply(connection, 0, .missed(session, missed)) }
  }

  /// What was said in a session, for those who are new to it and will hear all from `live` on by itself.
  mutating func tellBacklog(of session: SessionID, to newcomers: [ConnectionID], before live: Sequence?) {
    guard !newcomers.isEmpty else { return }
    let missed = missed(session, after: .zero, before: live)
    for connection in newcomers {
      guard let missed, mayBring(missed, to: connection) else {
        reply(connection, 0, .gap(session))
        continue
      }
      if !missed.isEmpty { reply(connection, 0, .missed(session, missed)) }
    }
  }

  /// Whether the connection's buffer holds that, too, beside what it was brought a moment ago.
  private mutating func mayBring(_ missed: [Transcribed], to connection: ConnectionID) -> Bool {
    backlogs.mayBring(
      missed.reduce(0) { $0 + $1.body.count + TranscriptPage.overhead }, to: connection, at: now,
      most: 2 * configuration.maxMissedBytes)
  }

  /// nil: more than one connection's buffer should hold, or than this turn reads. No more is read than that.
  mutating func missed(_ session: SessionID, after: Sequence, before: Sequence? = nil) -> [Transcribed]? {
    let known = state.sequence(of: session) ?? .zero
    let end = before.map { Sequence($0.rawValue - 1) } ?? known
    guard end > after else { return [] }
    guard end.rawValue - after.rawValue <= UInt64(configuration.maxMissedMessages), !reading.isOverdrawn else {
      return nil
    }
    let count = Int(end.rawValue - after.rawValue)
    let page = state.page(session, .after(after), limit: count, bytes: configuration.maxMissedBytes)
    guard let messages = page?.messages else { return nil }
    reading.spend(messages)
    guard messages.count == count else { return nil }
    return messages.map(Transcribed.init)
  }

  /// At most `limit` messages and about 512 KiB, so that one page never floods a connection; no more is read than that.
  ///
  /// - Parameter read: is told what was read.
  package func page(
    _ session: SessionID, _ range: TranscriptRange, limit: Int, read: ([Desk.Message]) -> Void = { _ in }
  ) -> MessagePage {
    let page = state.page(session, range, limit: limit, bytes: configuration.maxPageBytes)
    read(page?.messages ?? [])
    return MessagePage(
      messages: (page?.messages ?? []).map(Transcribed.init), more: page?.more ?? false)
  }
}

extension Failure {
  fileprivate static let tooManyFollowers = Failure(
    .busy,
    "\(Subscriptions.mostFollowers) connections follow this session on this node already: use another node",
    retryAfterMilliseconds: 1_000)
}
