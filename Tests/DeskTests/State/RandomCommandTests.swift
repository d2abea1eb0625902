import Kernel
import Testing

@testable import Desk

@Suite("Any sequence of commands")
struct RandomCommandTests {
  @Test(
    "invariants hold after every step, answers never change, assignment is as a plain search would have it",
    arguments: SplitMix.seeds, [false, true])
  func invariants(seed: UInt64, isRace: Bool) {
    var commands = RandomCommands(seed: seed, isRace: isRace)
    var chats = ChatBook()
    var state = ReplicatedState()
    state.level = [Level.first, .second, .seventh, .newest][Int(seed % 4)]
    var acknowledged: [SessionID: [String: (Sequence, UInt64)]] = [:]
    var time: UInt64 = 1_000
    for step in 1...400 {
      let before = state
      let command = commands.next(state)
      time = commands.random.next() % 9 == 0 ? time - min(time, 500) : time + commands.random.next() % 400
      var effects: [Effect] = []
      let submission = Submission(origin: Origin(server: Desk.one, request: UInt64(step)), command: command)
      state.apply([submission], index: UInt64(step), now: time, into: &effects)
      commands.learn(effects)

      let problems =
        state.checkInvariants() + chats.take(effects, state)
        + check(command, effects, before, state, &acknowledged)
      #expect(problems.isEmpty, "seed \(seed), step \(step), \(command): \(problems)")
      guard problems.isEmpty else { return }
    }
    // The runs are worth something only if they get somewhere; the one that is drawn anew each time may not.
    guard SplitMix.fixed.contains(seed) else { return }
    #expect(acknowledged.values.reduce(0) { $0 + $1.count } > (isRace ? 0 : 30), "seed \(seed)")
    #expect(!isRace || chats.released > 5, "seed \(seed)")
    #expect(chats.transferred > 0, "seed \(seed)")
    #expect(state.sessionCounts.closed > 5 && state.sessionCounts.active > 0, "seed \(seed)")
  }

  private func check(
    _ command: Command, _ effects: [Effect], _ before: ReplicatedState, _ after: ReplicatedState,
    _ acknowledged: inout [SessionID: [String: (Sequence, UInt64)]]
  ) -> [String] {
    var problems: [String] = []
    guard case .answer(_, let answer)? = effects.last else { return ["no answer at the end"] }
    if after.now < before.now { problems.append("time went back") }
    if case .send(let send) = command, case .stored(let session, let sequence, let time, let isNew) = answer {
      let key = "\(send.id) of \(send.sender.role) \(send.sender.id)"
      let known = acknowledged[session]?[key]
      if isNew != (known == nil) { problems.append("new, and not new") }
      if let known, known != (sequence, time) { problems.append("a retry got another answer") }
      acknowledged[session, default: [:]][key] = (sequence, time)
      if after.message(session, at: sequence)?.body != send.body { problems.append("another body") }
    }
    // What is above its capacity has not grown.
    for agent in after.agents() where agent.chatCount > Int(agent.capacity) {
      if agent.chatCount > before.agent(agent.id)?.chatCount ?? 0 {
        problems.append("\(agent.id) has too many")
      }
    }
    var assigned: [(session: SessionID, agent: AgentID)] = []
    for case .session(let session, .assigned(let agent)) in effects { assigned.append((session, agent)) }
    if case .open(let open) = command, case .opened(let id, isNew: true) = answer {
      let best = before.agents().filter { $0.isAvailable && serves($0, open.skill) }
        .min { $0.load(at: before.level) < $1.load(at: before.level) }
      if assigned.map(\.agent) != (best.map { [$0.id] } ?? []) { problems.append("not the least loaded") }
      if let position = after.position(of: id) {
        let ahead = after.main.queue(of: open.skill).firstIndex(of: id).map { $0 + 1 }
        if position.position != ahead || !effects.contains(.session(id, .queued(position: position.position))) {
          problems.append("wrong position")
        }
      }
    } else if case .timePasses(let time) = command {
      problems += checkPassing(time, effects, before, after)
    } else if case .perform(let envelope) = command, let transfer = TransferSession(envelope) {
      // What a supervisor does is written down as well.
      let moves = effects.dropLast().filter { if case .audited = $0 { false } else { true } }
      problems += checkTransfer(transfer, answer, moves, before, after)
    } else {
      // Each who was taken from a queue was the first in any line that the agent serves.
      var waiting = waitingSessions(before)
      if case .perform(let envelope) = command { waiting.removeAll { $0.id == envelope.session } }
      for (session, agent) in assigned {
        guard let view = after.agent(agent) else { return problems + ["assigned to nobody"] }
        let best = waiting.first { serves(view, $0.skill) }
        if best?.id != session { problems.append("\(session) was not the first") }
        waiting.removeAll { $0.id == session }
      }
    }
    return problems
  }

