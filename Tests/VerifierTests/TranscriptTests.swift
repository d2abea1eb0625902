import Testing

@testable import Verifier

@Suite("The proof about histories")
struct TranscriptTests {
  @Test("finds nothing where all went well")
  func well() {
    #expect(Stories.failures { _ in } == [])
  }

  @Test("sees a message that was acknowledged and is gone from one node")
  func lost() {
    let found = Stories.failures { $0.copies[2].lines?.removeLast() }
    #expect(found.contains("lost"))
    #expect(found.contains("divergence"))
  }

  @Test("sees a message that is gone from every node, in the middle")
  func gap() {
    let found = Stories.failures { evidence in
      for place in evidence.copies.indices { evidence.copies[place].lines?.remove(at: 1) }
    }
    #expect(found.isSuperset(of: ["lost", "gap"]))
  }

  @Test("sees a message that was stored twice")
  func doubled() {
    let found = Stories.failures { evidence in
      var again = Stories.line(2)
      again.sequence = 5
      for place in evidence.copies.indices { evidence.copies[place].lines?.append(again) }
    }
    #expect(found.contains("duplicate"))
  }

  @Test("sees two messages that changed places after they were acknowledged")
  func reordered() {
    let found = Stories.failures { evidence in
      for place in evidence.copies.indices {
        evidence.copies[place].lines?[1] = Line(sequence: 2, id: "m3", from: "c1", body: "text 3")
        evidence.copies[place].lines?[2] = Line(sequence: 3, id: "m2", from: "c1", body: "text 2")
      }
    }
    #expect(found.contains("order"))
  }

  @Test("sees one sequence that was given to two messages")
  func samePlace() {
    let found = Stories.failures { evidence in
      var second = Stories.attempt(4)
      second.id = "other"
      evidence.attempts.append(second)
    }
    #expect(found.contains("order"))
  }

  @Test("sees a text that is not what was said, and a sender who did not say it")
  func changed() {
    let text = Stories.failures { evidence in
      for place in evidence.copies.indices { evidence.copies[place].lines?[0].body = "another text" }
    }
    #expect(text.contains("changed"))
    let sender = Stories.failures { evidence in
      for place in evidence.copies.indices { evidence.copies[place].lines?[0].from = "c2" }
    }
    #expect(sender.contains("changed"))
  }

  @Test("sees a message that nobody said")
  func invented() {
    let found = Stories.failures { evidence in
      for place in evidence.copies.indices { evidence.copies[place].lines?.append(Stories.line(5)) }
    }
    #expect(found.contains("invented"))
  }

  @Test("sees a message that was refused and is there all the same, and lets one without an answer be there")
  func refused() {
    func story(_ outcome: Attempt.Outcome) -> Set<String> {
      Stories.failures { evidence in
        evidence.attempts[3].outcome = outcome
        if outcome == .unknown { evidence.attempts[3].returned = nil }
      }
    }
    #expect(story(.refused("session_closed")).contains("refused"))
    #expect(story(.unknown) == [])
  }

  @Test("sees a node that does not have a session at all")
  func missing() {
    #expect(Stories.failures { $0.copies[4].lines = nil } == ["missing"])
  }
}
