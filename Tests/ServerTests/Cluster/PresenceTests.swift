import Foundation
import SwitchboardClient
import Testing

@Suite("Who is connected", .serialized, .timeLimit(.minutes(15)))
struct PresenceTests {
  /// What one connection was told of others, in order: "+ann customer", "-ann customer".
  private final class Present: Sendable {
    private let told = Shared<[String]>([])
    var all: [String] { told.value }

    func listen(_ connection: SwitchboardConnection) async {
      for await event in connection.events {
        guard case .presence(_, let user, _, let role, let isOnline) = event else { continue }
        told.change { $0.append("\(isOnline ? "+" : "-")\(user) \(role)") }
      }
    }
  }

  private func connection(_ cluster: TestCluster, _ role: String, _ id: String, on node: Int) throws
    -> SwitchboardConnection
  {
    let token = try cluster.token(role, id)
    return SwitchboardConnection(
      settings: ClientSettings(urls: [cluster.nodes[node - 1].url], discoversNodes: false)
    ) { token }
  }

  @Test("an agent sees the customer on another node go, and come back on a third; who looks on is not seen")
  func comesAndGoes() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let customer = try connection(cluster, "customer", "ann", on: 1)
    let elsewhere = try connection(cluster, "customer", "ann", on: 3)
    let agent = try connection(cluster, "agent", "bob", on: 2)
    let supervisor = try connection(cluster, "supervisor", "eve", on: 3)
    let seen = (customer: Present(), elsewhere: Present(), agent: Present(), supervisor: Present())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (connection, present) in [
        (customer, seen.customer), (agent, seen.agent), (supervisor, seen.supervisor),
      ] {
        group.addTask { try await connection.run() }
        group.addTask { await present.listen(connection) }
      }
      try await agent.setStatus(.online, skills: ["billing"], capacity: 2)
      let chat = try await customer.open(skill: "billing").session
      try await eventually("both see each other") {
        seen.agent.all == ["+ann customer"] && seen.customer.all == ["+bob agent"]
      }
      _ = try await supervisor.join(chat)
      try await eventually("who looks on sees both") {
        seen.supervisor.all.sorted() == ["+ann customer", "+bob agent"]
      }
      await customer.shutDown()
      try await eventually("the customer is seen to go") {
        seen.agent.all == ["+ann customer", "-ann customer"]
      }
      group.addTask { try await elsewhere.run() }
      group.addTask { await seen.elsewhere.listen(elsewhere) }
      _ = try await elsewhere.join(chat)
      try await eventually("the customer is seen to come back") {
        seen.agent.all == ["+ann customer", "-ann customer", "+ann customer"]
          && seen.elsewhere.all == ["+bob agent"]
      }
      #expect(seen.customer.all == ["+bob agent"])
      let admin = try cluster.token("admin", "auditor")
      #expect(try await cluster.history(chat, on: 1, token: admin).isEmpty, "nothing of it is in the log")
      for connection in [elsewhere, agent, supervisor] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  @Test("the owner's node dies: its people are seen to go, and who is there still is not told anew")
  func nodeDies() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    // The owner of a session is the node where it was opened, as long as none is clearly emptier.
    let customer = try connection(cluster, "customer", "ann", on: 1)
    let agent = try connection(cluster, "agent", "bob", on: 2)
    let other = try connection(cluster, "agent", "bob", on: 3)
    let seen = (agent: Present(), other: Present())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await customer.run() }
      for (connection, present) in [(agent, seen.agent), (other, seen.other)] {
        group.addTask { try await connection.run() }
        group.addTask { await present.listen(connection) }
        try await connection.setStatus(.online, skills: ["billing"], capacity: 2)
      }
      let chat = try await customer.open(skill: "billing").session
      for connection in [agent, other] { _ = try await connection.join(chat) }
      try await eventually("the agent sees the customer on both connections") {
        seen.agent.all.last == "+ann customer" && seen.other.all.last == "+ann customer"
      }
      cluster.kill9(1)
      try await eventually("the customer is seen to go") {
        seen.agent.all.last == "-ann customer" && seen.other.all.last == "-ann customer"
      }
      #expect(!(seen.agent.all + seen.other.all).contains { $0.contains("bob") })
      for connection in [customer, agent, other] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  @Test("who polls over HTTP, at any node, stays in the line from which one who has left is taken")
  func polls() async throws {
    let cluster = try TestCluster(settings: ["desk": ["queue_grace_ms": 500]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let (ann, admin) = (try cluster.token("customer", "ann"), try cluster.token("admin", "root"))
    @Sendable func state(_ session: String, _ node: Int, _ token: String) async throws -> [String: Any] {
      let (_, data) = try await cluster.get(node, "/v1/sessions/\(session)", token: token)
      return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
    let (status, opened) = try await cluster.post(1, "/v1/sessions", #"{"skill":"tax"}"#, key: "o", token: ann)
    #expect(status == 201, "\(opened)")
    let session = try #require(opened["session"] as? String)
    // Later than that one, so gone later as well.
    let eve = try connection(cluster, "customer", "eve", on: 2)
    let left = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await eve.run() }
      let left = try await eve.open(skill: "tax").session
      await eve.shutDown()
      group.cancelAll()
      return left
    }
    let node = Shared(1)
    try await eventually("who has left is taken from the line") {
      node.set(node.value % 3 + 1)
      _ = try await state(session, node.value, ann)
      return try await state(left, 1, admin)["close_reason"] as? String == "the customer left while waiting"
    }
    let detail = try await state(session, 1, admin)
    #expect(detail["state"] as? String == "queued", "\(detail)")
    #expect(detail["customer_away"] as? Bool != true, "\(detail)")
  }
}
