import Desk
import Kernel

/// The policies of desks, worked out a second time from the log.
struct PolicyWatch {
  private struct Place: Hashable {
    var desk: DeskNumber
    var channel: String
    var intent: String
  }

  private struct Asked: Hashable {
    var desk: DeskNumber
    var person: String
    var request: String
  }

  private var inForce: [Place: Policy] = [:]
  /// Agents were asked by some policy.
  private(set) var rings = false
  /// The same in all policies that are set here.
  let missesToAway: UInt32 = 2
  private var done: Set<Asked> = []

  mutating func apply(_ envelope: DeskEnvelope, _ answer: Answer?) {
    guard answer == .done else { return }
    let set = envelope.record.opened(as: SetPolicy.self)
    let delete = envelope.record.opened(as: DeletePolicy.self)
    guard set != nil || delete != nil else { return }
    let asked = Asked(desk: envelope.desk, person: envelope.by.id, request: envelope.record.requestID)
    guard done.insert(asked).inserted else { return }
    if set?.policy.accept == .ring { rings = true }
    if let set { inForce[Place(desk: envelope.desk, channel: set.channel, intent: set.intent)] = set.policy }
    if let delete {
      inForce[Place(desk: envelope.desk, channel: delete.channel, intent: delete.intent)] = nil
    }
  }

  /// What a step of priority is worth to a new session, in ms.
  func credit(of open: OpenSession) -> UInt32 {
    for place in [(open.channel, open.intent), (open.channel, "*"), ("*", open.intent), ("*", "*")] {
      if let policy = inForce[Place(desk: open.desk, channel: place.0, intent: place.1)] {
        return policy.priorityCredit
      }
    }
    return VirtualArrival.usualCredit
  }

  /// Time behind a chat, in ms.
  func wrapUp(behind chat: AgentWatch.Chat, in desk: DeskNumber) -> UInt64 {
    for place in [
      (chat.channel, chat.intent), (chat.channel, "*"), ("*", chat.intent), ("*", "*"),
    ] {
      if let policy = inForce[Place(desk: desk, channel: place.0, intent: place.1)] {
        return UInt64(policy.wrapUp)
      }
    }
    return 0
  }

  /// What is wrong with the policy that an assignment names; nil: nothing. One that waited may still go by an old one.
  func difference(from name: PolicyName, of desk: DeskNumber) -> String? {
    name.version == 0 && name.algorithm != .leastConnections ? "nobody has set \(name.algorithm.name)" : nil
  }
}

/// An admin of the main desk who changes its policies while all else goes on.
extension World {
  func makePlanner() {
    let person = Person(id: "planner", role: .admin, name: "Planner")
    add(
      .planner, person, of: nil, first: policyDice.below(nodes.count), connects: policyDice.below(20_000),
      acts: policyDice.below(plan.clientPause * 2))
  }

  /// - Returns: nil: not now.
  func plannerWish(_ client: Int) -> ClientWish? {
    guard !isCalm else { return nil }
    if let last = clients[client].lastArranged, policyDice.chance(permille: 200) {
      return .arrange(last.operation, id: last.id)
    }
    let channel = policyDice.chance(permille: 500) ? "web" : "*"
    let version: UInt64? = policyDice.chance(permille: 200) ? UInt64(policyDice.below(4)) : nil
    let operation: any DeskOperation =
      policyDice.chance(permille: 250)
      ? DeletePolicy(channel: channel, intent: "*", expecting: version)
      : SetPolicy(channel: channel, intent: "*", policy: drawnPolicy(), expecting: version)
    clients[client].performed += 1
    clients[client].lastArranged = (operation, "p\(clients[client].performed)")
    return clients[client].lastArranged.map { .arrange($0.operation, id: $0.id) }
  }

  /// Any rule that asks; its steps keep nobody away, so that who may serve whom is known without them.
  private func drawnPolicy() -> Policy {
    let rules: [Policy.Algorithm] = [
      .roundRobin, .weightedRoundRobin, .leastConnections, .skill, .weightedLoad, .composite,
    ]
    var policy = Policy(
      algorithm: rules[policyDice.below(rules.count)],
      priorityCredit: [0, 20, 100, 500, VirtualArrival.usualCredit][policyDice.below(5)])
    if policy.algorithm == .weightedRoundRobin {
      policy.weights = [AgentWeight(agent: AgentID("a0"), weight: UInt32(1 + policyDice.below(4)))]
    }
    if policyDice.chance(permille: 500) {
      policy.steps = [
        PolicyStep(after: UInt32(policyDice.below(2) * 30), minLevel: 500),
        PolicyStep(after: UInt32(50 + policyDice.below(200)), skill: "billing", minLevel: 900),
      ]
    }
    if plan.rings, ringDice.chance(permille: 300) { policy.wrapUp = UInt32(50 + ringDice.below(300)) }
    if plan.rings, ringDice.chance(permille: 800) {
      policy.accept = .ring
      policy.ring = RingRule(
        timeout: UInt32(100 + ringDice.below(300)), missesToAway: 2, attempts: UInt32(1 + ringDice.below(3)))
    }
    return policy
  }
}
