import Foundation
import SwitchboardClient
import Testing

@Suite("Sessions that are handed on", .serialized, .timeLimit(.minutes(15)))
struct TransferTests {
  /// What one participant was told, in order.
  private final class Diary: Sendable {
    let sequences = Shared<[UInt64]>([])
    let events = Shared<[String]>([])

    func listen(_ connection: SwitchboardConnection) async {
      for await event in connection.events {
        switch event {
        case .message(let message): sequences.change { $0.append(message.sequence) }
        case .queued(_, let position, _, _): events.change { $0.append("queued \(position)") }
        case .assigned(_, let agent, _): events.change { $0.append("assigned \(agent)") }
        case .transferred(_, let from, let target): events.change { $0.append("\(from ?? "-") to \(target)") }
        default: break
        }
      }
    }
  }

  @Test(
    "from an agent on one node to one on another while the customer writes on the third: nothing is lost, and it stays so when the owner dies"
  )
  func acrossNodes() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let admin = try cluster.token("admin", "auditor")
    let customer = try Speaker(cluster, sub: "ann", first: 3)
    let bob = try Attendant(cluster, "bob", first: 1)
    let kim = try Attendant(cluster, "kim", first: 2)
    let (toldCustomer, toldBob, toldKim) = (Diary(), Diary(), Diary())
    let enough = Shared(false)
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { enough.set(true) }
      for (connection, diary) in [
        (customer.connection, toldCustomer), (bob.connection, toldBob), (kim.connection, toldKim),
      ] {
        group.addTask { try await connection.run() }
        group.addTask { await diary.listen(connection) }
      }
      try await bob.connection.setStatus(.online, capacity: 1)
      let chat = try await customer.connection.open().session
      try await kim.connection.setStatus(.online, capacity: 1)
      let isSilent = Shared(false)
      group.addTask {
        try await customer.talk(in: chat) { enough.value }
        isSilent.set(true)
      }
      @Sendable func goOn() async throws {
        let before = customer.acks.count
        try await eventually("the customer goes on") { customer.acks.count > before + 20 }
      }
      try await goOn()
      try await bob.connection.transfer(chat, to: .agent("kim"), id: "t-1")
      await #expect(throws: ClientError.self) { try await bob.connection.send("still mine?", to: chat) }
      let mine = try await kim.connection.send("mine now", to: chat).sequence
      try await bob.connection.transfer(chat, to: .agent("kim"), id: "t-1")
      try await goOn()

      let owner = try #require(try await cluster.owner(of: chat, on: 1, token: admin))
      cluster.kill9(owner)
      try await goOn()
      let mineStill = try await kim.connection.send("still mine", to: chat).sequence
      // Asked again after all that, on whichever node: it was done.
      try await bob.connection.transfer(chat, to: .agent("kim"), id: "t-1")
      try await goOn()
      enough.set(true)
      try await eventually("all that the customer says is acknowledged") { isSilent.value }

      let alive = [1, 2, 3].filter { $0 != owner }
      let end = try #require(customer.acks.keys.max())
      try await eventually("kim has all, what was said before her too") {
        Set(toldKim.sequences.value).union([mine, mineStill]).isSuperset(of: 1...end)
      }
      #expect(toldKim.sequences.value == toldKim.sequences.value.sorted(), "in order, each once")
      #expect(Set(toldKim.sequences.value).count == toldKim.sequences.value.count)
      let bobs = toldBob.sequences.value
      #expect(bobs == Array(1...UInt64(bobs.count)) && UInt64(bobs.count) < mine)
      for diary in [toldCustomer, toldBob] {
        #expect(diary.events.value.filter { $0.contains(" to ") } == ["bob to agent(\"kim\")"])
      }
      #expect(toldCustomer.events.value.contains("assigned kim"))
      for node in alive {
        let history = try await cluster.history(chat, on: node, token: admin)
        #expect(violations(acknowledged: customer.acks, history: history) == [])
        try await eventually("node \(node) says that kim has it") {
          let lines = await cluster.agents(seenBy: node, token: admin) ?? []
          return lines.map(\.id) == ["bob", "kim"] && lines.map(\.chats) == [[], [chat]]
        }
      }
      for connection in [customer.connection, bob.connection, kim.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  @Test(
    "to a skill: it waits at its place until somebody has room; who may not is told so, and nothing changes")
  func toSkill() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let customer = try Speaker(cluster, sub: "ann", first: 3)
    let bob = try Attendant(cluster, "bob", first: 1)
    let kim = try Attendant(cluster, "kim", first: 2)
    let told = Diary()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [customer.connection, bob.connection, kim.connection] {
        group.addTask { try await connection.run() }
      }
      group.addTask { await told.listen(customer.connection) }
      try await bob.connection.setStatus(.online, skills: ["tax"], capacity: 1)
      let chat = try await customer.connection.open(skill: "tax").session
      try await kim.connection.setStatus(.away, skills: ["law"], capacity: 1)
      func code(
        _ connection: SwitchboardConnection, _ target: TransferTarget, _ session: String
      ) async -> String {
        do {
          try await connection.transfer(session, to: target)
          return "ok"
        } catch ClientError.refused(let code, _) { return code } catch { return "\(error)" }
      }
      #expect(await code(customer.connection, .agent("kim"), chat) == "forbidden")
      #expect(await code(kim.connection, .agent("kim"), chat) == "forbidden")
      #expect(await code(bob.connection, .agent("kim"), chat) == "busy")
      #expect(await code(bob.connection, .agent("nobody"), chat) == "not_found")
      #expect(await code(bob.connection, .agent("kim"), "4096000000") == "not_found")
      try await customer.say("to bob", in: chat)
      #expect(told.events.value == [])
      try await bob.connection.transfer(chat, toSkill: "law")
      try await kim.connection.setStatus(.online)
      try await eventually("kim serves it") {
        told.events.value == ["bob to skill(\"law\")", "queued 1", "assigned kim"]
      }
      _ = try await kim.connection.send("to ann", to: chat)
      try await customer.connection.close(chat)
      #expect(await code(kim.connection, .agent("bob"), chat) == "session_closed")
      for connection in [customer.connection, bob.connection, kim.connection] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }
}

extension TestCluster {
  /// The number of the node that owns a session.
  func owner(of session: String, on node: Int, token: String) async throws -> Int? {
    struct Answer: Decodable { var owner: String }
    let (code, data) = try await get(node, "/v1/sessions/\(session)", token: token)
    guard code == 200 else { throw TestFailure("session \(session) on node \(node): \(code)") }
    let owner = try JSONDecoder().decode(Answer.self, from: data).owner
    return nodes.first { owner == "node\($0.number)" }?.number
  }
}
