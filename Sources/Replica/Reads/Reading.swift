import Desk
import NIOCore
internal import Protocol
import Raft

/// Linearizable reads: joins, resumes, pages of history.
extension ReplicaCore {
  func readFailureNow() -> Failure? {
    guard let lost = leaderLostAt, now - lost > .milliseconds(Int64(options.quorumGrace)) else { return nil }
    return Failure(
      .noQuorum, "this node sees no majority of the cluster, so it cannot know what is newest",
      retryAfterMilliseconds: 500)
  }

  func startReads() {
    guard let context = reads.nextRound(at: now) else { return }
    if !raft.readIndex(context: context) { reads.notStarted(context) }
  }

  func runReads() {
    reads.applied = raft.appliedIndex
    for waiter in reads.takeReadable() {
      switch waiter {
      case .client(let request): read(request)
      case .send(let request): takeAgain(request)
      case .call(let call): call(nil)
      }
    }
    guard !reads.expired.isEmpty else { return }
    let expired = reads.expired
    reads.expired = []
    for (waiter, failure) in expired {
      switch waiter {
      case .client(let request): reply(request.connection, request.tag, .failed(failure))
      case .send(let request):
        wasHeld(request)
        reply(request.connection, request.tag, .failed(failure))
      case .call(let call): call(failure)
      }
    }
  }

  /// This node stops: whoever of the HTTP interface waits is told, for its server waits for them.
  func abandonReads() {
    for case .call(let call) in reads.takeAll() {
      call(Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500))
    }
  }

  private func read(_ request: ClientRequest) {
    let connection = request.connection
    guard followers.isPresent(connection) else { return }
    switch request.body {
    case .join(let session, let after):
      if let failure = followFailure(request.person, session) {
        return reply(connection, request.tag, .failed(failure))
      }
      guard let summary = summary(of: session) else { return }
      reply(connection, request.tag, .joined(summary))
      let isNew = followers.follow(session, by: connection)
      replay(session, after: after, to: connection)
      if isNew { attends(session, connection) }
    case .resume(let session, let after):
      guard followFailure(request.person, session) == nil, let known = desk.session(session),
        after <= known.sequence, let missed = missed(session, after: after)
      else { return reply(connection, request.tag, .resumed(session, recovered: false)) }
      reply(connection, request.tag, .resumed(session, recovered: true))
      let isNew = followers.follow(session, by: connection)
      if !missed.isEmpty { reply(connection, request.tag, .missed(session, missed)) }
      if known.state == .closed {
        put(
          .event(session, .closed(by: "", reason: known.closeReason ?? ""), to: [connection]),
          into: connection.sink)
      }
      if isNew { attends(session, connection) }
    case .history(let session, let range, let limit):
      if let failure = followFailure(request.person, session) {
        return reply(connection, request.tag, .failed(failure))
      }
      let page = page(session, range, limit: limit)
      reply(connection, request.tag, .history(session, page.messages, more: page.more))
    default:
      break
    }
  }

  func followFailure(_ person: Person, _ session: SessionID) -> Failure? {
    guard desk.owner(of: session) != nil else { return .noSuchSession }
    return desk.mayFollow(person, session: session) ? nil : .notYours
  }

  /// Everything after `after`, or the word that the client reads its history instead.
  func replay(_ session: SessionID, after: Sequence, to connection: ConnectionID) {
    guard let missed = missed(session, after: after) else {
      return reply(connection, 0, .resumed(session, recovered: false))
    }
    if !missed.isEmpty { reply(connection, 0, .missed(session, missed)) }
  }

  /// nil: more than one connection's buffer should hold.
  private func missed(_ session: SessionID, after: Sequence) -> [Transcribed]? {
    let messages = desk.messages(session, after: after, limit: options.maxMissedMessages + 1)
    guard messages.count <= options.maxMissedMessages else { return nil }
    guard messages.reduce(0, { $0 + $1.body.count + 200 }) <= options.maxMissedBytes else { return nil }
    return messages.map(Transcribed.init)
  }

  /// At most `limit` messages and about 512 KiB, so that one page never floods a connection.
  func page(_ session: SessionID, _ range: HistoryRange, limit: Int) -> MessagePage {
    let messages: [Desk.Message]
    var more: Bool
    switch range {
    case .after(let after):
      messages = desk.messages(session, after: after, limit: limit + 1)
      more = messages.count > limit
    case .before(let before):
      messages = desk.messages(session, before: before, limit: limit + 1)
      more = messages.count > limit
      if more { return MessagePage(messages: messages.dropFirst().map(Transcribed.init), more: true) }
    case .since(let time):
      messages = desk.messages(session, since: time, limit: limit + 1)
      more = messages.count > limit
    }
    var page: [Transcribed] = []
    var bytes = 0
    for message in messages.prefix(limit) {
      bytes += message.body.count + 200
      if bytes > 512 << 10, !page.isEmpty, range.isAscending {
        more = true
        break
      }
      page.append(Transcribed(message))
    }
    return MessagePage(messages: page, more: more)
  }
}

extension HistoryRange {
  fileprivate var isAscending: Bool {
    if case .before = self { return false }
    return true
  }
}
