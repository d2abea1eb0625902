internal import Kernel

/// The rules by which one of those who could be asked is chosen. All of it in whole numbers; what is equal goes to whoever was given
/// nothing for the longest, then by id.
extension DeskState {
  /// - Parameter skill: the session's.
  /// - Returns: in the order of the rule, the one who is asked first.
  mutating func ranked(_ loads: [AgentLoad], in skill: String, under kept: KeptPolicy) -> [Candidate] {
    guard !loads.isEmpty else { return [] }
    var candidates = loads.map { load in
      Candidate(load: load, level: skillLevel(of: load.agent, skill))
    }
    switch kept.policy.algorithm {
    case .manual: return []
    case .leastConnections: rankByShare(&candidates)
    case .skill:
      if skill.isEmpty { rankByShare(&candidates) } else { rankByLevel(&candidates) }
    case .roundRobin: rankByTurn(&candidates, in: skill)
    case .weightedRoundRobin: rankSmoothly(&candidates, in: skill, under: kept)
    case .weightedLoad:
      let usual = kept.policy.defaultSkillWeight
      for place in candidates.indices {
        // Whoever is named by a step may have a level of 0, and is asked last.
        let level = max(1, Int64(candidates[place].level ?? usual))
        let chats = Int64(clamping: candidates[place].load.chats)
        candidates[place].score = Score(value: chats, divisor: level)
        candidates[place].shown = level / chats
      }
    case .composite: rankByComposite(&candidates, kept.policy.composite)
    }
    candidates.sort { Candidate.isBefore($0, $1) }
    return candidates
  }

  private func skillLevel(of agent: AgentID, _ skill: String) -> UInt32? {
    skill.isEmpty ? nil : agentTable.read(agent) { $0.level(of: skill) } ?? nil
  }

  private func rankByShare(_ candidates: inout [Candidate]) {
    for place in candidates.indices {
      candidates[place].comparesLoad = true
      candidates[place].shown = Int64(clamping: candidates[place].load.share)
    }
  }

  /// The highest level first, then the least loaded.
  private func rankByLevel(_ candidates: inout [Candidate]) {
    for place in candidates.indices {
      let level = Int64(candidates[place].level ?? 0)
      candidates[place].score = Score(value: -level)
      candidates[place].comparesLoad = true
      candidates[place].shown = level
    }
  }

  private mutating func rankByTurn(_ candidates: inout [Candidate], in skill: String) {
    beginTurns(in: skill)
    let key = TextKey(skill)
    for place in candidates.indices {
      let agent = candidates[place].load.agent
      let time = lineTable.read(key) { $0.turns?.time(of: agent) ?? 0 } ?? 0
      candidates[place].score = Score(value: Int64(clamping: time))
      // By id then: whoever was never given one of this line has been given some of others.
      candidates[place].idleSince = nil
    }
  }

  /// From now on the line remembers whose turn it is.
  mutating func beginTurns(in skill: String) {
    changeLine(skill) { line in
      if line.turns == nil { line.turns = RoundRobin(of: line.available) }
    }
  }

  private mutating func rankSmoothly(
    _ candidates: inout [Candidate], in skill: String, under kept: KeptPolicy
  ) {
    let shares = candidates.map { (agent: $0.load.agent, weight: kept.policy.weight(of: $0.load.agent)) }
    let values = gainSmoothly(shares, in: skill, under: kept)
    for place in candidates.indices {
      candidates[place].score = Score(value: -values[place])
      candidates[place].shown = values[place]
    }
    candidates.removeAll { kept.policy.weight(of: $0.load.agent) == 0 }
  }

  /// - Returns: what they have now, in their order.
  private mutating func gainSmoothly(
    _ shares: [(agent: AgentID, weight: UInt32)], in skill: String, under kept: KeptPolicy
  ) -> [Int64] {
    var values: [Int64] = []
    let policies = policies
    changeLine(skill) { line in
      line.smooth.removeAll { !policies.has($0.version) }
      let place = line.smooth.firstIndex { $0.version == kept.version } ?? line.smooth.endIndex
      if place == line.smooth.endIndex { line.smooth.append(SmoothRobin(version: kept.version)) }
      line.smooth[place].gain(shares)
      values = shares.map { line.smooth[place].value(of: $0.agent) }
    }
    return values
  }

  /// Whoever was chosen pays for all who could have been.
  mutating func took(_ agent: AgentID, of candidates: [Candidate], in skill: String, under kept: KeptPolicy) {
    guard kept.policy.algorithm == .weightedRoundRobin else { return }
    let sum = candidates.reduce(into: Int64(0)) { $0 += Int64(kept.policy.weight(of: $1.load.agent)) }
    changeLine(skill) { line in
      guard let place = line.smooth.firstIndex(where: { $0.version == kept.version }) else { return }
      line.smooth[place].took(agent, of: sum)
    }
  }

  /// The smallest sum of the load after the assignment, the occupancy, and the time for first words, each in thousandths and with its
  /// share. Who was never measured counts as the mean of the others.
  private func rankByComposite(_ candidates: inout [Candidate], _ shares: CompositeShares) {
    let now = now
    let works = candidates.map { candidate -> (delay: UInt64?, busy: UInt32) in
      agentTable.read(candidate.load.agent) { agent in
        let busy = agent.work.occupancy.share(
          in: shares.busyWindow, at: now, isSignedIn: agent.status != .offline, isBusy: agent.chatCount > 0)
        let delay = agent.work.replyMilliseconds.map {
          min(UInt64(shares.delayLimit), $0 * 1_000 / UInt64(shares.delayTarget))
        }
        return (delay, busy)
      } ?? (nil, 0)
    }
    let known = works.compactMap(\.delay)
    let mean = known.isEmpty ? 0 : known.reduce(0, +) / UInt64(known.count)
    for place in candidates.indices {
      let sum =
        UInt64(shares.queue) * min(candidates[place].load.share, 1_000_000)
        + UInt64(shares.busy) * UInt64(works[place].busy) + UInt64(shares.delay) * (works[place].delay ?? mean)
      candidates[place].score = Score(value: Int64(clamping: sum))
      candidates[place].shown = Int64(clamping: sum / 1_000)
    }
  }
}
