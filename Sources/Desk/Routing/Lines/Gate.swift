internal import Kernel

/// By which rule of which policy a session waits for some of a line's agents only.
struct Gate: Hashable, Comparable, Sendable {
  /// Of the policy.
  let version: UInt64
  /// The policy's step; `whole` for what holds in all of them.
  let step: UInt8

  static let whole: UInt8 = 255

  static func < (left: Gate, right: Gate) -> Bool {
    left.version != right.version ? left.version < right.version : left.step < right.step
  }
}

/// Where a session that waits may be taken from.
struct Asking: Sendable {
  /// Whoever serves the line of its skill may be asked.
  var isPlain: Bool
  /// Beside that: lines of which those agents may be asked who pass.
  var gates: [(line: String, gate: Gate)] = []
}

extension KeptPolicy {
  /// Who may be asked for a session; each step adds to those before it.
  /// - Parameters:
  ///   - step: how many of the steps have begun.
  ///   - skill: the session's own.
  func asking(step: Int, skill: String) -> Asking {
    guard policy.algorithm != .manual else { return Asking(isPlain: false) }
    let excludes = policy.excludes
    let begun = policy.steps.prefix(step)
    // Until the first step begins, whoever has the session's skill is asked.
    var isOpen = begun.isEmpty || begun[0].after > 0
    var asking = Asking(isPlain: false)
    for (place, one) in begun.enumerated() {
      let line = one.skill ?? (one.agents == nil ? skill : "")
      if !one.isNarrow, line.hasSameBytes(as: skill) {
        isOpen = true
      } else {
        asking.gates.append((line, Gate(version: version, step: UInt8(place))))
      }
    }
    if isOpen, excludes { asking.gates.append((skill, Gate(version: version, step: Gate.whole))) }
    asking.isPlain = isOpen && !excludes
    return asking
  }

  /// Whether an agent may be asked for the sessions that wait behind a gate of this policy.
  /// - Parameters:
  ///   - gate: one of this version.
  ///   - line: in which it stands; the agent serves it.
  func lets(_ agent: borrowing Agent, through gate: Gate, of line: String) -> Bool {
    if policy.excludes, policy.weight(of: agent.id) == 0 { return false }
    guard gate.step != Gate.whole else { return true }
    guard Int(gate.step) < policy.steps.count else { return false }
    let step = policy.steps[Int(gate.step)]
    if let named = step.agents, !named.contains(agent.id) { return false }
    // Without a skill there is nothing to have a level of.
    return step.minLevel == 0 || line.isEmpty || agent.level(of: line) ?? 0 >= step.minLevel
  }
}

extension Agent {
  /// In thousandths; nil: the agent does not have the skill.
  borrowing func level(of skill: String) -> UInt32? {
    let key = TextKey(skill)
    var (low, high) = (0, skills.count)
    while low < high {
      let middle = (low + high) / 2
      if TextKey(skills[middle].skill) < key { low = middle + 1 } else { high = middle }
    }
    return low < skills.count && skills[low].skill.hasSameBytes(as: skill) ? skills[low].weight : nil
  }
}
