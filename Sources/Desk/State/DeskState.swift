internal import Kernel

/// All that one desk has: sessions with their transcripts, agents, waiting lines. It is changed by `ReplicatedState.apply`
/// alone, which lends it what stands above the desks; it knows of no other desk.
///
/// A copy costs O(1). After that a change copies only the shard that it touches, so a snapshot can be written from a
/// copy on another thread while commands go on.
package struct DeskState: Sendable {
  package let number: DeskNumber
  package internal(set) var settings: DeskSettings
  /// The cluster's, as of the latest command for this desk.
  var level = Level.first
  /// The time of the latest entry for this desk, in ms since 1970; never goes back.
  package internal(set) var now: UInt64 = 0

  var sessionTable: ShardedMap<SessionID, Session>
  var requestTable: ShardedMap<RequestKey, SessionID>
  var agentTable: ShardedMap<AgentID, Agent>
  /// By skill; "" for sessions that any agent can serve.
  var lineTable: ShardedMap<TextKey, WaitingLine>
  /// Who owns sessions, and where agents are: of all desks, and here only while the desk is changed.
  var servers = ServerTables()
  /// The agents who are to lose their chats, by the time of that.
  var deadlines = RankedSet<AgentDeadline>()
  /// The sessions that are to be closed, by the time of that.
  var absences = RankedSet<AbsenceDeadline>()
  /// Sessions whose customer is gone.
  package internal(set) var absentCount = 0

  /// Where somebody waits although an agent is free: what entries had no room to give. The next ones go on with it.
  /// Below level 9.
  var unservedLines = RankedSet<TextKey>()
  /// Agents who have room although somebody waits whom they may serve. From level 9 on.
  var unserved = RankedSet<AgentLoad>()
  /// The sessions for which another step of their policy begins, by the time of that. From level 9 on.
  var stepDeadlines = RankedSet<StepDeadline>()
  /// How many lines have learned how right they were, and how many may, of 8 KB each at the most: those behind them go by rates
  /// alone.
  var learningLines = 0
  var mostLearningLines = 256
  /// From level 9 on.
  var policies = PolicyTable()
  /// From level 9 on.
  var timerRules = KeptTimerRules()
  /// The timers of sessions, by the time when they fire.
  var timerDeadlines = RankedSet<TimerDeadline>()
  /// When agents have done with chats that are over. From level 10 on.
  var wrapUpDeadlines = RankedSet<WrapUpDeadline>()
  /// What the present entry may still give: see `ReplicatedState.mostPulled`.
  var pullRoom = 0

  /// What was done of late in the desk that belongs to no session.
  var done = DoneWindow()
  /// From level 8 on.
  var audit: AuditTrail
  /// From level 9 on.
  var calendars = CalendarTable()

  var customers: CustomerTable
  var opened: SessionsOfCustomers
  /// Of each customer those that are closed and still in the state.
  var over: SessionsOfCustomers

  package internal(set) var sessionCounts = SessionCounts()
  package internal(set) var agentCounts = AgentCounts()

  /// There is no desk of this number.
  var isVacant = false
  /// Nobody finds it any more, and it goes part by part.
  var isDeleted = false

  /// Holds a place in the table of desks, and nearly no memory.
  init(vacant number: DeskNumber) {
    self.init(number, settings: .main, exponents: (0, 0))
    isVacant = true
  }

  init(_ number: DeskNumber, settings: DeskSettings) {
    // In how many pieces a table lies is part of what a log means: pieces order what is done to many sessions. A cluster
    // can have a thousand desks beside the main one, so theirs take less memory while they are small.
    self.init(number, settings: settings, exponents: number == .main ? (10, 6) : (6, 3))
  }

  /// - Parameter exponents: of the pieces for sessions and for agents.
  private init(_ number: DeskNumber, settings: DeskSettings, exponents: (sessions: Int, agents: Int)) {
    (self.number, self.settings) = (number, settings)
    audit = AuditTrail(of: number)
    sessionTable = ShardedMap(exponent: exponents.sessions)
    requestTable = ShardedMap(exponent: exponents.sessions)
    customers = CustomerTable(exponent: exponents.sessions)
    opened = SessionsOfCustomers(exponent: exponents.sessions)
    over = SessionsOfCustomers(exponent: exponents.sessions)
    agentTable = ShardedMap(exponent: exponents.agents)
    lineTable = ShardedMap(exponent: exponents.agents)
  }
}

/// Numbers of sessions by state.
package struct SessionCounts: Hashable, Sendable {
  package internal(set) var active = 0
  package internal(set) var queued = 0
  package internal(set) var closed = 0

  mutating func add(_ other: SessionCounts) {
    active += other.active
    queued += other.queued
    closed += other.closed
  }

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

  mutating func add(_ other: AgentCounts) {
    online += other.online
    busy += other.busy
    away += other.away
    offline += other.offline
  }

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
