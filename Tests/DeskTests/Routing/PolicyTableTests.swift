import Kernel
import Testing

@testable import Desk

@Suite("Policies of a desk")
struct PolicyTableTests {
  private func list(_ desk: Desk, after: UInt64? = nil, limit: Int = 16) throws -> PolicyPage {
    let query = Policies(after: after.map { PolicyVersion(number: $0) }, limit: limit)
    let asked = QueryRequest(query, isOfCluster: false)
    return try #require(
      try desk.state.answer(asked, by: .agent("bob"), of: .main).answer.get() as? PolicyPage)
  }

  private func rule(_ desk: Desk, _ channel: String, _ intent: String) -> Policy.Algorithm {
    desk.state.main.policies.policy(channel: channel, intent: intent).policy.algorithm
  }

  @Test("a session has the policy of its channel and intent, else the wider ones in their order")
  func resolution() {
    var desk = Desk.newest
    #expect(rule(desk, "web", "refund") == .leastConnections)
    desk.policy(Policy(algorithm: .roundRobin))
    desk.policy(Policy(algorithm: .skill), intent: "refund")
    #expect(rule(desk, "web", "refund") == .skill && rule(desk, "web", "order") == .roundRobin)
    desk.policy(Policy(algorithm: .weightedLoad), channel: "web")
    #expect(rule(desk, "web", "refund") == .weightedLoad && rule(desk, "mail", "refund") == .skill)
    desk.policy(Policy(algorithm: .composite), channel: "web", intent: "refund")
    #expect(rule(desk, "web", "refund") == .composite && rule(desk, "web", "") == .weightedLoad)
    desk.arrange(DeletePolicy(channel: "web", intent: "refund"))
    desk.arrange(DeletePolicy(channel: "web", intent: "*"))
    #expect(rule(desk, "web", "refund") == .skill)
  }

  @Test("a change is bound to the version that it expects, is done once, and is noted")
  func versions() throws {
    var desk = Desk.newest
    let first = SetPolicy(channel: "web", intent: "*", policy: Policy(algorithm: .skill), expecting: 0)
    let outcome = desk.arrange(first, id: "s")
    #expect(outcome.answer == .done)
    let notes = outcome.effects.compactMap { if case .audited(let link) = $0 { link.entry.note } else { nil } }
    #expect(notes.map(\.act) == ["set_policy"] && notes.first?.detail == "web * skill")
    #expect(desk.arrange(first, id: "s").answer == .done)
    #expect(desk.arrange(first, id: "t").answer == .refused(.policyChanged))
    let version = try #require(try list(desk).policies.first?.version)
    let next = SetPolicy(channel: "web", intent: "*", policy: Policy(algorithm: .manual), expecting: version)
    #expect(desk.arrange(next).answer == .done)
    #expect(desk.arrange(next).answer == .refused(.policyChanged))
    #expect(
      desk.arrange(DeletePolicy(channel: "web", intent: "*", expecting: version)).answer
        == .refused(.policyChanged))
    #expect(try list(desk).policies.map(\.policy.algorithm) == [.manual])
    #expect(desk.arrange(DeletePolicy(channel: "web", intent: "*")).answer == .done)
    #expect(desk.arrange(DeletePolicy(channel: "web", intent: "*")).answer == .done)
    #expect(try list(desk).policies.isEmpty)
  }

  @Test("admins alone change them, and nobody below level 9")
  func whoAndWhen() {
    var desk = Desk.newest
    let set = SetPolicy(channel: "*", intent: "*", policy: Policy(algorithm: .skill))
    for person in [Person.supervisor("kim"), .agent("bob"), .customer("al")] {
      #expect(desk.arrange(set, by: person).answer == .refused(.forbidden))
    }
    var old = Desk()
    old.raise(.eighth)
    #expect(old.arrange(set).answer == .refused(.forbidden))
    let command = Command.arrange(
      DeskEnvelope(DeskRecord(set, id: "s"), by: Desk.admin, in: .main, presence: nil))
    #expect(command.since == .ninth)
  }

  @Test("a desk has so many and no more, of which a page has a part; another desk has its own")
  func bounds() throws {
    var desk = Desk.newest
    let other = desk.create("other")
    for number in 0..<SetPolicy.most { desk.policy(Policy(algorithm: .skill), channel: "c\(number)") }
    let more = SetPolicy(channel: "more", intent: "*", policy: Policy(algorithm: .skill))
    #expect(desk.arrange(more).answer == .refused(.tooManyPolicies))
    #expect(desk.arrange(more, in: other).answer == .done)
    #expect(
      desk.arrange(SetPolicy(channel: "c7", intent: "*", policy: Policy(algorithm: .manual))).answer == .done)
    var (found, place): ([String], UInt64?) = ([], nil)
    while true {
      let page = try list(desk, after: place)
      found += page.policies.map(\.channel)
      guard page.more else { break }
      place = page.policies.last?.version
    }
    #expect(found.count == SetPolicy.most && Set(found).count == found.count && found.last == "c7")
  }

  @Test("changes in one go are bounded while anybody may wait under the old ones")
  func outdated() {
    var desk = Desk.newest
    var refused = 0
    for number in 0..<(PolicyTable.mostOutdated + 5) {
      let policy = Policy(algorithm: .skill, priorityCredit: UInt32(number))
      if desk.arrange(SetPolicy(channel: "*", intent: "*", policy: policy)).answer == .refused(.policiesInUse) {
        refused += 1
      }
    }
    #expect(refused == 4)
    desk.pass(0)
    #expect(desk.arrange(SetPolicy(channel: "*", intent: "*", policy: .builtIn)).answer == .done)
  }

  @Test("who waits keeps the place when a policy is replaced or deleted, and goes on under the new one")
  func replaced() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .manual, priorityCredit: 10))
    let first = desk.open("a")
    desk.time += 100
    let second = desk.open("b", priority: 9)
    desk.agent("bob", capacity: 1)
    #expect(desk.agents(of: first).isEmpty && desk.state.position(of: second)?.position == 2)
    desk.policy(Policy(algorithm: .roundRobin, priorityCredit: 300_000))
    #expect(desk.agents(of: first) == ["bob"])
    #expect(desk.state.main.queue(of: "") == [second])
    desk.arrange(DeletePolicy(channel: "*", intent: "*"))
    #expect(desk.state.hasUnserved)
    desk.pass(0)
    #expect(!desk.state.hasUnserved && desk.state.position(of: second)?.position == 1)
    desk.agent("bob", capacity: 2)
    #expect(desk.agents(of: second) == ["bob"])
  }

  @Test("many who wait are looked at in parts, and each entry gives a bounded number to agents")
  func parts() throws {
    var desk = Desk.newest
    desk.state.mostPulled = 3
    desk.arrange(SetPolicy(channel: "*", intent: "*", policy: Policy(algorithm: .manual)))
    desk.pass(0)
    let waiting = (0..<30).map { desk.open("c\($0)") }
    desk.agent("bob", capacity: 100)
    desk.arrange(SetPolicy(channel: "*", intent: "*", policy: Policy(algorithm: .leastConnections)))
    var entries = 0
    while desk.state.hasUnserved, entries < 100 {
      entries += 1
      let given = desk.pass(0).effects.count { if case .session(_, .assigned) = $0 { true } else { false } }
      #expect(given <= 4)
      let bytes = desk.state.encodedSnapshot()
      #expect(try ReplicatedState(snapshot: bytes).encodedSnapshot() == bytes)
    }
    #expect(waiting.allSatisfy { desk.agents(of: $0) == ["bob"] })
    #expect(entries > 5)
  }

  @Test("a line that is full takes nobody more, unless somebody is free")
  func full() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .leastConnections, queue: QueueLimit(maxLength: 2)))
    for number in 0..<2 { desk.open("c\(number)") }
    #expect(desk.apply(.open(.by("late"))).answer == .refused(.queueFull))
    #expect(desk.apply(.open(.by("tax", skill: "tax"))).answer.session != nil)
    desk.agent("bob", capacity: 4)
    #expect(desk.apply(.open(.by("late"))).answer.session != nil)
  }
}