  /// Who was late has lost its chats, as far as the limit goes, and nobody else any; they went, the first in line
  /// first, to the least loaded.
  private func checkPassing(
    _ time: TimePasses, _ effects: [Effect], _ before: ReplicatedState, _ after: ReplicatedState
  ) -> [String] {
    var problems: [String] = []
    let late = before.agents().filter { agent in agent.deadline.map { $0 <= after.now } ?? false }
      .sorted { ($0.deadline ?? 0, $0.id) < ($1.deadline ?? 0, $1.id) }
    let lost = late.flatMap(\.chats).prefix(Int(max(1, time.limit))).compactMap { before.session($0) }
      .sorted { $0.queuePlace(at: before.level) < $1.queuePlace(at: before.level) }
    var chats = before.agents().reduce(into: [:]) { $0[$1.id] = $1.chatCount }
    var given: [AgentID: UInt64] = [:]
    var expected: [Effect] = []
    for session in lost {
      expected.append(.session(session.id, .released(by: session.agents[0])))
      let free = before.agents().filter {
        $0.status == .online && chats[$0.id, default: 0] < Int($0.capacity) && serves($0, session.skill)
      }
      let best = free.min {
        load($0, chats, given, before.level) < load($1, chats, given, before.level)
      }
      guard let best else {
        expected.append(.session(session.id, .queued(position: 0)))
        continue
      }
      chats[best.id, default: 0] += 1
      given[best.id] = after.now
      expected.append(.session(session.id, .assigned(best.id)))
    }
    let found = effects.dropLast(2).map { effect in
      // Positions change while others are queued behind.
      if case .session(let id, .queued) = effect { return Effect.session(id, .queued(position: 0)) }
      return effect
    }
    if found != expected { problems.append("expected \(expected)") }
    if lost.count < Int(time.limit), let next = after.nextDeadline, next <= after.now {
      problems.append("something is still due")
    }
    return problems
  }

