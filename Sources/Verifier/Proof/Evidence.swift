/// Nanoseconds since the run began, on a clock that never goes back.
package typealias Moment = Int

/// One message of a session as a node, a read or a delivery showed it.
package struct Line: Hashable, Sendable {
  package var sequence: UInt64
  /// The id that its sender gave it.
  package var id: String
  /// The sender's `sub`.
  package var from: String
  package var body: String

  package init(sequence: UInt64, id: String, from: String, body: String) {
    self.sequence = sequence
    self.id = id
    self.from = from
    self.body = body
  }
}

/// All that was seen from outside during a run and after it: what the proof is made from, and nothing else.
package struct Evidence: Sendable {
  package var openings: [Opening] = []
  package var attempts: [Attempt] = []
  package var closings: [Closing] = []
  package var transfers: [Transfer] = []
  /// Everything that somebody was told of sessions being handed on.
  package var handovers: [Handover] = []
  package var reads: [SessionRead] = []
  /// What nodes said of sessions during the run, each asked of a quorum.
  package var sights: [SessionSight] = []
  package var agentSights: [AgentSight] = []
  /// In the order in which each listener got them.
  package var deliveries: [Delivery] = []
  /// When somebody was first told that an agent serves the session.
  package var assigned: [String: Moment] = [:]
  /// Listeners that were told to read the history anew: what they got may have a gap.
  package var brokenOff: Set<Listener> = []
  /// Listeners that were connected until all was quiet: they must have all of it.
  package var stayed: Set<Listener> = []
  /// What was wrong in the frames of a connection, one for each connection and session.
  package var misheard: [Violation] = []
  /// Operations that were not known to be done when they were repeated, or were taken for others.
  package var repeatedWrongly: [Violation] = []
  /// What somebody of another desk was told.
  package var crossed: [Violation] = []

  // After the run, when nothing moved any more.
  package var copies: [HistoryCopy] = []
  package var finalSights: [SessionSight] = []
  package var finalAgents: [AgentSight] = []

  package init() {}

  /// Who listens to what.
  package struct Listener: Hashable, Sendable {
    package var process: String
    package var session: String
    package init(process: String, session: String) {
      self.process = process
      self.session = session
    }
  }
}

/// A customer opened a session.
package struct Opening: Sendable {
  package var process: String
  package var id: String
  /// nil: no answer came.
  package var session: String?
  package var skill: String
  package var priority: Int
  /// `queued` or `active`, as the answer said.
  package var state: String
  package var called: Moment
  package var returned: Moment?

  package init(
    process: String, id: String, session: String?, skill: String, priority: Int, state: String, called: Moment,
    returned: Moment?
  ) {
    self.process = process
    self.id = id
    self.session = session
    self.skill = skill
    self.priority = priority
    self.state = state
    self.called = called
    self.returned = returned
  }
}

/// Somebody said something.
package struct Attempt: Sendable {
  package enum Outcome: Hashable, Sendable {
    case acknowledged(UInt64)
    /// With a code after which it can never be stored.
    case refused(String)
    /// With a code that holds as long as the session is somebody else's: an earlier try of the same request can
    /// still be stored when it has come back.
    case passedBy(String)
    /// Whether it was stored is not known.
    case unknown
  }
  /// The sender's `sub`.
  package var process: String
  package var session: String
  package var id: String
  package var body: String
  package var outcome: Outcome
  package var called: Moment
  package var returned: Moment?

  package init(
    process: String, session: String, id: String, body: String, outcome: Outcome, called: Moment,
    returned: Moment?
  ) {
    self.process = process
    self.session = session
    self.id = id
    self.body = body
    self.outcome = outcome
    self.called = called
    self.returned = returned
  }

  /// Without an acknowledgement.
  package var mayBeStored: Bool {
    switch outcome {
    case .acknowledged, .refused: false
    case .passedBy, .unknown: true
    }
  }

  package var sequence: UInt64? {
    if case .acknowledged(let sequence) = outcome { return sequence }
    return nil
  }
}

