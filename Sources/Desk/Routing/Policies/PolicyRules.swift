internal import Kernel

extension Policy {
  /// Whether its parts go together.
  /// - Throws: `Failure` that names the part.
  package func check() throws(Failure) {
    for (step, next) in zip(steps, steps.dropFirst()) where next.after <= step.after {
      throw Self.wrong("steps", "must ascend by `after_ms`: \(next.after) stands behind \(step.after)")
    }
    for step in steps {
      if let agents = step.agents, agents.isEmpty {
        throw Self.wrong("steps.agents", "must name somebody, or be left out")
      }
      if step.agents != nil, step.minLevel > 0, step.skill == nil {
        throw Self.wrong("steps.min_level", "needs a `skill` where `agents` are named")
      }
    }
    if !weights.isEmpty, algorithm != .weightedRoundRobin {
      throw Self.wrong("weights", "is of `weighted_round_robin` alone; `algorithm` is `\(algorithm.name)`")
    }
    if composite.queue == 0, composite.busy == 0, composite.delay == 0 {
      throw Self.wrong("composite", "must weigh something: `queue`, `busy` and `delay` are all 0")
    }
    if ring != RingRule(), accept != .ring {
      throw Self.wrong("ring", "needs `accept` to be `ring`; it is `\(accept.name)`")
    }
    let bytes = Policy.fields.encode(self).count
    guard bytes <= Self.mostBytes else {
      throw Failure(.tooLarge, "`policy` has \(bytes) bytes; \(Self.mostBytes) are allowed.")
    }
  }

  private static func wrong(_ part: String, _ words: String) -> Failure {
    Failure(.badFrame, "`policy.\(part)` \(words).")
  }

  /// How many of its steps have begun for a session that has waited so long, in ms.
  func stepsBegun(after waited: UInt64) -> Int { steps.prefix { UInt64($0.after) <= waited }.count }

  /// How often an agent is asked beside others; 0: never.
  func weight(of agent: AgentID) -> UInt32 {
    var (low, high) = (0, weights.count)
    while low < high {
      let middle = (low + high) / 2
      if weights[middle].agent < agent { low = middle + 1 } else { high = middle }
    }
    return low < weights.count && weights[low].agent == agent ? weights[low].weight : 1
  }

  /// Somebody is never asked.
  var excludes: Bool { algorithm == .weightedRoundRobin && weights.contains { $0.weight == 0 } }
}
