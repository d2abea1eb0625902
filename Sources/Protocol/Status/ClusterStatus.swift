package import Desk

/// What `GET /v1/cluster/status` says. Its document is made from the `figures` of this and of what it holds.
package struct ClusterStatus: Sendable {
  package enum Health: String, Sendable, CaseIterable {
    case ok, degraded
    case noQuorum = "no_quorum"
  }
  package struct Problem: Sendable {
    package var code: ProblemCode
    package var node: String
    /// RFC 3339, UTC.
    package var since: String
    package var advice: String
    package init(code: ProblemCode, node: String, since: String, advice: String) {
      self.code = code
      self.node = node
      self.since = since
      self.advice = advice
    }
  }
  package struct Quorum: Sendable {
    package var voters = 0
    package var needed = 0
    package var reachable = 0
    package var canLose = 0
    package init() {}
  }
  package struct Load: Sendable {
    package var connections = 0
    package var sessions = 0
    package var cpu = 0.0
    package var loopLagMs = 0.0
    package var ackP99Ms = 0.0
    package var ageMs = 0
    package init() {}
  }
  /// What the nodes say of a member among themselves, in datagrams: advice.
  package struct Gossip: Sendable {
    /// "alive", "suspect", "dead" or "left".
    package var state = ""
    /// Of its hints; nil when none have come yet.
    package var ageMs: Int?
    package init() {}
  }
  package struct Storage: Sendable {
    package var logBytes: UInt64 = 0
    package var fsyncP99Ms = 0.0
    package var snapshotIndex: UInt64 = 0
    package var diskFreeBytes: UInt64 = 0
    /// Chunks and sessions in its archive. Of the observer alone; 0 for the others.
    package var archiveRows: UInt64 = 0
    package init() {}
  }
  /// What is over, on the disk of a node.
  package struct Archive: Sendable {
    /// It has all that was applied up to here, and is so many entries behind.
    package var completeIndex: UInt64 = 0
    package var lag: UInt64 = 0
    /// It misses something, and is filled from the state and from the archives of others.
    package var gap = false
    /// Entries of the log whose rows it may miss, of any month or of one.
    package var missingEntries: UInt64 = 0
    /// That came from other nodes since this one has started.
    package var rowsFromOthers: UInt64 = 0
    /// "2025-11": nothing of earlier months is kept; nil: all is.
    package var keptFrom: String?
    /// Something that was erased is still in its files.
    package var erasing = false
    package var sessions: UInt64 = 0
    package var messages: UInt64 = 0
    package var bytes: UInt64 = 0
    package init() {}
  }
  package struct Member: Sendable {
    package var id = ""
    package var address = ""
    package var clientUrl = ""
    package var role = ""
    package var voter = true
    package var state = ""
    package var reachable = false
    package var rttMs: Double?
    package var lastContactMs: Int?
    package var matchIndex: UInt64?
    package var appliedIndex: UInt64?
    package var lag: UInt64?
    package var version = ""
    /// The highest format level that it reads; nil: it cannot be reached.
    package var level: Int?
    package var uptimeS: Int?
    package var load: Load?
    package var storage: Storage?
    /// nil: this node does not gossip.
    package var gossip: Gossip?
    /// Of the observer alone; nil for the others, and without TLS.
    package var certificates: [Certificate]?
    /// Of the observer alone; nil for the others, and where there is none.
    package var archive: Archive?
    package init() {}
  }
  package struct Change: Sendable {
    /// "catching up": those who join receive the log; "joint": both majorities are needed.
    package var step = ""
    package var joining: [String] = []
    package var leaving: [String] = []
    package init() {}
  }
  package struct Sessions: Sendable {
    package var active = 0
    package var queued = 0
    package var closed = 0
    package init() {}
  }
  package struct Agents: Sendable {
    package var online = 0
    package var busy = 0
    package var away = 0
    package var offline = 0
    package init() {}
  }
  package var cluster = ""
  package var observedBy = ""
  package var observedAt = ""
  package var health = Health.ok
  package var problems: [Problem] = []
  package var leader: String?
  package var term: UInt64 = 0
  package var commitIndex: UInt64 = 0
  package var appliedIndex: UInt64 = 0
  /// The format level that the cluster writes.
  package var level = 1
  package var quorum = Quorum()
  package var members: [Member] = []
  /// A change of the members that is under way.
  package var change: Change?
  package var sessions = Sessions()
  package var agents = Agents()
  package init() {}
}

