package import Kernel

/// All that the cluster agrees on: sessions with their transcripts, agents, waiting lines, who owns what. A value that
/// is changed by `apply` alone; the same commands give the same state, the same effects and the same snapshot on
/// every node.
///
/// A copy costs O(1). After that a change copies only the shard that it touches, so a snapshot can be written from a
/// copy on another thread while commands go on.
package struct DeskState: Sendable {
  /// What the cluster may write; never goes back.
  package internal(set) var level = Level.first
  /// The time of the latest entry, in ms since 1970; never goes back.
  package internal(set) var now: UInt64 = 0

  var sessionTable = ShardedMap<SessionID, Session>(exponent: 10)
  var requestTable = ShardedMap<RequestKey, SessionID>(exponent: 10)
  var agentTable = ShardedMap<AgentID, Agent>(exponent: 6)
  /// By skill; "" for sessions that any agent can serve.
  var lineTable = ShardedMap<TextKey, WaitingLine>(exponent: 6)
  /// The sessions of each owner that are not closed.
  var ownedTable: [ServerID: RankedSet<OwnedSession>] = [:]
  /// The agents who are present on each server.
  var presentTable: [ServerID: RankedSet<AgentID>] = [:]
  /// The agents who are to lose their chats, by the time of that.
  var deadlines = RankedSet<AgentDeadline>()
  /// The sessions that are to be closed, by the time of that.
  var absences = RankedSet<AbsenceDeadline>()
  /// Sessions whose customer is gone.
  package internal(set) var absentCount = 0
  /// The request with which each server has announced that it has started: those numbered below are of an earlier
  /// life.
  var lifeTable: [ServerID: UInt64] = [:]

  /// From level 2 on.
  var running = RunningDigest()

  /// Where somebody waits although an agent is free: what entries had no room to give. The next ones go on with it.
  var unservedLines = RankedSet<TextKey>()
  /// Sessions that one entry gives from waiting lines to agents, beside one for each of its commands: some milliseconds of
  /// work. Part of what the log means, from level 2 on: the same on all nodes, and for ever but for a new level. (The
  /// simulator has another number, that of all its nodes.)
  package var mostPulled = 256
  /// What the present entry may still give.
  var pullRoom = 0

  /// Of level 1 alone.
  var spellings = Spellings()
  var customers = CustomerTable()
  var opened = OpenSessions()

  package internal(set) var sessionCounts = SessionCounts()
  package internal(set) var agentCounts = AgentCounts()

  package init() {}

  /// Applies one log entry.
  /// - Parameters:
  ///   - submissions: the entry's commands, in order. Sessions opened by a submission at place 4,096 or later are
  ///     refused.
  ///   - index: the entry's log index, above that of all entries before it.
  ///   - now: the entry's time in ms since 1970; one that is behind the state's own is taken as that.
  ///   - effects: what has happened is added at the end, in order.
  package mutating func apply(
    _ submissions: [Submission], index: UInt64, now: UInt64, into effects: inout [Effect]
  ) {
    if now > self.now { self.now = now }
    if level > .first { spellings.forget() }
    pullRoom = mostPulled
    for place in submissions.indices {
      let origin = submissions[place].origin
      let answer: Answer
      switch level == .first ? spellings.settle(submissions[place].command) : submissions[place].command {
      case .send(let send): answer = apply(send, into: &effects)
      case .open(let open): answer = apply(open, id: SessionID(index: index, place: place), into: &effects)
      case .perform(let envelope): answer = apply(envelope, into: &effects)
      case .setStatus(let status): answer = apply(status, from: origin, into: &effects)
      case .endPresences(let end): answer = apply(end, from: origin, into: &effects)
      case .serverLost(let lost): answer = apply(lost, into: &effects)
      case .timePasses(let time): answer = apply(time, into: &effects)
      case .raiseLevel(let raise): answer = apply(raise, into: &effects)
      case .attend(let attendance): answer = apply(attendance, into: &effects)
      }
      if origin.request != 0 { effects.append(.answer(origin, answer)) }
    }
  }
}

/// Numbers of sessions by state.
package struct SessionCounts: Hashable, Sendable {
  package internal(set) var active = 0
  package internal(set) var queued = 0
  package internal(set) var closed = 0

  subscript(state: Session.State) -> Int {
    get {
      switch state {
      case .active: active
      case .queued: queued
      case .closed: closed
      }
    }
    set {
      switch state {
      case .active: active = newValue
      case .queued: queued = newValue
      case .closed: closed = newValue
      }
    }
  }
}

/// Numbers of agents by status.
package struct AgentCounts: Hashable, Sendable {
  package internal(set) var online = 0
  package internal(set) var busy = 0
  package internal(set) var away = 0
  package internal(set) var offline = 0

  subscript(status: AgentStatus) -> Int {
    get {
      switch status {
      case .online: online
      case .busy: busy
      case .away: away
      case .offline: offline
      }
    }
    set {
      switch status {
      case .online: online = newValue
      case .busy: busy = newValue
      case .away: away = newValue
      case .offline: offline = newValue
      }
    }
  }
}

/// A client's request to open a session.
struct RequestKey: ShardKey {
  var customer: TextKey
  var request: TextKey

  init(customer: String, request: String) {
    self.customer = TextKey(customer)
    self.request = TextKey(request)
  }

  var shardHash: UInt64 { (customer.shardHash &* 31) &+ request.shardHash }
}
