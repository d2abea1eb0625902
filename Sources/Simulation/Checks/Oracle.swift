import Desk

/// What the desk promises about sessions, worked out a second time from the log alone and in the simplest way: who
/// owns what under which epoch, which messages there are in which order, and what was done by whom.
struct Oracle {
  struct Entry {
    var epoch: Epoch
    var owner: ServerID
    var customer: Customer
    var isClosed = false
    /// The state's time of that.
    var endedAt: UInt64 = 0
    var request = ""
    /// By message id and sender, with what the message says.
    var sequences: [String: (sequence: UInt64, id: String, body: [UInt8])] = [:]
    /// What was carried out, by person and request.
    var done: [String: OperationRecord] = [:]
  }

  /// Two desks may have customers of the same name.
  struct Customer: Hashable {
    var desk: DeskNumber
    var id: String
  }

  private struct Reign: Hashable {
    let session: SessionID
    let epoch: Epoch
  }

  private(set) var sessions: [SessionID: Entry] = [:]
  /// In the order in which they were opened.
  private var order: [SessionID] = []
  private var requests: [String: SessionID] = [:]
  private var owners: [Reign: ServerID] = [:]
  /// Those of each customer that are not closed.
  private(set) var open: [Customer: Set<SessionID>] = [:]
  /// What was said in sessions that have left the state.
  var over: [SessionID: [String]] = [:]
  /// Whose session it is or was.
  var customers: [SessionID: Customer] = [:]
  /// The state's time of that, in ms since 1970, of every session that there ever was.
  var openedAt: [SessionID: UInt64] = [:]
  /// Archives have nothing of earlier months, as months since January of the year 0.
  var droppedBefore: UInt32 = 0
  /// Nothing of these is anywhere.
  var erased: Set<SessionID> = []
  /// Who has asked for an erasure that was carried out, by person and request.
  var erasures: Set<String> = []
  /// Milliseconds that a session stays after its end.
  var linger: UInt64 = 0
  var now: UInt64 = 0

  /// Who owned the session under that epoch; nil when nobody has yet.
  func owner(of session: SessionID, _ epoch: Epoch) -> ServerID? {
    owners[Reign(session: session, epoch: epoch)]
  }

  /// - Parameter now: the state's time.
  /// - Returns: what is wrong with what the entry has brought about; nil: nothing.
  mutating func apply(
    _ submissions: [Submission], index: UInt64, now: UInt64, effects: [Effect],
    ownerNow: (SessionID) -> (server: ServerID, epoch: Epoch, isClosed: Bool)?
  ) -> String? {
    self.now = now
    // Sessions leave before anything else is done.
    for submission in submissions {
      guard case .timePasses(let time) = submission.command else { continue }
      if let problem = retire(time, ownerNow) { return problem }
    }
    var answers = effects.compactMap { effect -> (Origin, Answer)? in
      if case .answer(let origin, let answer) = effect { (origin, answer) } else { nil }
    }[...]
    var handovers = 0
    var rest = effects[...]
    var losses = submissions.compactMap { submission -> ServerLost? in
      if case .serverLost(let lost) = submission.command { lost } else { nil }
    }[...]
    let isOnlyLoss = losses.count(where: Self.moves) == 1
    var moved: Set<SessionID> = []
    for (place, submission) in submissions.enumerated() {
      var answer: Answer?
      if submission.origin.request != 0 {
        guard let next = answers.popFirst(), next.0 == submission.origin else {
          return "submission \(place) has no answer"
        }
        answer = next.1
      }
      var problem: String?
      switch submission.command {
      case .open(let open):
        problem = apply(open, SessionID(index: index, place: place, desk: open.desk), answer)
      case .send(let send): problem = apply(send, answer)
      case .perform(let envelope): problem = apply(envelope, answer, &handovers)
      case .serverLost(let lost):
        losses = losses.dropFirst()
        problem = isOnlyLoss ? checkCount(lost, ownerNow) : nil
        if problem == nil { problem = apply(lost, before: losses, &moved, ownerNow) }
      case .arrange(let envelope): problem = apply(envelope, answer, ownerNow)
      case .dropMonths(let drop): problem = apply(drop)
      case .setStatus, .endPresences, .timePasses, .raiseLevel, .attend, .govern, .noteRead, .annotate:
        problem = nil
      }
      if let problem = problem ?? follow(Self.done(byTime: submission, &rest)) { return problem }
    }
    let transferred = effects.count { if case .session(_, .transferred) = $0 { true } else { false } }
    // Handing a session to the agent who has it changes nothing.
    return transferred > handovers ? "\(transferred) sessions are handed on, \(handovers) times was asked" : nil
  }

  /// What time does without being asked: sessions are closed, and desks remind customers.
  private mutating func follow(_ effects: [Effect]) -> String? {
    for effect in effects {
      switch effect {
      case .session(let id, .closed): end(id)
      case .message(let id, let sequence):
        guard let session = sessions[id], !session.isClosed,
          sequence.rawValue == UInt64(session.sequences.count + 1)
        else { return "session \(id.text) is told \(sequence) by time, at a place that is not the next one" }
        let said = "reminder/\(sequence.rawValue - 1)"
        sessions[id]?.sequences[said] = (sequence.rawValue, said, [])
      default: break
      }
    }
    return nil
  }

