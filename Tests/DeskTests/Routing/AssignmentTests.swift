import Testing

@testable import Desk

@Suite("Who serves whom")
struct AssignmentTests {
  @Test("the least loaded agent is asked first, then the one whose id is lower")
  func leastLoaded() {
    var desk = Desk()
    desk.status("kim", capacity: 3, connection: 1)
    desk.status("bob", capacity: 3, connection: 2)
    let order = (0..<6).map { desk.serving("c\($0)") }
    #expect(order == [["bob"], ["kim"], ["bob"], ["kim"], ["bob"], ["kim"]])
    #expect(desk.serving("c6").isEmpty)
  }

  @Test("only agents with the skill are asked; without a skill anybody is")
  func skills() {
    var desk = Desk()
    desk.status("ann", capacity: 9, connection: 1)
    desk.status("bob", skills: ["tax"], capacity: 2, connection: 2)
    #expect(desk.serving("a", skill: "tax") == ["bob"])
    #expect(desk.serving("b", skill: "tax") == ["bob"])
    let waiting = desk.open("c", skill: "tax")
    #expect(desk.agents(of: waiting).isEmpty)
    #expect(desk.serving("d") == ["ann"])
    desk.status("ann", skills: ["tax"])
    #expect(desk.agents(of: waiting) == ["ann"])
  }

  @Test("a skill of weight 0 is one that the agent is not asked for")
  func zeroWeight() {
    var desk = Desk()
    desk.apply(
      .setStatus(
        SetAgentStatus(
          agent: AgentID("bob"), name: "", status: .online, skills: [SkillWeight(skill: "tax", weight: 0)],
          capacity: 4, presence: Presence(server: Desk.one, connection: 1))))
    #expect(desk.serving("a", skill: "tax").isEmpty)
    #expect(desk.serving("b") == ["bob"])
  }

  @Test("only who is online is asked", arguments: [AgentStatus.busy, .away, .offline])
  func onlineOnly(status: AgentStatus) {
    var desk = Desk()
    desk.status("bob", status)
    #expect(desk.serving("alice").isEmpty)
  }

  @Test("the queue goes by priority, then by arrival")
  func queueOrder() {
    var desk = Desk()
    let priorities: [Int32] = [0, 5, 0, 5, .min, .max]
    let ids = priorities.enumerated().map { desk.open("c\($0.offset)", priority: $0.element) }
    #expect(desk.state.main.queue(of: "") == [5, 1, 3, 0, 2, 4].map { ids[$0] })
    #expect(ids.map { desk.state.position(of: $0)?.position } == [4, 2, 5, 3, 6, 1])
    #expect(desk.state.main.queue(of: "", limit: 2) == [ids[5], ids[1]])
    desk.status("bob", capacity: 3)
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [ids[1], ids[3], ids[5]])
    #expect(desk.state.position(of: ids[0])?.position == 1)
  }

  @Test("an agent with several skills takes the best of all their queues and of those without a skill")
  func acrossQueues() {
    var desk = Desk()
    let low = desk.open("a", skill: "tax", priority: 1)
    let high = desk.open("b", skill: "law", priority: 3)
    let any = desk.open("c", priority: 2)
    let other = desk.open("d", skill: "sales", priority: 9)
    let outcome = desk.status("bob", skills: ["tax", "law"], capacity: 5)
    let bob = AgentID("bob")
    #expect(
      outcome.effects == [
        .agent(.main, bob), .session(high, .assigned(bob)), .session(any, .assigned(bob)),
        .session(low, .assigned(bob)),
      ])
    #expect(desk.state.session(other)?.state == .queued)
  }

  @Test("the estimate is the pace of the queue times the position, and 0 while nothing is known")
  func estimate() {
    var desk = Desk()
    desk.status("bob")
    var ids = [desk.open("c0")]
    for number in 1...6 { ids.append(desk.open("c\(number)")) }
    #expect(desk.state.position(of: ids[3])?.etaMilliseconds == 0)
    // One chat every second.
    for number in 0..<3 {
      desk.time += 1_000
      desk.close(ids[number], by: .customer("c\(number)"))
    }
    #expect(desk.state.position(of: ids[4])?.position == 1)
    #expect(desk.state.position(of: ids[4])?.etaMilliseconds == 1_000)
    #expect(desk.state.position(of: ids[6])?.etaMilliseconds == 3_000)
  }

  @Test("an hour in which nobody waits does not slow the estimate down")
  func quietHour() {
    var desk = Desk()
    desk.status("bob")
    let ids = (0..<3).map { desk.open("c\($0)") }
    desk.time += 1_000
    desk.close(ids[0], by: .customer("c0"))
    desk.time += 1_000
    desk.close(ids[1], by: .customer("c1"))
    desk.time += 3_600_000
    let later = (3..<6).map { desk.open("c\($0)") }
    desk.time += 1_000
    desk.close(ids[2], by: .customer("c2"))
    #expect(desk.state.position(of: later[1])?.etaMilliseconds == 1_000)
  }

  @Test("no interval makes the estimate overflow")
  func extremeTimes() {
    var pace = Pace()
    pace.recordAssignment(waitingSince: 0, now: .max)
    #expect(pace.estimate(position: 1) == Int(Pace.intervalLimit))
    #expect(pace.estimate(position: .max) == .max)
    #expect(pace.estimate(position: -1) == 0)
    for _ in 0..<100 { pace.recordAssignment(waitingSince: .max, now: 0) }
    #expect(pace.estimate(position: 1) < 10_000)
  }

  @Test("skills that customers make up leave nothing behind")
  func madeUpSkills() {
    var desk = Desk()
    for number in 0..<20 {
      desk.close(desk.open("alice", request: "r\(number)", skill: "made up \(number)"))
    }
    #expect(desk.state.main.lineTable.count == 0)
  }
}
