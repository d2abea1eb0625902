import Foundation
import SwitchboardClient
import Testing

@Suite("An owner that is frozen under load", .serialized, .timeLimit(.minutes(5)))
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
    let speakers = try (0..<9).map { try Speaker(cluster, sub: "c\($0)", first: $0 < 6 ? frozen : other) }
    let enough = Shared(false)
    let sessions = Shared<[Int: String]>([:])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for speaker in speakers { group.addTask { try await speaker.connection.run() } }
      try await withThrowingTaskGroup(of: Void.self) { talks in
        for (number, speaker) in speakers.enumerated() {
          talks.addTask {
            let session = try await speaker.connection.open(skill: "billing").session
            sessions.change { $0[number] = session }
            try await speaker.talk(in: session) { enough.value }
          }
        }
        try await eventually("100 acks before") { speakers.reduce(0) { $0 + $1.acks.count } >= 100 }
        var owned: [String] = []
        for session in sessions.value.values {
          let detail = try await detail(session, on: other, cluster)
          if detail.owner == "node\(frozen)" { owned.append(session) }
          #expect(detail.epoch == 1)
        }
        #expect(!owned.isEmpty)
        // Under full load: what it was about to propose waits in it, and what is sent to it meanwhile in its sockets.
        cluster.signal(frozen, SIGSTOP)
        let thaw = ContinuousClock.now + .seconds(10)
        let before = speakers.map(\.acks.count)
        try await eventually("everybody goes on without it") {
          zip(speakers, before).allSatisfy { $0.acks.count > $1 + 20 }
        }
        try await eventually("ten seconds are over") { ContinuousClock.now >= thaw }
        for session in owned {
          let detail = try await detail(session, on: other, cluster)
          #expect(detail.owner != "node\(frozen)" && detail.epoch == 2)
        }
        cluster.signal(frozen, SIGCONT)
        try await eventually("it is back") { await cluster.status(frozen)?["health"] as? String == "ok" }
        let after = speakers.map(\.acks.count)
        try await eventually("everybody goes on") {
          zip(speakers, after).allSatisfy { $0.acks.count > $1 + 20 }
        }
        for session in owned {
          // It may have been given sessions again since; the old epoch does not come back.
          #expect(try await detail(session, on: frozen, cluster).epoch >= 2)
        }
        enough.set(true)
        try await talks.waitForAll()
      }
      for speaker in speakers { await speaker.connection.shutDown() }
      try await group.waitForAll()
    }
    let admin = try cluster.token("admin", "auditor")
    for (number, speaker) in speakers.enumerated() {
      let session = try #require(sessions.value[number])
      for node in 1...3 {
        let history = try await cluster.history(session, on: node, token: admin)
        #expect(violations(acknowledged: speaker.acks, history: history) == [], "\(session) on node \(node)")
        // One after the other, each acknowledged before the next: nothing else may have been accepted.
        #expect(history.count == speaker.acks.count)
      }
    }
  }
}
