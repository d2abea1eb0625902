internal import Kernel

/// By which rule the conversations of a channel and an intent are given to agents. A document that an admin of the desk sets as
/// a whole; parsed once, when it is set. All of it is in whole numbers, so that it decides the same on every machine.
package struct Policy: Hashable, Sendable {
  /// The first level whose nodes know policies.
  static let since = Level.ninth
  /// Bytes of one in the state.
  static let mostBytes = 64 << 10
  static let mostWeights = 2_000
  static let mostSteps = 8
  static let mostNamed = 100
  /// The highest of weights and of shares.
  static let highest: UInt32 = 1_000
  /// In thousandths: what `status` allows.
  static let highestLevel: UInt32 = 1_000_000
  /// A week: no step begins later.
  static let longest: UInt32 = 604_800_000

  package var algorithm: Algorithm
  /// Of `weightedRoundRobin`, each agent once, by id. Who is not named has 1; 0: never.
  package var weights: [AgentWeight]
  /// The level of an agent who does not have the session's skill, in thousandths.
  package var defaultSkillWeight: UInt32
  package var composite: CompositeShares
  /// What one step of priority is worth, in ms: see `VirtualArrival`.
  package var priorityCredit: UInt32
  /// Who may be asked, by the time that a session has waited. Empty: whoever has its skill.
  package var steps: [PolicyStep]
  package var queue: QueueLimit?
  /// From level 10 on.
  package var accept: Accept
  package var ring: RingRule
  /// Time behind a chat, in ms; 0: none. From level 10 on.
  package var wrapUp: UInt32

  package init(
    algorithm: Algorithm, weights: [AgentWeight] = [], defaultSkillWeight: UInt32 = 500,
    composite: CompositeShares = CompositeShares(), priorityCredit: UInt32 = VirtualArrival.usualCredit,
    steps: [PolicyStep] = [], queue: QueueLimit? = nil, accept: Accept = .auto, ring: RingRule = RingRule(),
    wrapUp: UInt32 = 0
  ) {
    (self.algorithm, self.weights, self.defaultSkillWeight) = (algorithm, weights, defaultSkillWeight)
    (self.composite, self.priorityCredit) = (composite, priorityCredit)
    (self.steps, self.queue, self.accept, self.ring) = (steps, queue, accept, ring)
    self.wrapUp = wrapUp
  }

  /// That of sessions for which nobody has set one.
  package static let builtIn = Policy(algorithm: .leastConnections)

  package enum Algorithm: UInt8, Sendable, CaseIterable {
    case roundRobin = 1
    case weightedRoundRobin = 2
    case leastConnections = 3
    case skill = 4
    case weightedLoad = 5
    case composite = 6
    case manual = 7

    package var name: String {
      switch self {
      case .roundRobin: "round_robin"
      case .weightedRoundRobin: "weighted_round_robin"
      case .leastConnections: "least_connections"
      case .skill: "skill"
      case .weightedLoad: "weighted_load"
      case .composite: "composite"
      case .manual: "manual"
      }
    }
  }

  package static let fields = Fields(
    Self.init(algorithm:weights:defaultSkillWeight:composite:priorityCredit:steps:queue:accept:ring:wrapUp:),
    Field(1, "algorithm", { $0.algorithm }, .algorithm, "The rule."),
    Field(
      2, "weights", { $0.weights }, .weights.or([]),
      "Of `weighted_round_robin`: by agent; who is not named has 1, and 0 is never asked."),
    Field(
      3, "default_skill_weight", { $0.defaultSkillWeight }, .amount(1...highestLevel).or(500, isSaid: true),
      "Of `weighted_load`: the level of who does not have the session's skill, in thousandths."),
    Field(
      4, "composite", { $0.composite }, .strict(CompositeShares.fields, "composite").or(CompositeShares()),
      "Of `composite`: what it weighs."),
    Field(
      5, "priority_credit_ms", { $0.priorityCredit },
      .amount(0...1_000_000_000).or(VirtualArrival.usualCredit, isSaid: true),
      "How much earlier a session seems to have come for each step of its priority."),
    Field(
      6, "steps", { $0.steps }, .list(of: .strict(PolicyStep.fields, "steps"), upTo: mostSteps).or([]),
      "Who may be asked, widening with the wait; without: whoever has the session's skill."),
    Field(
      7, "queue", { $0.queue }, .optional(.strict(QueueLimit.fields, "queue")),
      "How many may wait."),
    Field(
      8, "accept", { $0.accept }, .accept.or(.auto, isSaid: true),
      "`auto`: an agent has what it is given; `ring`: it is asked first. From format level 10 on.",
      since: Offer.since),
    Field(
      9, "ring", { $0.ring }, .strict(RingRule.fields, "ring").or(RingRule()),
      "Of `ring`: for how long an agent is asked, and what becomes of it.", since: Offer.since),
    Field(
      10, "wrap_up_ms", { $0.wrapUp }, .amount(0...WrapUp.most).or(0, isSaid: true),
      "Time that an agent has behind a chat: it takes the room of the chat. From format level 10 on.",
      since: WrapUp.since))
}