/// An agent handed a session on, or tried to.
package struct Transfer: Sendable {
  package enum Target: Hashable, Sendable {
    case agent(String)
    case skill(String)
  }
  package var process: String
  package var session: String
  package var target: Target
  /// The code of a refusal.
  package var refusal: String?
  package var called: Moment
  /// nil: no answer came.
  package var returned: Moment?
  package init(
    process: String, session: String, target: Target, refusal: String? = nil, called: Moment, returned: Moment?
  ) {
    self.process = process
    self.session = session
    self.target = target
    self.refusal = refusal
    self.called = called
    self.returned = returned
  }
}

/// Somebody was told that a session was handed on.
package struct Handover: Sendable {
  package var listener: Evidence.Listener
  /// nil: it was waiting.
  package var from: String?
  package init(listener: Evidence.Listener, from: String?) {
    self.listener = listener
    self.from = from
  }
}

/// A session was closed, and the answer came.
package struct Closing: Sendable {
  package var process: String
  package var session: String
  package var called: Moment
  package var returned: Moment?
  package init(process: String, session: String, called: Moment, returned: Moment?) {
    self.process = process
    self.session = session
    self.called = called
    self.returned = returned
  }
}

/// A linearizable read of a whole session.
package struct SessionRead: Sendable {
  package var process: String
  package var node: String
  package var session: String
  package var lines: [Line]
  package var called: Moment
  package var returned: Moment
  package init(
    process: String, node: String, session: String, lines: [Line], called: Moment, returned: Moment
  ) {
    self.process = process
    self.node = node
    self.session = session
    self.lines = lines
    self.called = called
    self.returned = returned
  }
}

/// What a node said of a session.
package struct SessionSight: Sendable {
  package var node: String
  package var session: String
  package var owner: String
  /// nil: the server does not tell.
  package var epoch: UInt64?
  package var state: String
  package var skill: String
  package var agents: [String]
  package var position: Int?
  /// While its customer is gone it has the place that it would have, which may be another one's.
  package var isPassedOver: Bool
  package var sequence: UInt64
  package var called: Moment
  package var returned: Moment
  package init(
    node: String, session: String, owner: String, epoch: UInt64?, state: String, skill: String,
    agents: [String], position: Int?, isPassedOver: Bool = false, sequence: UInt64, called: Moment,
    returned: Moment
  ) {
    self.node = node
    self.session = session
    self.owner = owner
    self.epoch = epoch
    self.state = state
    self.skill = skill
    self.agents = agents
    self.position = position
    self.isPassedOver = isPassedOver
    self.sequence = sequence
    self.called = called
    self.returned = returned
  }
}

/// All agents as one node had them at one moment.
package struct AgentSight: Sendable {
  package struct Agent: Hashable, Sendable {
    package var id: String
    package var capacity: Int
    package var chats: [String]
    package init(id: String, capacity: Int, chats: [String]) {
      self.id = id
      self.capacity = capacity
      self.chats = chats
    }
  }
  package var node: String
  package var at: Moment
  package var agents: [Agent]
  package init(node: String, at: Moment, agents: [Agent]) {
    self.node = node
    self.at = at
    self.agents = agents
  }
}

/// A message that came to somebody who listens.
package struct Delivery: Sendable {
  package var process: String
  package var session: String
  package var line: Line
  package var arrived: Moment
  package init(process: String, session: String, line: Line, arrived: Moment) {
    self.process = process
    self.session = session
    self.line = line
    self.arrived = arrived
  }
}

/// A session's whole history as one node gave it after the run.
package struct HistoryCopy: Sendable {
  package var node: String
  /// Whether the node was asked for what it has itself, without asking a quorum.
  package var isLocal: Bool
  package var session: String
  /// nil: the node did not have the session, or did not answer.
  package var lines: [Line]?
  package init(node: String, isLocal: Bool, session: String, lines: [Line]?) {
    self.node = node
    self.isLocal = isLocal
    self.session = session
    self.lines = lines
  }
}