package struct SessionDetail: Sendable {
  package var summary: SessionSummary
  package var customer: Person
  package var channel: String
  package var skill: String
  package var intent: String
  package var priority: Int32
  package var attributes: [Attribute]
  /// The name of the owning node.
  package var owner: String
  package var epoch: Epoch
  /// ms since 1970; `closedAt` is nil while it is open.
  package var openedAt: UInt64
  package var updatedAt: UInt64
  package var closedAt: UInt64?
  package var closeReason: String?
  /// It waits, and is passed over while its customer is gone: its position is the one that it would have.
  package var customerIsAway: Bool
  package var facets: Facets
  /// Who serves its customer now, in other sessions: they may read it. Empty while it is open.
  package var readers: [AgentID] = []
  package var version = SessionVersion(rawValue: 0)
  package init(
    summary: SessionSummary, customer: Person, channel: String, skill: String, intent: String,
    priority: Int32, attributes: [Attribute], owner: String, epoch: Epoch, openedAt: UInt64,
    updatedAt: UInt64, closedAt: UInt64?, closeReason: String?, customerIsAway: Bool, facets: Facets = Facets()
  ) {
    self.summary = summary
    self.customer = customer
    self.channel = channel
    self.skill = skill
    self.intent = intent
    self.priority = priority
    self.attributes = attributes
    self.owner = owner
    self.epoch = epoch
    self.openedAt = openedAt
    self.updatedAt = updatedAt
    self.closedAt = closedAt
    self.closeReason = closeReason
    self.customerIsAway = customerIsAway
    self.facets = facets
  }
}

package struct MessagePage: Sendable {
  package var messages: [Transcribed]
  package var more: Bool
  /// See `TranscriptPage`.
  package var isCut: Bool
  package init(messages: [Transcribed], more: Bool, isCut: Bool = false) {
    self.messages = messages
    self.more = more
    self.isCut = isCut
  }
}

package struct AgentDetail: Sendable {
  package var id: AgentID
  package var name: String
  package var status: AgentStatus
  package var skills: [SkillWeight]
  package var capacity: UInt32
  package var chats: [SessionID]
  /// What it is asked for.
  package var offers: [SessionID]
  /// Chats that are over, and with which it still has to do.
  package var wrappingUp: [SessionID]
  /// Names of the nodes where the agent is connected, a name per connection.
  package var presences: [String]
  package init(
    id: AgentID, name: String, status: AgentStatus, skills: [SkillWeight], capacity: UInt32,
    chats: [SessionID], offers: [SessionID] = [], wrappingUp: [SessionID] = [], presences: [String]
  ) {
    self.id = id
    self.name = name
    self.status = status
    self.skills = skills
    self.capacity = capacity
    self.chats = chats
    (self.offers, self.wrappingUp) = (offers, wrappingUp)
    self.presences = presences
  }
}

/// Counters and gauges of the replica since its start.
package struct ReplicaFigures: Sendable {
  package var isLeader = false
  package var hasLeader = false
  package var term: UInt64 = 0
  package var commitIndex: UInt64 = 0
  package var appliedIndex: UInt64 = 0
  package var leaderChanges: UInt64 = 0
  package var proposals: UInt64 = 0
  package var entriesApplied: UInt64 = 0
  package var messagesAcknowledged: UInt64 = 0
  package var messagesDelivered: UInt64 = 0
  package var pendingRequests = 0
  /// Turns of the node's thread that took longer than 10 ms, and the longest of all.
  package var slowTurns: UInt64 = 0
  package var longestTurnSeconds = 0.0
  /// Messages of newer nodes, of a kind that this release does not know.
  package var unknownMessages: UInt64 = 0
  /// The process has more in memory than it should: nothing new is taken.
  package var memoryIsShort = false
  /// What this node sees of its cluster.
  package var health = ClusterStatus.Health.ok
  package var quorum = ClusterStatus.Quorum()
  package var problems: [ProblemCode: Int] = [:]
  /// Entries that the member that is furthest behind has not applied; members that cannot be reached are left out.
  package var greatestLag: UInt64 = 0
  package var diskFreeBytes: UInt64 = 0
  /// nil: the node keeps none.
  package var archive: ClusterStatus.Archive?
  /// 0: no bound.
  package var memoryLimitBytes: UInt64 = 0
  /// Received from a leader and not what they should be.
  package var snapshotsRefused: UInt64 = 0
  package var logBytes: UInt64 = 0
  /// Of this node.
  package var certificates: [CertificateReport] = []
  package var syncs: UInt64 = 0
  package var gossipSent: UInt64 = 0
  package var gossipReceived: UInt64 = 0
  /// Arrived and dropped: not sealed with a key of this cluster, too long, or too many.
  package var gossipDropped: UInt64 = 0
  /// Upper bounds in seconds, and how many observations were at or below each (cumulative), then sum and count.
  package var ackSeconds = Histogram()
  package var syncSeconds = Histogram()
  package var sessions = ClusterStatus.Sessions()
  package var agents = ClusterStatus.Agents()
  package init() {}
}
