import Testing

@testable import Verifier

@Suite("The proof about deliveries")
struct DeliveryTests {
  @Test("sees a message that came twice, or after a later one")
  func order() {
    #expect(Stories.failures { $0.deliveries.append($0.deliveries[1]) } == ["duplicate"])
    #expect(Stories.failures { $0.deliveries.swapAt(1, 2) } == ["order"])
  }

  @Test("sees a message that did not come, in the middle or at the end")
  func gap() {
    #expect(Stories.failures { $0.deliveries.remove(at: 2) } == ["delivery gap"])
    #expect(Stories.failures { $0.deliveries.removeLast() } == ["delivery gap"])
    #expect(Stories.failures { $0.deliveries.removeFirst() } == ["delivery gap"])
    #expect(Stories.failures { $0.deliveries.removeAll() } == ["delivery gap"])
  }

  @Test("asks nothing of whoever was told to read the history instead, and no end of whoever left")
  func excused() {
    let brokenOff = Stories.failures { evidence in
      evidence.deliveries.remove(at: 2)
      evidence.brokenOff = evidence.stayed
    }
    #expect(brokenOff == [])
    let left = Stories.failures { evidence in
      evidence.deliveries.removeLast()
      evidence.stayed = []
    }
    #expect(left == [])
  }

  @Test("sees a delivery that the history does not have")
  func invented() {
    #expect(Stories.failures { $0.deliveries[1].line.body = "another" } == ["delivered"])
  }

  @Test("takes the acknowledgement of an own message for its delivery, and not that of others")
  func own() {
    let own = Stories.failures { evidence in
      evidence.stayed.insert(Evidence.Listener(process: "c1", session: Stories.session))
    }
    #expect(own == [])
    let others = Stories.failures { evidence in
      evidence.stayed.insert(Evidence.Listener(process: "a1", session: Stories.session))
    }
    #expect(others == ["delivery gap"])
  }
}
