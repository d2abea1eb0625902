internal import Kernel

/// Why an agent was given a session: what the rule had to choose from, and what it went by. Kept with the session.
package struct AssignmentRecord: Hashable, Sendable {
  /// Of those who could have been asked, the best ones.
  static let mostShown = 5

  /// How it came about.
  package enum Way: UInt8, Sendable, CaseIterable {
    /// The rule has chosen among those who could be asked.
    case chosen = 1
    /// The agent had room, and the session was the first that it may serve.
    case next = 2
    /// Somebody has given it to this agent.
    case handed = 3

    package var name: String {
      switch self {
      case .chosen: "chosen"
      case .next: "next"
      case .handed: "handed"
      }
    }
  }

  /// What has decided between two who were equal.
  package enum Tie: UInt8, Sendable, CaseIterable {
    case none = 0
    case load = 1
    case idle = 2
    case id = 3

    package var name: String {
      switch self {
      case .none: "none"
      case .load: "load"
      case .idle: "idle"
      case .id: "id"
      }
    }
  }

  package var time: UInt64
  package var agent: String
  package var way: Way
  package var policy: PolicyName
  package var step: UInt32
  package var candidates: UInt32
  package var isCut: Bool
  package var best: [CandidateRecord]
  package var tie: Tie
  package var excluded: [ExcludedAgents]

  package static let fields = Fields(
    Self.init(time:agent:way:policy:step:candidates:isCut:best:tie:excluded:),
    Field(1, "time", { $0.time }, .time, "When, in ms since 1970."),
    Field(2, "agent", { $0.agent }, .text(128), "Who was given the session."),
    Field(
      3, "way", { $0.way }, .named(Way.allCases, { $0.name }, number: { $0.rawValue }),
      "`chosen` by the rule; `next`: the agent had room, and this was the first that it may serve; `handed` by somebody."
    ),
    Field(4, "policy", { $0.policy }, .record(PolicyName.fields), "By which policy."),
    Field(5, "step", { $0.step }, .amount(upTo: .max).or(0), "How many of its steps had begun."),
    Field(6, "candidates", { $0.candidates }, .amount(upTo: .max), "How many could be asked."),
    Field(7, "cut", { $0.isCut }, .flag.or(false), "There were more than were compared."),
    Field(
      8, "best", { $0.best }, .list(of: .record(CandidateRecord.fields), upTo: mostShown),
      "The first of them, in the order of the rule."),
    Field(
      9, "tie", { $0.tie }, .named(Tie.allCases, { $0.name }, number: { $0.rawValue }).or(.none),
      "What has decided between the first two where the rule did not."),
    Field(
      10, "excluded", { $0.excluded }, .list(of: .record(ExcludedAgents.fields), upTo: 16).or([]),
      "How many of the desk could not be asked, and why."))
}

/// Which policy, and which of its versions.
package struct PolicyName: Hashable, Sendable {
  package var channel: String
  package var intent: String
  /// 0: the built-in one.
  package var version: UInt64
  package var algorithm: Policy.Algorithm

  init(channel: String, intent: String, version: UInt64, algorithm: Policy.Algorithm) {
    (self.channel, self.intent, self.version, self.algorithm) = (channel, intent, version, algorithm)
  }

  init(_ kept: KeptPolicy) {
    self.init(
      channel: kept.key.channel.text, intent: kept.key.intent.text, version: kept.version,
      algorithm: kept.policy.algorithm)
  }

  package static let fields = Fields(
    Self.init(channel:intent:version:algorithm:),
    Field(1, "channel", { $0.channel }, .text(64), "Of which channel; `*`: of any."),
    Field(2, "intent", { $0.intent }, .text(64), "Of which intent; `*`: of any."),
    Field(3, "version", { $0.version }, .number, "Which version; 0: the built-in one."),
    Field(4, "algorithm", { $0.algorithm }, .algorithm, "Its rule."))
}

/// One who could be asked, and what the rule has looked at.
package struct CandidateRecord: Hashable, Sendable {
  package var agent: String
  package var chats: UInt32
  package var capacity: UInt32
  package var givenAt: UInt64
  package var level: UInt32?
  package var score: Int32

  package static let fields = Fields(
    Self.init(agent:chats:capacity:givenAt:level:score:),
    Field(1, "agent", { $0.agent }, .text(128), "Who."),
    Field(2, "chats", { $0.chats }, .amount(upTo: .max), "Chats at that time."),
    Field(3, "capacity", { $0.capacity }, .amount(upTo: .max), "And how many at the most."),
    Field(4, "given_at", { $0.givenAt }, .number, "When last given one, in ms since 1970; 0: never."),
    Field(5, "level", { $0.level }, .optional(.amount(upTo: .max)), "Of the session's skill, in thousandths."),
    Field(
      6, "score", { $0.score }, .priority,
      "What the rule has compared, in thousandths: of the load, the level, or what it weighs; of `round_robin` none."
    ))
}

/// How many could not be asked for one reason.
package struct ExcludedAgents: Hashable, Sendable {
  package enum Reason: UInt8, Sendable, CaseIterable {
    case offline = 1
    case away = 2
    case busy = 3
    /// The agent serves no line in which the session is.
    case skill = 4
    case full = 5
    /// Not named by the step, below its level, or of weight 0.
    case narrowed = 6
    /// Whoever has given it away.
    case giver = 7
    /// Has to serve somebody first who has waited for longer.
    case behind = 8
    /// Nobody is asked: agents take such a session themselves.
    case manual = 9

    package var name: String {
      switch self {
      case .offline: "offline"
      case .away: "away"
      case .busy: "busy"
      case .skill: "skill"
      case .full: "full"
      case .narrowed: "narrowed"
      case .giver: "giver"
      case .behind: "behind"
      case .manual: "manual"
      }
    }
  }

  package var reason: Reason
  package var agents: UInt32

  package static let fields = Fields(
    Self.init(reason:agents:),
    Field(
      1, "reason", { $0.reason }, .named(Reason.allCases, { $0.name }, number: { $0.rawValue }), "Why not."),
    Field(2, "agents", { $0.agents }, .amount(upTo: .max), "How many."))
}