  ///
  /// - Parameter rest: the effects of this submission and those behind it; afterwards of those behind it.
  private static func done(byTime submission: Submission, _ rest: inout ArraySlice<Effect>) -> [Effect] {
    let isTime = if case .timePasses = submission.command { true } else { false }
    guard isTime || submission.origin.request != 0 else { return [] }
    let end = rest.firstIndex { effect in
      switch effect {
      case .answer(let origin, _): submission.origin.request != 0 && origin == submission.origin
      case .timePassed: submission.origin.request == 0
      default: false
      }
    }
    guard let end else { return [] }
    defer { rest = rest[(end + 1)...] }
    guard isTime else { return [] }
    return Array(rest[..<end])
  }

  private mutating func apply(_ open: OpenSession, _ id: SessionID?, _ answer: Answer?) -> String? {
    if answer == .refused(.noSuchDesk), open.desk != .main { return nil }
    let customer = Customer(desk: open.desk, id: open.customer.id)
    let key = "\(open.desk)\u{0}\(open.customer.id)\u{0}\(open.requestID)"
    let known = requests[key]
    let expected = known ?? id
    if let answer {
      guard case .opened(let session, let isNew) = answer, session == expected, isNew == (known == nil) else {
        return "opening is answered \(answer), expected session \(expected?.text ?? "-")"
      }
    }
    guard known == nil, let id else { return nil }
    requests[key] = id
    sessions[id] = Entry(epoch: Epoch(1), owner: open.owner, customer: customer, request: key)
    self.open[customer, default: []].insert(id)
    customers[id] = customer
    openedAt[id] = now
    order.append(id)
    owners[Reign(session: id, epoch: Epoch(1))] = open.owner
    return nil
  }

  mutating func drop(_ id: SessionID, request: String) {
    sessions[id] = nil
    if requests[request] == id { requests[request] = nil }
    order.removeAll { $0 == id }
  }

  private mutating func end(_ id: SessionID) {
    guard let session = sessions[id], !session.isClosed else { return }
    sessions[id]?.isClosed = true
    sessions[id]?.endedAt = now
    open[session.customer]?.remove(id)
  }

  private mutating func apply(_ send: SendMessage, _ answer: Answer?) -> String? {
    guard let session = sessions[send.session] else {
      return answer == nil || answer == .refused(.notFound) ? nil : "a message to no session is answered"
    }
    let key = "\(send.id)\u{0}\(send.sender.role.name)\u{0}\(send.sender.id)"
    let known = session.sequences[key]
    // Who serves is not known here.
    if known == nil, send.sender.role == .agent, answer == .refused(.forbidden) { return nil }
    if known == nil, !session.isClosed, send.epoch == session.epoch {
      let next = UInt64(session.sequences.count + 1)
      sessions[send.session]?.sequences[key] = (next, send.id, send.body)
      if let answer {
        guard case .stored(send.session, Sequence(next), _, isNew: true) = answer else {
          return "message \(send.id) is answered \(answer), expected sequence \(next)"
        }
      }
      return nil
    }
    guard let answer else { return nil }
    switch answer {
    case .stored(send.session, let sequence, _, isNew: false)
    where known?.sequence == sequence.rawValue && known?.body == send.body:
      return nil
    case .refused(.conflict) where known != nil && known?.body != send.body: return nil
    case .refused(.sessionClosed) where session.isClosed && known == nil: return nil
    case .refused(.staleEpoch) where send.epoch != session.epoch && known == nil: return nil
    default:
      return
        "message \(send.id) under epoch \(send.epoch.rawValue) of \(session.epoch.rawValue) is answered \(answer)"
    }
  }

