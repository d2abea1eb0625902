import Kernel
import Testing

@testable import Desk

@Suite("Ties go to whoever was given nothing for the longest, then by id")
struct LongestIdleTests {
  @Test("of equals the one is asked who was asked longest ago")
  func order() {
    var desk = Desk.newest
    for agent in ["ann", "bob", "cy"] { desk.agent(agent) }
    var served: [String] = []
    for number in 0..<6 {
      desk.time += 1_000
      let session = desk.open("c\(number)")
      served += desk.agents(of: session)
      desk.close(session, by: .customer("c\(number)"))
    }
    #expect(served == ["ann", "bob", "cy", "ann", "bob", "cy"])
  }

  @Test("the share of the room counts, so that whoever takes more chats is given more")
  func share() {
    var desk = Desk.newest
    desk.agent("ann", capacity: 4)
    desk.agent("bob", capacity: 2)
    var counts: [String: Int] = [:]
    for number in 0..<6 {
      desk.time += 1
      for agent in desk.serving("c\(number)") { counts[agent, default: 0] += 1 }
      if number == 2 { #expect(counts == ["ann": 2, "bob": 1]) }
    }
    #expect(counts == ["ann": 4, "bob": 2])
  }

  /// Customers come at random and stay for some minutes.
  private func shares(level: Level, load: Double, seed: UInt64) -> [Double] {
    var state = ReplicatedState()
    var effects: [Effect] = []
    var random = SplitMix(seed: seed)
    var index: UInt64 = 1
    func apply(_ command: Command, at now: UInt64) {
      index += 1
      let submission = Submission(origin: Origin(server: Desk.one, request: 0), command: command)
      state.apply([submission], index: index, now: now, into: &effects)
    }
    apply(.raiseLevel(RaiseLevel(level)), at: 1)
    for number in 0..<8 {
      apply(
        .setStatus(
          SetAgentStatus(
            agent: AgentID("agent\(number)"), name: "", status: .online, skills: nil, capacity: 3,
            presence: Presence(server: Desk.one, connection: UInt64(number)))), at: 1)
    }
    // Of the 24 chats that fit, so many are there on average; each lasts for about 480 s.
    let pause = 480_000 / (24 * load)
    var (now, ends): (UInt64, [(time: UInt64, session: SessionID)]) = (1_000, [])
    var counts = [Int](repeating: 0, count: 8)
    for number in 0..<6_000 {
      now += UInt64(Double.random(in: 0..<2 * pause, using: &random))
      effects = []
      for end in ends.filter({ $0.time <= now }) {
        apply(
          .close(CloseSession(session: end.session, epoch: Epoch(1), by: .supervisor("kim"), reason: "")),
          at: end.time)
      }
      ends.removeAll { $0.time <= now }
      apply(.open(.by("c\(number)")), at: now)
      for case .session(let session, .assigned(let agent)) in effects {
        counts[Int(agent.rawValue.utf8.last ?? 0) - 0x30] += 1
        ends.append((now + UInt64.random(in: 60_000...900_000, using: &random), session))
      }
    }
    let sum = Double(counts.reduce(0, +))
    return counts.map { Double($0) * 100 / sum }
  }

  @Test("each of 8 agents is given an eighth at a load of 10 % as at 60 %", arguments: [0.1, 0.3, 0.6])
  func fairness(load: Double) {
    let shares = shares(level: .newest, load: load, seed: 11)
    #expect(shares.allSatisfy { (11.5...13.5).contains($0) }, "\(shares)")
    // By id alone the first one has far more, and the last one nearly nothing.
    if load == 0.1 {
      let before = self.shares(level: .eighth, load: load, seed: 11)
      #expect(before[0] > 25 && before[7] < 2, "\(before)")
    }
  }

  @Test(
    "when the level is raised, all lines are in the new order in that entry, and a snapshot is read into it")
  func raised() throws {
    var desk = Desk()
    desk.raise(.eighth)
    desk.state.mostPulled = 0
    desk.agent("ann", levels: ["tax": 1_000], capacity: 9)
    desk.agent("bob", capacity: 4)
    for number in 0..<3 { desk.open("c\(number)", skill: "law") }
    let old = desk.open("old", skill: "law", priority: 1)
    desk.time += 400_000
    let young = desk.open("young", skill: "law", priority: 2)
    #expect(desk.state.main.queue(of: "law").first == young)
    desk.agent("cy", levels: ["law": 1_000], capacity: 9)
    #expect(desk.state.hasUnserved && desk.agents(of: young) == ["cy"])
    desk.raise(.newest)
    #expect(desk.state.hasUnserved && desk.state.main.unservedLines.isEmpty)
    #expect(desk.state.main.queue(of: "law").first == old)
    var other = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(other.checkInvariants().isEmpty && other.encodedSnapshot() == desk.state.encodedSnapshot())
    other.mostPulled = 0
    for step in 1...6 {
      var (ours, theirs): ([Effect], [Effect]) = ([], [])
      let time = Submission(
        origin: Origin(server: Desk.one, request: 0), command: .timePasses(TimePasses(limit: 10)))
      desk.state.apply([time], index: desk.index + UInt64(step), now: desk.time, into: &ours)
      other.apply([time], index: desk.index + UInt64(step), now: desk.time, into: &theirs)
      #expect(ours == theirs)
    }
    #expect(!desk.state.hasUnserved && desk.agents(of: old) == ["cy"])
    #expect(desk.state.checkInvariants().isEmpty)
  }

  @Test(
    "what an entry had no room to give goes to the least loaded, and nobody who comes later is served before")
  func unserved() {
    var desk = Desk.newest
    desk.state.mostPulled = 1
    let waiting = (0..<6).map { desk.open("c\($0)") }
    desk.agent("bob")
    #expect(desk.state.main.sessions(of: AgentID("bob")) == Array(waiting.prefix(2)))
    let late = desk.open("late")
    #expect(desk.state.position(of: late)?.position == 5)
    let urgent = desk.open("urgent", priority: 1)
    #expect(desk.agents(of: urgent) == ["bob"])
    desk.agent("ann")
    #expect(desk.state.main.sessions(of: AgentID("ann")) == [waiting[2], waiting[3]])
    desk.pass(0)
    #expect(desk.agents(of: waiting[4]) == ["ann"] && desk.agents(of: waiting[5]) == ["ann"])
    desk.pass(0)
    desk.pass(0)
    #expect(!desk.agents(of: late).isEmpty && !desk.state.hasUnserved)
  }
}
