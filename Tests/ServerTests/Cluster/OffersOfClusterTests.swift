import Foundation
import SwitchboardClient
import Testing

@Suite("Agents of three nodes are asked", .serialized, .timeLimit(.minutes(10)))
struct OffersOfClusterTests {
  /// What an agent was told of offers.
  private final class Asked: Sendable {
    let offers = Shared<[(session: String, offer: ConversationOffer)]>([])
    let ended = Shared<[String]>([])
    let assigned = Shared<[String]>([])

    func listen(_ agent: Attendant) async {
      for await event in agent.connection.events {
        switch event {
        case .offered(let session, let offer): offers.change { $0.append((session, offer)) }
        case .offerEnded(_, _, let number, let reason): ended.change { $0.append("\(number) \(reason)") }
        case .assigned(let session, agent.id, _): assigned.change { $0.append(session) }
        default: break
        }
      }
    }

    func last(of session: String) -> ConversationOffer? {
      offers.value.last { $0.session == session }?.offer
    }
  }

  private func policy(_ cluster: TestCluster, _ document: String, key: String) async throws {
    let root = try cluster.token("admin", "root")
    let (code, answer) = try await cluster.post(
      1, "/v1/policies/*/*", #"{"policy":\#(document)}"#, key: key, token: root)
    #expect(code == 200, "\(answer)")
  }

  @Test(
    "an offer is missed, declined and accepted on three nodes, the leader dies in between, and of two who say yes one has it"
  )
  func offers() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try await cluster.untilRaised(seenBy: leader)
    let (root, cleo) = (try cluster.token("admin", "root"), try cluster.token("customer", "cleo"))
    try await policy(
      cluster,
      #"{"algorithm":"least_connections","accept":"ring","ring":{"timeout_ms":8000,"misses_to_away":9}}"#,
      key: "p1")
    let others = [1, 2, 3].filter { $0 != leader }
    let bob = try Attendant(cluster, "bob", first: others[0])
    let kim = try Attendant(cluster, "kim", first: others[1])
    let (askedBob, askedKim) = (Asked(), Asked())
    let ann = try Speaker(cluster, sub: "ann", first: others[1])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [bob.connection, kim.connection, ann.connection] {
        group.addTask { try await connection.run() }
      }
      group.addTask { await askedBob.listen(bob) }
      group.addTask { await askedKim.listen(kim) }
      try await bob.connection.setStatus(.online, capacity: 1)
      let chat = try await ann.connection.open().session
      try await eventually("bob is asked, on another node than its customer's") {
        askedBob.last(of: chat)?.number == 1
      }
      #expect(askedBob.last(of: chat)?.customer == "ann")
      #expect(askedBob.last(of: chat).map { (1...8_000).contains($0.expiresInMilliseconds) } == true)
      try await kim.connection.setStatus(.online, capacity: 1)
      await #expect(throws: ClientError.self, "kim was not asked") {
        try await kim.connection.accept(chat, offer: 1)
      }
      try await eventually("bob has missed it, and kim is asked") { askedKim.last(of: chat)?.number == 2 }
      #expect(askedBob.ended.value == ["1 missed"])
      cluster.kill9(leader)
      try await kim.connection.decline(chat, offer: 2)
      try await eventually("bob is asked again") { askedBob.last(of: chat)?.number == 3 }
      // Who was asked before, over HTTP and by its own token, comes too late.
      let late = try await cluster.post(
        others[1], "/v1/sessions/\(chat)/accept", #"{"offer":2}"#, key: "late",
        token: try cluster.token("agent", "kim"))
      #expect(late.0 == 409 && late.1["code"] as? String == "taken", "\(late)")
      let explained = try await cluster.get(others[0], "/v1/sessions/\(chat)/explain", token: root)
      #expect(String(decoding: explained.1, as: UTF8.self).contains(#""offered_to":"bob""#))
      try await bob.connection.accept(chat, offer: 3)
      try await eventually("it is bob's") { askedBob.assigned.value == [chat] }
      _ = try await bob.connection.send("what may I do for you?", to: chat)
      #expect(askedKim.assigned.value.isEmpty)
      let detail = try await cluster.get(others[1], "/v1/sessions/\(chat)", token: root)
      #expect(String(decoding: detail.1, as: UTF8.self).contains(#""agents":["bob"]"#))

      // A customer without a connection is offered as well.
      let (opened, waiting) = try await cluster.post(
        others[0], "/v1/sessions", #"{"channel":"web"}"#, key: "o", token: cleo)
      let second = try #require(waiting["session"] as? String, "\(opened) \(waiting)")
      try await eventually("kim is asked for the next one") { askedKim.last(of: second)?.number == 1 }
      for connection in [bob.connection, kim.connection, ann.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  @Test("behind a chat its room is taken until the agent says that it is ready")
  func wrapUp() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try await cluster.untilRaised(seenBy: leader)
    try await policy(cluster, #"{"algorithm":"least_connections","wrap_up_ms":600000}"#, key: "p1")
    let bob = try Attendant(cluster, "bob", first: leader)
    let token = try cluster.token("agent", "bob")
    let asked = Asked()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await bob.connection.run() }
      group.addTask { await asked.listen(bob) }
      try await bob.connection.setStatus(.online, capacity: 1)
      var sessions: [String] = []
      for name in ["ann", "ben"] {
        let answer = try await cluster.post(
          leader, "/v1/sessions", #"{"channel":"web"}"#, key: "o", token: try cluster.token("customer", name))
        sessions.append(try #require(answer.1["session"] as? String, "\(answer)"))
      }
      let (first, second) = (sessions[0], sessions[1])
      try await eventually("it is bob's") { asked.assigned.value == [first] }
      try await bob.connection.close(first)
      try await eventually("bob has to do with it still") {
        let agents = try await cluster.get(leader, "/v1/agents", token: token)
        return String(decoding: agents.1, as: UTF8.self).contains(#""wrapping_up":["\#(first)"]"#)
      }
      #expect(asked.assigned.value == [first])
      let other = leader % 3 + 1
      #expect(try await cluster.post(other, "/v1/agents/ready", "{}", key: "r", token: token).0 == 200)
      try await eventually("the next one is bob's") { asked.assigned.value == [first, second] }
      await bob.connection.shutDown()
      try await group.waitForAll()
    }
  }
}
