import Foundation
import SwitchboardClient
import Testing

@Suite("A leader that is cut off from the others", .serialized, .timeLimit(.minutes(15)))
struct CutTests {
  /// What a node is asked for over `PUT /v1/development/...`.
  private func ask(_ cluster: TestCluster, _ node: Int, _ path: String, _ json: String) async throws {
    let token = try cluster.token("admin", "breaker")
    let (code, answer) = try await cluster.put(node, "/v1/development/" + path, json, token: token)
    #expect(code == 200, "\(answer)")
  }

  @Test(
    "the others go on, it makes nobody believe anything, and those who listened at it hear the rest elsewhere",
    arguments: ["both", "in", "out"])
  func leader(direction: String) async throws {
    let cluster = try TestCluster(settings: ["development": ["faults": true]])
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let others = [1, 2, 3].filter { $0 != leader }
    // The agent is at the leader and says nothing: nothing but the node itself can tell it to go.
    let agent = SwitchboardConnection(
      settings: ClientSettings(urls: ([leader] + others).map { cluster.nodes[$0 - 1].url })
    ) { [token = try cluster.token("agent", "anna")] in token }
    let speaker = try Speaker(cluster, sub: "ben", first: others[0])
    let heard = Shared<[String]>([])
    let places = Shared<[String]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await agent.run() }
      group.addTask { try await speaker.connection.run() }
      group.addTask {
        for await event in agent.events {
          if case .message(let message) = event { heard.change { $0.append(message.body) } }
          if case .connected(_, let url, _) = event { places.change { $0.append(url) } }
        }
      }
      try await agent.setStatus(.online, skills: ["billing"], capacity: 2)
      let session = try await speaker.connection.open(skill: "billing").session
      try await speaker.say("before", in: session)
      try await eventually("the agent hears") { heard.value == ["before"] }
      let names = others.map { "\"node\($0)\"" }.joined(separator: ",")
      try await ask(cluster, leader, "partition", #"{"nodes":[\#(names)],"direction":"\#(direction)"}"#)
      try await speaker.say("during", in: session)
      _ = try await cluster.leader(among: others)
      try await eventually("the agent hears at another node what was said meanwhile") {
        heard.value == ["before", "during"] && places.value.count > 1
      }
      #expect(places.value[0] == cluster.nodes[leader - 1].url)
      try await ask(cluster, leader, "partition", #"{"nodes":[]}"#)
      try await speaker.say("after", in: session)
      try await eventually("all is well") { await cluster.status(leader)?["health"] as? String == "ok" }
      let admin = try cluster.token("admin", "auditor")
      for node in 1...3 {
        let history = try await cluster.history(session, on: node, token: admin)
        #expect(violations(acknowledged: speaker.acks, history: history) == [])
        #expect(history.map(\.body) == ["before", "during", "after"])
      }
      await agent.shutDown()
      await speaker.connection.shutDown()
      try await group.waitForAll()
    }
  }
}
