import Kernel
import Testing

@testable import Desk

@Suite("Any policies over any commands")
struct RandomPolicyTests {
  private let channels = ["web", "mail", "*"]

  private func policy(_ random: inout SplitMix) -> Policy {
    var seeded = SeededGenerator(seed: random.next())
    var policy = FieldType<Policy>.policy.sample(&seeded)
    // Agents, skills and times that there are.
    for place in policy.steps.indices {
      policy.steps[place].after = UInt32(place) * 1_000 + (place == 0 ? 0 : UInt32(random.next() % 900))
      if policy.steps[place].skill != nil {
        policy.steps[place].skill = ["tax", "law"][Int(random.next() % 2)]
      }
      if policy.steps[place].agents != nil {
        policy.steps[place].agents = [
          AgentID("agent\(random.next() % 3)"), AgentID("agent\(3 + random.next() % 3)"),
        ]
        if policy.steps[place].skill == nil { policy.steps[place].minLevel = 0 }
      } else if policy.steps[place].minLevel > 0 {
        policy.steps[place].minLevel = UInt32(1 + random.next() % 2)
      }
    }
    if !policy.steps.isEmpty, random.next() % 2 == 0 { policy.steps[0].after = 500 }
    policy.weights = policy.weights.enumerated().map { place, one in
      AgentWeight(agent: AgentID("agent\(place)"), weight: one.weight)
    }
    if policy.queue != nil { policy.queue = QueueLimit(maxLength: UInt32(1 + random.next() % 6)) }
    return policy
  }

  private func next(_ commands: inout RandomCommands, _ state: ReplicatedState) -> Command {
    let chance = commands.random.next() % 30
    let channel = channels[Int(commands.random.next() % 3)]
    let root = Person(id: "root", role: .admin, name: "")
    if chance < 2 {
      let set = SetPolicy(channel: channel, intent: "*", policy: policy(&commands.random))
      let record = DeskRecord(set, id: "s\(commands.random.next())")
      return .arrange(DeskEnvelope(record, by: root, in: .main, presence: nil))
    }
    if chance == 2 {
      let record = DeskRecord(
        DeletePolicy(channel: channel, intent: "*"), id: "d\(commands.random.next())")
      return .arrange(DeskEnvelope(record, by: root, in: .main, presence: nil))
    }
    if chance < 5 { return .timePasses(TimePasses(limit: 50)) }
    let command = commands.next(state)
    guard case .open(var open) = command else { return command }
    open.channel = ["web", "mail", "app"][Int(open.requestID.utf8.last ?? 0) % 3]
    return .open(open)
  }

  @Test(
    "invariants hold after every step, and one that goes through snapshots is the same to the byte",
    arguments: SplitMix.seeds, [false, true])
  func invariants(seed: UInt64, isRace: Bool) throws {
    var commands = RandomCommands(seed: seed, isRace: isRace)
    var chats = ChatBook()
    var (state, restored) = (ReplicatedState(), ReplicatedState())
    (state.mostPulled, restored.mostPulled) = (3, 3)
    var effects: [Effect] = []
    let raise = Submission(
      origin: Origin(server: Desk.one, request: 0), command: .raiseLevel(RaiseLevel(.newest)))
    state.apply([raise], index: 1, now: 1_000, into: &effects)
    restored.apply([raise], index: 1, now: 1_000, into: &effects)
    var (time, kinds): (UInt64, Set<Policy.Algorithm>) = (1_000, [])
    for step in 2...300 {
      let command = next(&commands, state)
      time += commands.random.next() % 400
      var (ours, theirs): ([Effect], [Effect]) = ([], [])
      let submission = Submission(origin: Origin(server: Desk.one, request: UInt64(step)), command: command)
      state.apply([submission], index: UInt64(step), now: time, into: &ours)
      restored.apply([submission], index: UInt64(step), now: time, into: &theirs)
      commands.learn(ours)
      let problems = state.checkInvariants() + chats.take(ours, state)
      #expect(problems.isEmpty, "seed \(seed), step \(step), \(command): \(problems)")
      #expect(ours == theirs, "seed \(seed), step \(step), after a snapshot: \(command)")
      for case .session(let id, .assigned(let agent)) in ours {
        let last = state.assignments(of: id).last
        if state.session(id)?.state == .active, state.session(id)?.agents == [agent] {
          #expect(last?.agent == agent.rawValue, "seed \(seed), step \(step)")
        }
        if let last, last.way == .chosen { kinds.insert(last.policy.algorithm) }
      }
      guard problems.isEmpty, ours == theirs else { return }
      if step % 20 == 0 {
        let bytes = state.encodedSnapshot()
        #expect(restored.encodedSnapshot() == bytes, "seed \(seed), step \(step)")
        restored = try ReplicatedState(snapshot: bytes)
        restored.mostPulled = 3
        #expect(restored.encodedSnapshot() == bytes, "seed \(seed), step \(step), restored")
        #expect(restored.checkInvariants().isEmpty, "seed \(seed), step \(step), restored")
      }
    }
    // The run is worth something only if it got somewhere.
    guard SplitMix.fixed.contains(seed) else { return }
    #expect(state.main.policies.lastVersion > 5 && !kinds.isEmpty, "seed \(seed): \(kinds)")
  }
}
