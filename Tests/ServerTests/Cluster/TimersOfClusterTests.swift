import Foundation
import SwitchboardClient
import Testing

@Suite("Timers of three nodes", .serialized, .timeLimit(.minutes(10)))
struct TimersOfClusterTests {
  private func detail(_ cluster: TestCluster, _ node: Int, _ session: String, _ token: String) async throws
    -> [String: Any]
  {
    let (status, data) = try await cluster.get(node, "/v1/sessions/\(session)", token: token)
    guard status == 200 else { return [:] }
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  @Test("fire once although the leader dies, and what is said in time stops them")
  func fire() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try await cluster.untilRaised(seenBy: leader)
    let (root, ann) = (try cluster.token("admin", "root"), try cluster.token("customer", "ann"))
    let rules =
      #"{"queue_limit_ms":4000,"remind_ms":1000,"remind_text":"还在吗?","idle_close_ms":5000}"#
    let wrong = try await cluster.post(1, "/v1/timers", #"{"remind_ms":1000}"#, key: "0", token: root)
    #expect(wrong.0 == 400 && "\(wrong.1)".contains("remind_text"), "\(wrong)")
    #expect(try await cluster.post(1, "/v1/timers", rules, key: "1", token: ann).0 == 403)
    #expect(try await cluster.post(2, "/v1/timers", rules, key: "1", token: root).0 == 200)
    let listed = try cluster.run([
      "desk", "timers", "--json", "--url", cluster.nodes[2].url, "--secret-file", cluster.directory + "/secret",
    ])
    #expect(listed.status == 0 && listed.output.contains("还在吗?"), "\(listed.output)")

    // Nobody serves this skill.
    let (opened, waiting) = try await cluster.post(
      1, "/v1/sessions", #"{"channel":"web","skill":"tax"}"#, key: "o", token: ann)
    #expect(opened == 201, "\(waiting)")
    let lost = try #require(waiting["session"] as? String)
    let bob = try Attendant(cluster, "bob", first: leader % 3 + 1)
    let ben = try Speaker(cluster, sub: "ben", first: leader % 3 + 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [bob.connection, ben.connection] { group.addTask { try await connection.run() } }
      try await bob.connection.setStatus(.online, capacity: 1)
      let chat = try await ben.connection.open().session
      try await eventually("it is bob's") {
        (try await detail(cluster, leader % 3 + 1, chat, root))["state"] as? String == "active"
      }
      _ = try await bob.connection.send("what may I do for you?", to: chat)
      cluster.kill9(leader)
      let rest = [1, 2, 3].filter { $0 != leader }
      for node in rest {
        for (session, reason) in [(lost, "nobody was free in time"), (chat, "the customer has not answered")] {
          try await eventually("node \(node) has closed the session: \(reason)") {
            let detail = try await detail(cluster, node, session, root)
            return detail["state"] as? String == "closed" && detail["close_reason"] as? String == reason
          }
        }
        let said = try await cluster.history(chat, on: node, token: root).map(\.body)
        #expect(said == ["what may I do for you?", "还在吗?"], "the customer is reminded once")
      }
      for connection in [bob.connection, ben.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }
}
