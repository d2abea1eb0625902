import SwitchboardClient
import Testing

@Suite("A program in Swift says what a conversation has to be", .serialized, .timeLimit(.minutes(10)))
struct ConditionTests {
  @Test("of two who hand the same on, one does; who was first and asks again is told that it is done")
  func race() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let customer = try Speaker(cluster, sub: "ann", first: 1)
    let (sue, tom) = (try supervisor(cluster, "sue", at: 2), try supervisor(cluster, "tom", at: 3))
    let token = try cluster.token("supervisor", "sue")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in [customer.connection, sue, tom] { group.addTask { try await connection.run() } }
      let chat = try await customer.connection.open(skill: "tax").session
      let tag = try await cluster.tag(1, "/v1/sessions/\(chat)", token: token)
      try await sue.transfer(chat, to: .skill("law"), expecting: tag, id: "first")
      #expect(
        await refusal { try await tom.transfer(chat, to: .skill("tea"), expecting: tag) }
          == "precondition_failed")
      #expect(await refusal { try await tom.close(chat, expecting: tag) } == "precondition_failed")
      try await sue.transfer(chat, to: .skill("law"), expecting: tag, id: "first")

      let newer = try await cluster.tag(2, "/v1/sessions/\(chat)", token: token)
      #expect(newer.prefix(17) != tag.prefix(17))
      #expect(await refusal { try await tom.close(chat, expecting: "no tag") } == "bad_frame")
      try await tom.close(chat, reason: "done", expecting: newer)
      for connection in [customer.connection, sue, tom] { await connection.shutDown() }
      try await group.waitForAll()
    }
  }

  private func supervisor(_ cluster: TestCluster, _ sub: String, at node: Int) throws -> SwitchboardConnection {
    let token = try cluster.token("supervisor", sub)
    return SwitchboardConnection(settings: ClientSettings(urls: [cluster.nodes[node - 1].url])) { token }
  }

  /// nil: it was not refused.
  private func refusal(of work: () async throws -> Void) async -> String? {
    do { try await work() } catch ClientError.refused(let code, _) { return code } catch { return "\(error)" }
    return nil
  }
}
