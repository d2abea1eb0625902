import Foundation
import SwitchboardClient
import Testing

@Suite("A conversation across nodes", .serialized, .timeLimit(.minutes(15)))
struct ConversationTests {
  @Test("a customer on one node and an agent on another talk, and a third node has the history")
  func customerAndAgent() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let customer = try Speaker(cluster, sub: "ann", first: 1)
    let agentToken = try cluster.token("agent", "bob")
    let agent = SwitchboardConnection(settings: ClientSettings(urls: [cluster.nodes[1].url])) { agentToken }
    let heardByAgent = Shared<[ChatMessage]>([])
    let heardByCustomer = Shared<[ChatMessage]>([])
    let assigned = Shared<[String]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await customer.connection.run() }
      group.addTask { try await agent.run() }
      group.addTask {
        for await event in agent.events {
          if case .message(let message) = event { heardByAgent.change { $0.append(message) } }
          if case .assigned(let session, _, _) = event { assigned.change { $0.append(session) } }
        }
      }
      group.addTask {
        for await event in customer.connection.events {
          if case .message(let message) = event { heardByCustomer.change { $0.append(message) } }
        }
      }
      // The customer comes first and waits; what is said meanwhile reaches the agent with the assignment.
      let chat = try await customer.connection.open(skill: "billing")
      #expect(chat.state == "queued")
      #expect(chat.position == 1)
      try await customer.say("hello", in: chat.session)
      try await agent.setStatus(.online, skills: ["billing"], capacity: 2)
      try await eventually("the agent is told of the chat") { assigned.value == [chat.session] }
      try await eventually("the agent hears what was said before") {
        heardByAgent.value.map(\.body) == ["hello"]
      }
      let answer = try await agent.send("how can I help?", to: chat.session)
      #expect(answer.sequence == 2)
      try await eventually("the customer hears the agent") {
        heardByCustomer.value.map(\.body) == ["how can I help?"]
      }
      #expect(heardByCustomer.value.first?.from == "bob")
      let token = try cluster.token("supervisor", "eve")
      let history = try await cluster.history(chat.session, on: 3, token: token)
      #expect(history.map(\.body) == ["hello", "how can I help?"])
      let stranger = try cluster.token("customer", "mallory")
      let (code, _) = try await cluster.get(3, "/v1/sessions/\(chat.session)/messages", token: stranger)
      #expect(code == 403)
      try await customer.connection.close(chat.session, reason: "done")
      await #expect(throws: ClientError.self) { try await agent.send("too late", to: chat.session) }
      await customer.connection.shutDown()
      await agent.shutDown()
      try await group.waitForAll()
    }
  }

  @Test(
    "typing and reading reach the others on other nodes, the other connections of the same person too, and not the log"
  )
  func signals() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let first = try Speaker(cluster, sub: "ann", first: 1)
    let second = try Speaker(cluster, sub: "ann", first: 2)
    let agentToken = try cluster.token("agent", "bob")
    let agent = SwitchboardConnection(settings: ClientSettings(urls: [cluster.nodes[2].url])) { agentToken }
    let seen = Shared<[String: Set<String>]>([:])
    @Sendable func listen(_ name: String, _ connection: SwitchboardConnection) async {
      for await event in connection.events {
        switch event {
        case .typing(_, let by, _, let isOn):
          seen.change { $0[name, default: []].insert("\(by) types \(isOn)") }
        case .read(_, let by, let sequence):
          seen.change { $0[name, default: []].insert("\(by) read \(sequence)") }
        default: break
        }
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (name, connection) in [("first", first.connection), ("second", second.connection), ("agent", agent)] {
        group.addTask { try await connection.run() }
        group.addTask { await listen(name, connection) }
      }
      try await agent.setStatus(.online, skills: ["billing"], capacity: 2)
      let chat = try await first.connection.open(skill: "billing")
      try await first.say("hello", in: chat.session)
      _ = try await second.connection.join(chat.session)
      // Signals may get lost, so they are given again until they are seen.
      try await eventually("the agent's reading and typing is seen by both connections of the customer") {
        await agent.read(upTo: 1, in: chat.session)
        await agent.typing(true, in: chat.session)
        return ["first", "second"].allSatisfy {
          seen.value[$0]?.isSuperset(of: ["bob read 1", "bob types true"]) == true
        }
      }
      try await eventually("the customer's typing is seen by the agent and by the other connection") {
        await first.connection.typing(true, in: chat.session)
        return ["agent", "second"].allSatisfy { seen.value[$0]?.contains("ann types true") == true }
      }
      #expect(
        seen.value["first"]?.contains("ann types true") != true, "the connection it came from is not told")
      #expect(seen.value["agent"]?.contains("bob read 1") != true)
      let history = try await cluster.history(chat.session, on: 1, token: try cluster.token("admin", "eve"))
      #expect(history.map(\.body) == ["hello"])
      for connection in [first.connection, second.connection, agent] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  @Test("the same open and the same message sent again on another node are the same")
  func repeatedElsewhere() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let here = try Speaker(cluster, sub: "ann", first: 1)
    let there = try Speaker(cluster, sub: "ann", first: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await here.connection.run() }
      group.addTask { try await there.connection.run() }
      let first = try await here.connection.open(id: "open-1")
      let again = try await there.connection.open(id: "open-1")
      #expect(first.session == again.session)
      let said = try await here.connection.send("once", to: first.session, id: "m-1")
      let repeated = try await there.connection.send("once", to: first.session, id: "m-1")
      #expect(said.sequence == repeated.sequence)
      #expect(said.time == repeated.time)
      await here.connection.shutDown()
      await there.connection.shutDown()
      try await group.waitForAll()
    }
  }
}
