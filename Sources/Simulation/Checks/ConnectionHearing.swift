import Desk
package import Protocol

/// What one connection of a client was told of the sessions that it follows, from its frames in both directions.
package struct ConnectionHearing: Sendable {
  private var hearing = Hearing()
  private var user: String?
  private var isAgent = false
  /// Joins that have no answer yet: a few at a time.
  private var joins: [String: SessionID] = [:]
  /// Messages that have no answer yet, by their id.
  private var sends: [String: SessionID] = [:]
  /// Of these, what was sent before a join that has no answer yet: a join is answered behind what was said before it.
  private var earlier: Set<String> = []
  /// Sessions to which the agent on it is invited, whoever serves them.
  private var invited: Set<SessionID> = []

  package init() {}

  package mutating func sent(_ frame: SentFrame) {
    switch frame.content {
    case .hello(let hello):
      for point in hello.resume ?? [] {
        guard let session = Self.session(point.session) else { continue }
        hearing.resumes(session, after: Sequence(point.after))
      }
    case .send(let send):
      guard let id = frame.id else { return }
      sends[id] = send.session
    case .operation(let operation):
      // What was said is brought once more where a session is followed anew, and no more of it where it is not.
      if let watch = operation as? Watch { hearing.distrusts(watch.session) }
      if let unwatch = operation as? Unwatch { hearing.distrusts(unwatch.session) }
      guard let join = frame.join, let id = frame.id else { return }
      joins[id] = join.session
      for (id, place) in sends where place == join.session { earlier.insert(id) }
      hearing.joins(join.session, after: join.after)
    case .pong, .received: break
    }
  }

  /// - Returns: what is wrong with it; nil: nothing.
  package mutating func received(_ frame: ReceivedFrame) -> String? {
    if frame.type == "welcome" {
      user = frame.user
      isAgent = frame.role == "agent"
    }
    var isEarlier = false
    if frame.type == "ack" || frame.type == "error", let id = frame.id {
      sends[id] = nil
      isEarlier = earlier.remove(id) != nil
    }
    let joined = frame.id.flatMap { joins.removeValue(forKey: $0) }
    guard let session = Self.session(frame.session) ?? joined else { return nil }
    switch frame.type {
    case "opened": hearing.opened(session, at: Sequence(frame.seq ?? 0))
    case "joined": hearing.resumed(session, recovered: frame.recovered ?? true)
    case "resumed": hearing.resumed(session, recovered: frame.recovered ?? false)
    case "error" where frame.id == nil || joined != nil: hearing.refused(session)
    case "event": happened(frame, in: session)
    case "message":
      // Sent again because its receipt was late: the client has had it.
      if frame.resent == true { return nil }
      return judge(session) { $0.told(session, Sequence(frame.seq ?? 0)) }
    case "ack" where isEarlier: break
    case "ack": return judge(session) { $0.acknowledged(session, Sequence(frame.seq ?? 0)) }
    default: break
    }
    return nil
  }

  /// One complaint about a session is enough: what follows a gap is behind it.
  private mutating func judge(_ session: SessionID, _ look: (inout Hearing) -> String?) -> String? {
    guard let problem = look(&hearing) else { return nil }
    hearing.distrusts(session)
    return problem
  }

  /// An agent follows what it is given until it goes to somebody else.
  private mutating func happened(_ frame: ReceivedFrame, in session: SessionID) {
    switch frame.kind {
    case "assigned" where isAgent && frame.agent == user:
      invited.remove(session)
      hearing.assigned(session)
    case "assigned" where isAgent && !invited.contains(session),
      "queued" where isAgent && !invited.contains(session):
      hearing.leaves(session)
    case "invited" where isAgent && frame.agent == user:
      invited.insert(session)
      hearing.assigned(session)
    case "invite_ended" where isAgent && frame.agent == user:
      invited.remove(session)
      hearing.leaves(session)
    case "transferred" where isAgent && frame.from == user: hearing.leaves(session)
    case "closed": hearing.leaves(session)
    default: break
    }
  }

  private static func session(_ text: String?) -> SessionID? {
    text.flatMap { UInt64($0) }.map { SessionID(rawValue: $0) }
  }
}
