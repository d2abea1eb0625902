internal import Kernel

/// What holds of lines, worked out anew from sessions and agents. For tests and the simulator.
extension DeskState {
  /// Who waits where, and who is free.
  private struct RightLine {
    var waiting: [QueuePlace] = []
    var narrowed: [QueuePlace] = []
    var gated: [Gate: [QueuePlace]] = [:]
    var available: [AgentLoad] = []
    var online = 0
    var slots: UInt64 = 0
  }

  func checkLines() -> [String] {
    var problems: [String] = []
    let right = rightLines()
    let learned = lineTable.shards.reduce(0) { $0 + $1.values.count { $0.forecast.hasLearned } }
    if learningLines != learned { problems.append("counts \(learningLines) lines that learn, not \(learned)") }
    for skill in Set(right.keys).union(lineTable.sortedKeys).sorted() {
      let line = lineTable[skill] ?? WaitingLine()
      problems += check(line, right[skill] ?? RightLine()).map { "line '\(skill)': \($0)" }
      if line.isUnserved, level == .first {
        problems.append("line '\(skill)': a session waits although an agent is free")
      }
      if level < VirtualArrival.since, line.isUnserved != unservedLines.contains(skill) {
        problems.append("line '\(skill)': wrong word on whether it is served")
      }
      if lineTable.contains(skill), line.isIdle { problems.append("line '\(skill)': kept for nothing") }
    }
    return problems
  }

  private func rightLines() -> [TextKey: RightLine] {
    var right: [TextKey: RightLine] = [:]
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id], session.isInLine else { continue }
      let place = session.queuePlace(at: level)
      let asking = level >= VirtualArrival.since ? asking(for: session) : Asking(isPlain: true)
      if asking.isPlain {
        right[TextKey(session.skill), default: RightLine()].waiting.append(place)
      } else {
        right[TextKey(session.skill), default: RightLine()].narrowed.append(place)
      }
      for (line, gate) in asking.gates {
        right[TextKey(line), default: RightLine()].gated[gate, default: []].append(place)
      }
    }
    for agent in agents() where agent.status == .online {
      for line in [""] + agent.skills.filter({ $0.weight > 0 }).map(\.skill) {
        if agent.isAvailable {
          right[TextKey(line), default: RightLine()].available.append(agent.load(at: level))
        }
        guard level >= VirtualArrival.since else { continue }
        right[TextKey(line), default: RightLine()].online += 1
        right[TextKey(line), default: RightLine()].slots += UInt64(agent.capacity)
      }
    }
    return right
  }

  private func check(_ line: WaitingLine, _ right: RightLine) -> [String] {
    var problems: [String] = []
    if line.waiting.elements != right.waiting.sorted() { problems.append("wrong queue") }
    if line.narrowed.elements != right.narrowed.sorted() {
      problems.append("wrong queue of those for some agents")
    }
    if line.gated.map(\.gate) != right.gated.keys.sorted()
      || line.gated.contains(where: { $0.places.elements != (right.gated[$0.gate] ?? []).sorted() })
    {
      problems.append("wrong queues behind gates")
    }
    if line.available.elements != right.available.sorted() { problems.append("wrong list of free agents") }
    if line.online != right.online {
      problems.append("counts \(line.online) online, should be \(right.online)")
    }
    if line.slots != right.slots { problems.append("counts \(line.slots) slots, should be \(right.slots)") }
    if !line.forecast.isEmpty, line.pace.lastAssignment == nil {
      problems.append("has learned from nobody who was served")
    }
    if let turns = line.turns, turns.first(.max).sorted() != line.available.elements.map(\.agent).sorted() {
      problems.append("wrong turns of the free agents")
    }
    problems +=
      line.waiting.checkInvariants() + line.narrowed.checkInvariants() + line.available.checkInvariants()
    for gated in line.gated { problems += gated.places.checkInvariants() }
    return problems
  }

  /// Nobody waits while an agent is free who may serve them, but for what an entry had no room to give.
  func checkRouting() -> [String] {
    guard level >= VirtualArrival.since else {
      let isEmpty =
        unserved.isEmpty && stepDeadlines.isEmpty && policies.count == 0 && policies.lastVersion == 0
      return isEmpty ? [] : ["level \(level) knows no policies"]
    }
    var problems: [String] = []
    var due: [StepDeadline] = []
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id], session.isInLine else { continue }
      if let deadline = stepDeadline(of: session) { due.append(deadline) }
      if !policies.has(session.routingOrUsual.policy) { problems.append("\(id): waits under no policy") }
      let kept = policies.policy(channel: session.channel, intent: session.intent)
      if policies.cursor == nil, session.routingOrUsual.policy != kept.version {
        problems.append("\(id): waits under a policy of before")
      }
    }
    if stepDeadlines.elements != due.sorted() { problems.append("the list of steps that begin is wrong") }
    // While policies are followed, those who wait are not in their lines yet.
    for agent in agents()
    where policies.cursor == nil && agent.isAvailable && !unserved.contains(agent.load(at: level)) {
      if let first = firstWaiting(for: agent.id) {
        problems.append("\(first.session): waits although agent \(agent.id) is free")
      }
    }
    for load in unserved.elements
    where agentTable.read(load.agent, { $0.isAvailable ? $0.load(at: level) : nil }) != load {
      problems.append("agent \(load.agent): is not free, and is to serve somebody")
    }
    return problems + stepDeadlines.checkInvariants() + unserved.checkInvariants()
  }
}
