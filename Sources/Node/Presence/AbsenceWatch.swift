import Desk
import Kernel
import Protocol
import Raft

/// The owner's doubts: its sessions whose customer it sees nowhere, though nobody has said yet that they are gone. After a
/// while it says so, through the log.
struct AbsenceWatch {
  /// Sessions of which one turn says that the customer is gone, at the most.
  static let limit = 256

  private struct Queue {
    let patience: Span
    var sessions: [(session: SessionID, due: Instant)] = []
    var done = 0

    mutating func next(at now: Instant) -> (session: SessionID, due: Instant)? {
      guard done < sessions.count, sessions[done].due <= now else {
        if done > 1_024 || done == sessions.count {
          sessions.removeFirst(done)
          done = 0
        }
        return nil
      }
      done += 1
      return sessions[done - 1]
    }
  }

  private var due: [SessionID: Instant] = [:]
  /// Whose node has said that they are there no longer; and whom this owner has never seen, or lost with their node.
  private var left: Queue
  private var unseen: Queue
  /// The last of this node's own sessions that was looked at.
  private var cursor: SessionID?
  /// Sessions of which this node is saying that the customer is there.
  private var returning: Set<SessionID> = []

  init(_ patience: AbsencePatience) {
    left = Queue(patience: .milliseconds(Int64(patience.left)))
    unseen = Queue(patience: .milliseconds(Int64(patience.unseen)))
  }

  mutating func settle(_ session: SessionID) { due[session] = nil }

  mutating func doubt(_ session: SessionID, hasLeft: Bool, at now: Instant) {
    let time = now + (hasLeft ? left : unseen).patience
    if let known = due[session], known <= time { return }
    due[session] = time
    if hasLeft { left.sessions.append((session, time)) } else { unseen.sessions.append((session, time)) }
  }

  /// - Returns: the sessions of this turn whose customer has been gone for long enough.
  mutating func takeDue(_ now: Instant) -> [SessionID] {
    var sessions: [SessionID] = []
    while sessions.count < Self.limit, let next = left.next(at: now) ?? unseen.next(at: now) {
      guard due[next.session] == next.due else { continue }
      due[next.session] = nil
      sessions.append(next.session)
    }
    return sessions
  }

  /// - Returns: the sessions of this node that are looked at in this turn, each once in a round.
  mutating func round(_ state: ReplicatedState, _ server: ServerID, turns: Int) -> [SessionID] {
    let count = min(Round.limit, state.ownedCount(of: server) / max(1, turns) + 1)
    let sessions = state.sessions(ownedBy: server, after: cursor, limit: count)
    cursor = sessions.count < count ? nil : sessions.last
    return sessions
  }

  /// - Returns: false when that is being said already.
  mutating func beginReturn(_ session: SessionID) -> Bool { returning.insert(session).inserted }

  mutating func endReturn(_ session: SessionID) { returning.remove(session) }
}

/// How long a customer may be gone before the owner of a session says so, in milliseconds.
package struct AbsencePatience: Sendable {
  /// The node where they were connected has said that they are not any more. Whoever loads a page anew is back by then.
  package var left = 3_000
  /// No node has said anything of them since this node owns the session, or since the one that did is lost: longer than a
  /// cluster takes to tell a new owner of all its sessions.
  package var unseen = 20_000
  /// They have asked something over HTTP, where nobody stays connected: so long after the last request they count as there. It
  /// may be a period of reports longer.
  package var visited = 60_000
  package init() {}
}

extension Node {
  /// As an owner. That somebody is gone is a fact of the log from then on; that they are back is said by the node where they
  /// are.
  mutating func watchAbsences() {
    let touched = presence.takeTouched()
    guard state.level >= .second, configuration.queueGrace > 0 || configuration.openGrace > 0,
      !catchUp.holdsAll,
      leadership.lostAt == nil, !has(.absenceUnseen)
    else { return }
    for (session, hasLeft) in touched { lookForCustomer(of: session, hasLeft: hasLeft) }
    let turns = Self.presenceTurns(tickMilliseconds: configuration.tickMilliseconds)
    for session in absenceWatch.round(state, server, turns: turns) {
      lookForCustomer(of: session, hasLeft: false)
    }
    for session in absenceWatch.takeDue(now) where isMissing(session) {
      guard let epoch = state.owner(of: session)?.epoch else { continue }
      let absence = SetAttendance.Absence(
        epoch: epoch, queueGrace: UInt64(max(0, configuration.queueGrace)),
        openGrace: UInt64(max(0, configuration.openGrace)))
      batch.add(
        Submission(
          origin: Origin(server: server, request: 0),
          command: .attend(SetAttendance(session: session, absence: absence))))
    }
  }

  private mutating func lookForCustomer(of session: SessionID, hasLeft: Bool) {
    if isMissing(session) {
      absenceWatch.doubt(session, hasLeft: hasLeft, at: now)
    } else {
      absenceWatch.settle(session)
    }
  }

  /// An own session, whose customer is seen nowhere, and not said to be gone.
  func isMissing(_ session: SessionID) -> Bool {
    guard let known = state.attendance(of: session), known.owner == server, !known.isClosed, !known.isAbsent
    else {
      return false
    }
    return !presence.isFull && !presence.isThere(known.customer, in: session)
  }

  /// As the node of a customer who is said to be gone and is not.
  mutating func sayThere(_ session: SessionID) {
    guard !has(.returnUnsaid), absenceWatch.beginReturn(session) else { return }
    enter(.attend(SetAttendance(session: session, absence: nil)), for: nil)
  }

  /// The customer of the session follows it here, or has asked about it here of late.
  func isCustomerHere(_ session: SessionID) -> Bool {
    visits.isThere(in: session, at: now)
      || subscriptions.connections(of: session).contains { subscriptions.person(of: $0)?.role == .customer }
  }
}
