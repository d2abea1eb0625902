import Foundation
import SwitchboardClient
import Testing

@Suite("An owner that is frozen under load", .serialized, .timeLimit(.minutes(15)))
struct FrozenOwnerTests {
  private struct Detail: Decodable {
    var owner: String
    var epoch: UInt64
  }

  private func detail(_ session: String, on node: Int, _ cluster: TestCluster) async throws -> Detail {
    let (code, data) = try await cluster.get(
      node, "/v1/sessions/\(session)", token: try cluster.token("admin", "auditor"))
    #expect(code == 200)
    return try JSONDecoder().decode(Detail.self, from: data)
  }

  @Test(
    "for ten seconds, and let go: its sessions belong to others, and what it still had to say is said once, by them"
  )
  func tenSeconds() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    // Not the leader: nothing but the epoch stands between this owner and its sessions.
    let frozen = [1, 2, 3].first { $0 != leader } ?? 1
    let other = [1, 2, 3].first { $0 != leader && $0 != frozen } ?? 3
    let talks = try Talks(cluster, speakers: 9)
    try await talks.during {
      var owned: [String] = []
      for session in talks.sessionIDs {
        let detail = try await detail(session, on: other, cluster)
        if detail.owner == "node\(frozen)" { owned.append(session) }
        #expect(detail.epoch == 1)
      }
      #expect(!owned.isEmpty)
      // Under full load: what it was about to propose waits in it, and what is sent to it meanwhile in its sockets.
      cluster.signal(frozen, SIGSTOP)
      let thaw = ContinuousClock.now + .seconds(10)
      try await talks.goOn()
      try await eventually("ten seconds are over") { ContinuousClock.now >= thaw }
      for session in owned {
        let detail = try await detail(session, on: other, cluster)
        #expect(detail.owner != "node\(frozen)" && detail.epoch == 2)
      }
      cluster.signal(frozen, SIGCONT)
      try await eventually("it is back") { await cluster.status(frozen)?["health"] as? String == "ok" }
      try await talks.goOn()
      for session in owned {
        // It may have been given sessions again since; the old epoch does not come back.
        #expect(try await detail(session, on: frozen, cluster).epoch >= 2)
      }
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }
}