  /// Who serves what is not known here: whether it is allowed is not, either.
  private mutating func apply(_ envelope: Envelope, _ answer: Answer?, _ handovers: inout Int) -> String? {
    guard let session = sessions[envelope.session] else {
      return answer == nil || answer == .refused(.notFound)
        ? nil : "operation \(envelope.operation) in no session is answered"
    }
    guard let answer else { return nil }
    let isOwn = envelope.epoch == session.epoch
    let key = "\(envelope.by.role.name)\u{0}\(envelope.by.id)\u{0}\(envelope.requestID)"
    let first = envelope.requestID.isEmpty ? nil : session.done[key]
    let isClose = envelope.operation == Close.number
    // What a closed session is already: that it is over, and that nobody takes part any more.
    let isSoAlready = Operations.ofSessions[envelope.operation]?.whenClosed == .done
    let isRight =
      switch answer {
      case .done where first != nil: first == envelope.record
      case .done where isSoAlready && session.isClosed: true
      case .done: isOwn && (!session.isClosed || Self.isForClosed(envelope))
      case .refused(.conflict): first != nil && first != envelope.record
      case .refused(.sessionClosed): session.isClosed && first == nil && !isSoAlready
      case .refused(.staleEpoch): !isOwn && first == nil
      // What was carried out is never refused.
      case .refused(.forbidden), .refused(.preconditionFailed), .refused(.agentUnavailable),
        .refused(.noSuchAgent), .refused(.tooLate), .refused(.taken), .refused(.unserved),
        .refused(.tooManyInvited), .refused(.tooManyWatching), .refused(.tooManyNotes),
        .refused(.offerEnded):
        first == nil
      case .refused(.notFound), .refused(.earlierLife), .refused(.noSuchDesk), .refused(.deskFull),
        .refused(.deskClosed), .refused(.deskExists), .refused(.deskInUse), .refused(.tooManyDesks),
        .refused(.customerInUse),
        .refused(.tooManyErasures), .refused(.queueFull), .refused(.policyChanged), .refused(.tooManyPolicies),
        .refused(.policiesInUse), .refused(.calendarChanged), .refused(.timersChanged),
        .refused(.tooManyCalendars), .opened,
        .stored:
        false
      }
    guard isRight else {
      return "operation \(envelope.operation) (\(envelope.requestID) of \(envelope.by.id)) under epoch "
        + "\(envelope.epoch.rawValue) of \(session.epoch.rawValue) is answered \(answer)"
    }
    guard answer == .done, first == nil, !(isSoAlready && session.isClosed) else { return nil }
    if !envelope.requestID.isEmpty { sessions[envelope.session]?.done[key] = envelope.record }
    if isClose { end(envelope.session) }
    if [Transfer.number, Leave.number, TakeOver.number].contains(envelope.operation) { handovers += 1 }
    return nil
  }

  private static func isForClosed(_ envelope: Envelope) -> Bool {
    Operations.ofSessions[envelope.operation]?.whenClosed == .performed
  }

  private typealias OwnerNow = (SessionID) -> (server: ServerID, epoch: Epoch, isClosed: Bool)?

  private static func moves(_ lost: ServerLost) -> Bool { lost.heirs.contains { $0 != lost.server } }

  private func orphans(of server: ServerID) -> [SessionID] {
    order.filter { sessions[$0].map { !$0.isClosed && $0.owner == server } ?? false }
  }

  /// Which sessions move first is the state machine's to say; how many do is not. Where an entry has several losses, this
  /// cannot be seen when all of them are over.
  private func checkCount(_ lost: ServerLost, _ ownerNow: OwnerNow) -> String? {
    guard Self.moves(lost) else { return nil }
    let orphans = orphans(of: lost.server)
    let moving = orphans.count { ownerNow($0)?.server != lost.server }
    let limit = lost.bounds.map { Int(max(1, $0.limit)) } ?? .max
    return moving == min(limit, orphans.count)
      ? nil : "\(moving) of \(orphans.count) sessions move, and the limit is \(limit)"
  }

  /// - Parameters:
  ///   - later: losses of the same entry. It is looked at when all of them are over, and a session may go on from an heir
  ///     that is lost as well, even back to where it was.
  ///   - moved: sessions for which that has been looked at.
  private mutating func apply(
    _ lost: ServerLost, before later: ArraySlice<ServerLost>, _ moved: inout Set<SessionID>,
    _ ownerNow: OwnerNow
  ) -> String? {
    for id in orphans(of: lost.server) where !moved.contains(id) {
      guard let session = sessions[id], let now = ownerNow(id) else { continue }
      // Only a move makes a new epoch.
      if now.epoch == session.epoch {
        let isLimited = lost.bounds.map { Int(max(1, $0.limit)) < order.count } ?? false
        if isLimited || !Self.moves(lost) { continue }
        return "session \(id) stays with lost server \(lost.server)"
      }
      let move = Move(server: now.server, epoch: now.epoch)
      guard Self.places(of: session.epoch, by: lost, later).contains(move) else {
        return "session \(id) goes from lost server \(lost.server) to \(now.server), and from epoch "
          + "\(session.epoch.rawValue) to \(now.epoch.rawValue)"
      }
      moved.insert(id)
      sessions[id]?.epoch = now.epoch
      sessions[id]?.owner = now.server
      owners[Reign(session: id, epoch: now.epoch)] = now.server
    }
    return nil
  }

  private struct Move: Hashable {
    var server: ServerID
    var epoch: Epoch
  }

  /// What may have become of a session that a loss has moved, when the later losses of its entry are over as well.
  private static func places(of epoch: Epoch, by lost: ServerLost, _ later: ArraySlice<ServerLost>) -> Set<Move>
  {
    var moves = Set(lost.heirs.filter { $0 != lost.server }.map { Move(server: $0, epoch: epoch.next) })
    for next in later {
      // Not all of its sessions need move on, where a loss has a limit.
      for move in moves where move.server == next.server {
        for heir in next.heirs where heir != next.server {
          moves.insert(Move(server: heir, epoch: move.epoch.next))
        }
      }
    }
    return moves
  }
}
