internal import Kernel

/// Who could be asked for a session.
extension DeskState {
  /// Whoever may be asked for a session that is in no line, has room, and has nobody else to serve first.
  /// - Parameter last: agents who are asked only when nobody else is free.
  func candidates(
    for session: Session, under kept: KeptPolicy, _ asking: Asking, ratherThan last: [AgentID]
  ) -> Candidates {
    var found = Candidates()
    if asking.isPlain { look(in: session.skill, behind: nil, of: kept, &found) }
    for (line, gate) in asking.gates { look(in: line, behind: gate, of: kept, &found) }
    found.settle()
    if !last.isEmpty { found.takeOut(.giver, { last.contains($0.agent) }, evenAll: false) }
    if !unserved.isEmpty {
      let place = session.queuePlace(at: level)
      found.takeOut(.behind, { isBehindOthers(place, for: $0) }, evenAll: true)
    }
    return found
  }

  /// The free agents of a line who pass the gate, up to as many as are compared. Whoever passes is found, however many stand before
  /// that do not.
  private func look(in line: String, behind gate: Gate?, of kept: KeptPolicy, _ found: inout Candidates) {
    if let gate, gate.step != Gate.whole, let named = kept.policy.steps[Int(gate.step)].agents {
      for agent in named {
        let load = agentTable.read(agent) { agent -> AgentLoad? in
          agent.isAvailable && agent.serves(line) && kept.lets(agent, through: gate, of: line)
            ? agent.load(at: level) : nil
        }
        if let load = load ?? nil { found.add(load) }
      }
      return
    }
    guard let chunks = lineTable.read(TextKey(line), { $0.available.chunks }) else { return }
    var (looked, passed) = (0, 0)
    for chunk in chunks {
      for load in chunk {
        looked += 1
        if passed > 0, looked > Candidates.most + unserved.count {
          found.isCut = true
          return
        }
        if let gate {
          let passes = agentTable.read(load.agent) { kept.lets($0, through: gate, of: line) }
          guard passes == true else {
            found.exclude(.narrowed)
            continue
          }
        }
        // Whoever has others to serve may be taken out again: see `candidates`.
        if unserved.isEmpty || !unserved.contains(load) { passed += 1 }
        found.add(load)
      }
    }
  }

  /// Whether the agent has to serve somebody else first, whom an entry had no room to give to it.
  func isBehindOthers(_ place: QueuePlace, for load: AgentLoad) -> Bool {
    guard unserved.contains(load), let first = firstWaiting(for: load.agent) else { return false }
    return first < place
  }
}

extension Agent {
  /// Whether the agent is asked for what waits in that line.
  borrowing func serves(_ line: String) -> Bool {
    line.isEmpty || (level(of: line).map { $0 > 0 } ?? false)
  }
}
