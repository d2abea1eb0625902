import Foundation
import SwitchboardClient
import Testing

@Suite("A team and a conversation", .serialized, .timeLimit(.minutes(10)))
struct TeamTests {
  private func object(_ answer: (Int, Data)) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: answer.1) as? [String: Any] ?? [:]
  }

  private func parts(_ cluster: TestCluster, _ node: Int, _ path: String, _ token: String) async throws
    -> [String]
  {
    let answer = try object(try await cluster.get(node, path + "/participants", token: token))
    let people = answer["participants"] as? [[String: Any]] ?? []
    return people.map { "\($0["user"] ?? "?") \($0["part"] ?? "?")" }
  }

  @Test(
    "notes, guests and those who watch are there on every node when the owner is lost, and no customer learns of them"
  )
  func team() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try await cluster.untilRaised(seenBy: leader)
    let ann = try cluster.token("customer", "ann")
    let (asBob, asKim) = (try cluster.token("agent", "bob"), try cluster.token("agent", "kim"))
    let asLead = try cluster.token("supervisor", "lead")
    let bob = try Attendant(cluster, "bob", first: 1)
    let kim = try Attendant(cluster, "kim", first: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [bob.connection, kim.connection] { group.addTask { try await connection.run() } }
      let (status, opened) = try await cluster.post(
        3, "/v1/sessions", #"{"channel":"web"}"#, key: "o", token: ann)
      #expect(status == 201, "\(opened)")
      let session = try #require(opened["session"] as? String)
      let path = "/v1/sessions/\(session)"
      try await bob.connection.setStatus(.online, capacity: 1)
      try await kim.connection.setStatus(.online, capacity: 1)
      try await eventually("it is bob's") {
        (try await parts(cluster, 1, path, asLead)) == ["ann customer", "bob serving"]
      }
      let taken = try await cluster.post(2, path + "/claim", "{}", key: "c", token: asKim)
      #expect(taken.0 == 409 && taken.1["code"] as? String == "taken", "\(taken)")
      let invited = try await cluster.post(1, path + "/invite", #"{"agent":"kim"}"#, key: "i", token: asBob)
      #expect(invited.0 == 200, "\(invited)")
      let note = #"{"body":"has called twice already"}"#
      for (node, token, key) in [(1, asBob, "n1"), (2, asKim, "n2"), (3, asBob, "n1")] {
        let written = try await cluster.post(node, path + "/notes", note, key: key, token: token)
        #expect(written.0 < 300, "\(written)")
      }
      #expect(try await cluster.post(3, path + "/notes", note, key: "n3", token: ann).0 == 403)
      #expect(try await cluster.post(3, path + "/watch", "{}", key: "w", token: asLead).0 == 200)
      let said = try await cluster.post(
        2, path + "/messages", #"{"body":"I am here too"}"#, key: "m", token: asKim)
      #expect(said.0 == 201 && said.1["seq"] as? Int == 1, "a note takes no number of a message: \(said)")

      let owner = try #require(try await cluster.owner(of: session, on: 1, token: asLead))
      cluster.kill9(owner)
      for node in [1, 2, 3] where node != owner {
        try await eventually("node \(node) has the notes, once each") {
          let answer = try? await cluster.get(node, path + "/notes", token: asKim)
          guard let answer, answer.0 == 200 else { return false }
          return (try object(answer)["notes"] as? [[String: Any]] ?? []).compactMap { $0["seq"] as? Int } == [
            1, 2,
          ]
        }
        #expect(
          Set(try await parts(cluster, node, path, asLead)) == [
            "ann customer", "bob serving", "kim invited", "lead watching",
          ])
        #expect(!(try await parts(cluster, node, path, ann)).contains { $0.contains("lead") })
        #expect(try await cluster.get(node, path + "/notes", token: ann).0 == 403)
        #expect(try await cluster.history(session, on: node, token: ann).map(\.body) == ["I am here too"])
      }
      let last = owner == 1 ? 2 : 1
      #expect(try await cluster.post(last, path + "/leave", "{}", key: "l", token: asBob).0 == 200)
      #expect(
        Set(try await parts(cluster, last, path, asLead)) == ["ann customer", "kim serving", "lead watching"],
        "whoever is invited serves when the one who served has left")
      for connection in [bob.connection, kim.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }
}