  /// A session that was handed on is with whom it was given to; who gave it away has who waited first; else nothing
  /// has changed.
  private func checkTransfer(
    _ transfer: TransferSession, _ answer: Answer, _ effects: [Effect], _ before: ReplicatedState,
    _ after: ReplicatedState
  ) -> [String] {
    guard answer == .done, !effects.isEmpty, let session = before.session(transfer.session) else {
      let isSame = before.session(transfer.session)?.agents == after.session(transfer.session)?.agents
      return effects.isEmpty && isSame ? [] : ["refused, and not the same"]
    }
    var chats = before.agents().reduce(into: [:]) { $0[$1.id] = $1.chatCount }
    for giver in session.agents { chats[giver, default: 0] -= 1 }
    var given: [AgentID: UInt64] = [:]
    func isFree(_ agent: Agent) -> Bool {
      agent.status == .online && chats[agent.id, default: 0] < Int(agent.capacity)
    }
    var expected: [Effect] = [
      .session(session.id, .transferred(from: session.agents.first, to: transfer.target))
    ]
    if case .agent(let receiver) = transfer.target {
      if before.agent(receiver).map(isFree) != true { return ["given to somebody who is not free"] }
      chats[receiver, default: 0] += 1
      expected.append(.session(session.id, .assigned(receiver)))
    }
    var waiting = waitingSessions(before).filter { $0.id != session.id }
    for giver in session.agents.compactMap({ before.agent($0) }) {
      while isFree(giver), let place = waiting.firstIndex(where: { serves(giver, $0.skill) }) {
        chats[giver.id, default: 0] += 1
        given[giver.id] = after.now
        expected.append(.session(waiting.remove(at: place).id, .assigned(giver.id)))
      }
    }
    if case .skill(let skill) = transfer.target {
      let free = before.agents().filter { isFree($0) && serves($0, skill) }
      let others = free.filter { !session.agents.contains($0.id) }
      let best = (others.isEmpty ? free : others).min {
        load($0, chats, given, before.level) < load($1, chats, given, before.level)
      }
      if after.session(session.id)?.skill != skill { return ["it has another skill"] }
      let position = after.main.queue(of: skill).firstIndex(of: session.id).map { $0 + 1 } ?? 0
      expected.append(.session(session.id, best.map { .assigned($0.id) } ?? .queued(position: position)))
    }
    return effects == expected ? [] : ["expected \(expected)"]
  }

  /// As it is after what was given to it in between.
  private func load(
    _ agent: Agent, _ chats: [AgentID: Int], _ given: [AgentID: UInt64], _ level: Level
  ) -> AgentLoad {
    let count = chats[agent.id, default: 0]
    guard level >= .ninth else { return AgentLoad(chats: count, agent: agent.id) }
    return AgentLoad(
      chats: count, capacity: agent.capacity, givenAt: given[agent.id] ?? agent.work.givenAt, agent: agent.id)
  }

  private func serves(_ agent: Agent, _ skill: String) -> Bool {
    skill.isEmpty || agent.skills.contains { $0.skill == skill && $0.weight > 0 }
  }

  private func waitingSessions(_ state: ReplicatedState) -> [Session] {
    ["", "tax", "law", "sales"].flatMap { state.main.queue(of: $0) }.compactMap { state.session($0) }
      .sorted { $0.queuePlace(at: state.level) < $1.queuePlace(at: state.level) }
  }

  @Test(
    "two that are fed the same are the same to the byte; so is one that goes through snapshots",
    arguments: SplitMix.seeds)
  func determinism(seed: UInt64) throws {
    var commands = RandomCommands(seed: seed, isRace: seed % 2 == 0)
    var first = ReplicatedState()
    var second = ReplicatedState()
    var restored = ReplicatedState()
    for step in 1...300 {
      let submissions = (0..<Int.random(in: 1...4, using: &commands.random)).map { place in
        Submission(
          origin: Origin(server: Desk.one, request: UInt64(step * 8 + place)), command: commands.next(first))
      }
      var effects: [[Effect]] = [[], [], []]
      let now = UInt64(1_000 + step * 50)
      first.apply(submissions, index: UInt64(step), now: now, into: &effects[0])
      second.apply(submissions, index: UInt64(step), now: now, into: &effects[1])
      restored.apply(submissions, index: UInt64(step), now: now, into: &effects[2])
      commands.learn(effects[0])
      #expect(effects[0] == effects[1], "seed \(seed), step \(step)")
      #expect(effects[0] == effects[2], "seed \(seed), step \(step), after a snapshot")
      if step % 10 == 0 {
        let bytes = first.encodedSnapshot()
        #expect(bytes == second.encodedSnapshot(), "seed \(seed), step \(step)")
        #expect(bytes == restored.encodedSnapshot(), "seed \(seed), step \(step), after a snapshot")
        restored = try ReplicatedState(snapshot: bytes)
        #expect(restored.checkInvariants().isEmpty, "seed \(seed), step \(step)")
        #expect(restored.encodedSnapshot() == bytes, "seed \(seed), step \(step)")
      }
    }
  }
}
