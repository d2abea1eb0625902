import Testing

@testable import Verifier

@Suite("The proof about owners, agents and queues")
struct ServingTests {
  @Test("sees two owners in one epoch")
  func owners() {
    let found = Stories.failures { $0.sights[1].owner = "node2" }
    #expect(found == ["two owners"])
    let moved = Stories.failures { evidence in
      evidence.sights[0].owner = "node3"
      evidence.sights[0].epoch = 0
    }
    #expect(moved == [])
  }

  @Test("sees an epoch that goes back between two looks, and lets overlapping looks differ")
  func epochs() {
    func story(_ second: Moment) -> Set<String> {
      Stories.failures { evidence in
        evidence.sights = [
          Stories.sight(Stories.session, at: 150, owner: "node3", epoch: 9),
          Stories.sight(Stories.session, at: second, owner: "node2", epoch: 8),
        ]
      }
    }
    #expect(story(350) == ["epoch went back"])
    #expect(story(153) == [])
  }

  @Test("sees nodes that tell different things of a session in the end")
  func agreement() {
    #expect(Stories.failures { $0.finalSights[1].sequence = 3 } == ["divergence"])
    #expect(Stories.failures { $0.finalSights[2].epoch = 2 } == ["divergence"])
    #expect(Stories.failures { $0.finalSights[2].owner = "node2" } == ["two owners", "divergence"])
  }

  @Test("sees an agent with more chats than its capacity")
  func capacity() {
    #expect(Stories.failures { $0.agentSights[0].agents[0].chats.append("101") } == ["over capacity"])
  }

  @Test("sees a chat with two agents, told by the agents or by the session")
  func twoAgents() {
    let other = AgentSight.Agent(id: "a2", capacity: 4, chats: [Stories.session])
    #expect(Stories.failures { $0.agentSights[0].agents.append(other) } == ["two agents"])
    #expect(Stories.failures { $0.sights[0].agents.append("a2") } == ["two agents"])
  }

  @Test("sees an agent and a session that do not agree, and a session that nobody opened")
  func ghosts() {
    #expect(Stories.failures { $0.finalAgents[1].agents[0].chats = [] } == ["ghost chat"])
    let unknown = Stories.failures { evidence in
      for place in evidence.finalAgents.indices {
        evidence.finalAgents[place].agents[0].capacity = 4
        evidence.finalAgents[place].agents[0].chats.append("999")
      }
    }
    #expect(unknown == ["ghost chat"])
  }

  private func queue(_ change: (inout Evidence) -> Void) -> Set<String> {
    var evidence = Evidence()
    // 201 comes first, 202 after it; 202 is served first.
    evidence.openings = [
      Stories.opening("201", at: 0), Stories.opening("202", at: 100, process: "c2"),
    ]
    evidence.sights = [
      Stories.sight("202", at: 200), Stories.sight("201", at: 300, state: "queued", agents: [], position: 1),
    ]
    change(&evidence)
    return Set(Proof.violations(in: evidence).flatMap { $0 }.map(\.check))
  }

  @Test("sees somebody who came later and was served first")
  func overtaken() {
    #expect(queue { _ in } == ["queue order"])
    let atOnce = queue { evidence in
      evidence.sights.removeFirst()
      evidence.openings[1].state = "active"
    }
    #expect(atOnce == ["queue order"])
  }

  @Test("lets whoever has a higher priority, or came at the same time, go first, or whoever waits again")
  func allowed() {
    #expect(queue { $0.openings[1].priority = 1 } == [])
    #expect(queue { $0.openings[1].called = 5 } == [])
    #expect(queue { $0.openings[1].skill = "delivery" } == [])
    #expect(queue { $0.sights.insert(Stories.sight("201", at: 150), at: 0) } == [])
    #expect(queue { $0.assigned["201"] = 150 } == [])
    #expect(queue { $0.assigned["202"] = 205 } == ["queue order"])
  }

  @Test("sees places in the queue that are not in the order of arrival")
  func places() {
    func story(_ first: Int, _ second: Int) -> Set<String> {
      queue { evidence in
        evidence.sights = []
        evidence.finalSights = [
          Stories.sight("201", at: 900, state: "queued", agents: [], position: first),
          Stories.sight("202", at: 900, state: "queued", agents: [], position: second),
        ]
      }
    }
    #expect(story(1, 2) == [])
    #expect(story(2, 1) == ["queue order"])
    #expect(story(1, 1) == ["queue order"])
  }

  @Test("whoever is gone is passed over, at the place that they would have, and others go before them")
  func passedOver() {
    func story(_ first: Int, isGone: Bool, _ second: Int, isSecondGone: Bool = false) -> Set<String> {
      queue { evidence in
        evidence.sights = []
        evidence.finalSights = [
          Stories.sight("201", at: 900, state: "queued", agents: [], position: first, isPassedOver: isGone),
          Stories.sight(
            "202", at: 900, state: "queued", agents: [], position: second, isPassedOver: isSecondGone),
        ]
      }
    }
    #expect(story(1, isGone: true, 1) == [] && story(1, isGone: true, 1, isSecondGone: true) == [])
    #expect(story(2, isGone: true, 1) == ["queue order"])
    #expect(story(1, isGone: false, 1, isSecondGone: true) == ["queue order"])
    #expect(
      queue { evidence in
        evidence.assigned["202"] = 205
        for place in evidence.sights.indices where evidence.sights[place].session == "201" {
          evidence.sights[place].isPassedOver = true
        }
      } == [])
  }

  @Test("a session that was handed to another skill has its place there by its arrival, and none where it was")
  func handedOnPlaces() {
    func story(_ first: Int, _ second: Int, skill: String) -> Set<String> {
      queue { evidence in
        evidence.openings[1].skill = "delivery"
        evidence.sights = []
        evidence.finalSights = [
          Stories.sight("201", at: 900, state: "queued", skill: skill, agents: [], position: first),
          Stories.sight("202", at: 900, state: "queued", skill: "delivery", agents: [], position: second),
        ]
      }
    }
    #expect(story(1, 2, skill: "delivery") == [])
    #expect(story(2, 1, skill: "delivery") == ["queue order"])
    #expect(story(1, 1, skill: "billing") == [])
  }

  @Test("sees a session that was handed on more often than was asked, or by somebody who did not ask")
  func handedOnTwice() {
    func story(_ asked: Int, told: [String?]) -> Set<String> {
      Stories.failures { evidence in
        evidence.transfers = (0..<asked).map {
          Transfer(
            process: "a1", session: Stories.session, target: .agent("a2"), called: $0, returned: nil)
        }
        evidence.handovers = told.map {
          Handover(listener: Evidence.Listener(process: "w1", session: Stories.session), from: $0)
        }
      }
    }
    #expect(story(1, told: ["a1"]) == [] && story(2, told: ["a1"]) == [])
    #expect(story(1, told: ["a1", "a1"]) == ["handed on twice"])
    #expect(story(1, told: ["a2"]) == ["handed on twice"])
    #expect(story(1, told: [nil]) == ["handed on twice"])
  }

  @Test("sees one session that was given to two, and one that takes messages after its end")
  func life() {
    let shared = Stories.failures { evidence in
      var other = evidence.openings[0]
      other.process = "c2"
      evidence.openings.append(other)
    }
    #expect(shared == ["shared session"])
    let after = Stories.failures { evidence in
      evidence.closings = [Closing(process: "c1", session: Stories.session, called: 350, returned: 360)]
    }
    #expect(after == ["said after the end", "open again"])
  }
}
