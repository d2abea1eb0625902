import Foundation
import SwitchboardClient
import Testing

/// What becomes of the chats of agents whose node dies.
@Suite("Agents of a node that dies", .serialized, .timeLimit(.minutes(15)))
struct AgentFailOverTests {
  @Test("an agent who comes back on another node in time keeps the chat, though somebody else is free")
  func comesBack() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let home = leader % 3 + 1
    let admin = try cluster.token("admin", "auditor")
    let customer = try Speaker(cluster, sub: "ann", first: leader)
    let bob = try Attendant(cluster, "bob", first: home)
    let kim = try Attendant(cluster, "kim", first: leader)
    let places = Places()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await customer.connection.run() }
      group.addTask { try await bob.connection.run() }
      group.addTask { try await kim.connection.run() }
      group.addTask { await places.listen(customer.connection) }
      group.addTask { await bob.listen() }
      try await bob.connection.setStatus(.online, skills: ["billing"], capacity: 2)
      let opened = try await customer.connection.open(skill: "billing")
      #expect(opened.agents == ["bob"])
      let chat = opened.session
      try await kim.connection.setStatus(.online, skills: ["billing"], capacity: 2)
      cluster.kill9(home)
      try await eventually("bob is present on another node alone") {
        let line = await cluster.agents(seenBy: leader, token: admin)?.first { $0.id == "bob" }
        return line?.status == "online" && line?.nodes.count == 1 && line?.nodes != ["node\(home)"]
      }
      _ = try await bob.connection.send("here again", to: chat)
      let lines = await cluster.agents(seenBy: leader, token: admin) ?? []
      #expect(lines.first { $0.id == "bob" }?.chats == [chat])
      #expect(lines.first { $0.id == "kim" }?.chats == [])
      #expect(places.all == [])
      for connection in [customer.connection, bob.connection, kim.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  @Test("the chats of an agent who stays away go to another one, once, and the first in line first")
  func staysAway() async throws {
    let cluster = try TestCluster(settings: ["desk": ["agent_grace_ms": 400]])
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let home = leader % 3 + 1
    let admin = try cluster.token("admin", "auditor")
    let first = try Speaker(cluster, sub: "ann", first: leader)
    let second = try Speaker(cluster, sub: "cy", first: leader)
    let bob = try Attendant(cluster, "bob", first: home, staysWith: true)
    let kim = try Attendant(cluster, "kim", first: leader)
    let places = [Places(), Places()]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [first.connection, second.connection, bob.connection, kim.connection] {
        group.addTask { try await connection.run() }
      }
      group.addTask { await places[0].listen(first.connection) }
      group.addTask { await places[1].listen(second.connection) }
      group.addTask { await bob.listen() }
      group.addTask { await kim.listen() }
      try await bob.connection.setStatus(.online, skills: ["billing"], capacity: 2)
      let opened = [
        try await first.connection.open(skill: "billing"), try await second.connection.open(skill: "billing"),
      ]
      #expect(opened.map(\.agents) == [["bob"], ["bob"]])
      let chats = opened.map(\.session)
      try await kim.connection.setStatus(.online, skills: ["billing"], capacity: 1)
      cluster.kill9(home)
      try await eventually("the first has another agent, the second waits") {
        places.map(\.all) == [["kim"], ["queued"]]
      }
      // Back too late: the node knows nothing of the chats, and one of them waits for somebody.
      try cluster.start(home)
      try await eventually("bob gets what waits") { places[1].all == ["queued", "bob"] }
      await #expect(throws: ClientError.self) { try await bob.connection.send("still mine?", to: chats[0]) }
      _ = try await kim.connection.send("mine now", to: chats[0])
      #expect(places[0].all == ["kim"])
      #expect(kim.assignments.value.map(\.session) == [chats[0]])
      let lines = await cluster.agents(seenBy: leader, token: admin) ?? []
      #expect(lines.map(\.chats) == [[chats[1]], [chats[0]]])
      for connection in [first.connection, second.connection, bob.connection, kim.connection] {
        await connection.shutDown()
      }
      try await group.waitForAll()
    }
  }

  @Test(
    "who says offline keeps its chats for the same time, hears that they are gone, and hears no more of them")
  func saysOffline() async throws {
    let cluster = try TestCluster(settings: ["desk": ["agent_grace_ms": 300]])
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let customer = try Speaker(cluster, sub: "ann", first: leader)
    let bob = try Attendant(cluster, "bob", first: leader)
    let kim = try Attendant(cluster, "kim", first: leader % 3 + 1)
    let heard = Shared<[String]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [customer.connection, bob.connection, kim.connection] {
        group.addTask { try await connection.run() }
      }
      let gone = Shared(false)
      group.addTask {
        for await event in bob.connection.events {
          if case .message(let message) = event { heard.change { $0.append(message.body) } }
          if case .assigned(_, "kim", _) = event { gone.set(true) }
        }
      }
      group.addTask { await kim.listen() }
      try await bob.connection.setStatus(.online, capacity: 1)
      let chat = try await customer.connection.open().session
      try await customer.say("to bob", in: chat)
      try await eventually("bob hears it") { heard.value == ["to bob"] }
      try await kim.connection.setStatus(.online, capacity: 1)
      try await bob.connection.setStatus(.offline)
      try await eventually("bob is told that it is kim's") { gone.value }
      try await customer.say("to kim alone", in: chat)
      // An answer on bob's own connection: whatever came before it has arrived.
      await #expect(throws: ClientError.self) { try await bob.connection.send("still here", to: chat) }
      #expect(heard.value == ["to bob"])
      for connection in [customer.connection, bob.connection, kim.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }
}