/// How often an agent is asked beside others.
package struct AgentWeight: Hashable, Sendable {
  package var agent: AgentID
  package var weight: UInt32
  package init(agent: AgentID, weight: UInt32) { (self.agent, self.weight) = (agent, weight) }
}

/// What `composite` weighs, in thousandths.
package struct CompositeShares: Hashable, Sendable {
  /// The load after the assignment, as a share of the capacity.
  package var queue: UInt32 = 400
  /// How much of the time that it was signed in an agent had chats.
  package var busy: UInt32 = 300
  /// The time that an agent takes for its first words, as a share of the target.
  package var delay: UInt32 = 300
  /// Over which `busy` is reckoned, in ms: whole parts of `Occupancy.partMilliseconds`.
  package var busyWindow: UInt32 = 1_800_000
  package var delayTarget: UInt32 = 60_000
  /// `delay` counts no more than this, in thousandths.
  package var delayLimit: UInt32 = 4_000

  package init() {}

  init(
    queue: UInt32, busy: UInt32, delay: UInt32, busyWindow: UInt32, delayTarget: UInt32, delayLimit: UInt32
  ) {
    (self.queue, self.busy, self.delay) = (queue, busy, delay)
    (self.busyWindow, self.delayTarget, self.delayLimit) = (busyWindow, delayTarget, delayLimit)
  }

  package static let fields = Fields(
    Self.init(queue:busy:delay:busyWindow:delayTarget:delayLimit:),
    Field(1, "queue", { $0.queue }, .amount(upTo: 1_000).or(400, isSaid: true), "Of the load, in thousandths."),
    Field(2, "busy", { $0.busy }, .amount(upTo: 1_000).or(300, isSaid: true), "Of the occupancy."),
    Field(3, "delay", { $0.delay }, .amount(upTo: 1_000).or(300, isSaid: true), "Of the own first replies."),
    Field(
      4, "busy_window_ms", { $0.busyWindow },
      .amount(Occupancy.partMilliseconds...Occupancy.windowMilliseconds).or(1_800_000, isSaid: true),
      "Over which the occupancy is reckoned; counted in whole parts of five minutes."),
    Field(
      5, "delay_target_ms", { $0.delayTarget }, .amount(1_000...86_400_000).or(60_000, isSaid: true),
      "The time for first words that counts as 1."),
    Field(
      6, "delay_limit", { $0.delayLimit }, .amount(0...100_000).or(4_000, isSaid: true),
      "The most that it counts, in thousandths."))
}

/// From a time of waiting on, more agents may be asked.
package struct PolicyStep: Hashable, Sendable {
  /// Since the session waits, not since the step before; in ms.
  package var after: UInt32
  /// nil: the session's own.
  package var skill: String?
  /// Of the skill, in thousandths.
  package var minLevel: UInt32
  /// These alone; nil: whoever has the skill. Where no skill is said they need not have it.
  package var agents: [AgentID]?

  package init(after: UInt32, skill: String? = nil, minLevel: UInt32 = 0, agents: [AgentID]? = nil) {
    (self.after, self.skill, self.minLevel, self.agents) = (after, skill, minLevel, agents)
  }

  /// Not all agents of its line may be asked.
  var isNarrow: Bool { minLevel > 0 || agents != nil }

  package static let fields = Fields(
    Self.init(after:skill:minLevel:agents:),
    Field(
      1, "after_ms", { $0.after }, .amount(0...Policy.longest),
      "Since the session waits, not since the step before."),
    Field(2, "skill", { $0.skill }, .optional(.name(64)), "Another skill than the session's own."),
    Field(
      3, "min_level", { $0.minLevel }, .amount(upTo: Policy.highestLevel).or(0),
      "The lowest level of the skill, in thousandths."),
    Field(
      4, "agents", { $0.agents }, .optional(.agentNames),
      "These alone; without `skill` whatever they know."))
}

/// How many may wait in a line.
package struct QueueLimit: Hashable, Sendable {
  package var maxLength: UInt32
  package var onFull: OnFull

  package init(maxLength: UInt32, onFull: OnFull = .refuse) {
    (self.maxLength, self.onFull) = (maxLength, onFull)
  }

  package enum OnFull: UInt8, Sendable, CaseIterable {
    case refuse = 1
    package var name: String {
      switch self {
      case .refuse: "refuse"
      }
    }
  }

  package static let fields = Fields(
    Self.init(maxLength:onFull:),
    Field(
      1, "max_length", { $0.maxLength }, .amount(1...1_000_000),
      "No more than this wait in the line of a session's skill."),
    Field(
      2, "on_full", { $0.onFull }, .onFull.or(.refuse, isSaid: true),
      "What becomes of one that would: `refuse`, it is not opened."))
}
