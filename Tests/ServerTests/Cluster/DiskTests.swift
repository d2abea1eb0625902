import Foundation
import SwitchboardClient
import Testing

@Suite("A leader whose disk does nothing any more", .serialized, .timeLimit(.minutes(15)))
struct DiskTests {
  private func disturb(_ cluster: TestCluster, _ node: Int, delay: Int = 0, full: Bool = false) async throws {
    let token = try cluster.token("admin", "breaker")
    let (code, answer) = try await cluster.put(
      node, "/v1/development/disk", #"{"sync_delay_ms":\#(delay),"full":\#(full)}"#, token: token)
    #expect(code == 200, "\(answer)")
  }

  private func problems(_ cluster: TestCluster, seenBy node: Int) async -> [String: Set<String>] {
    let found = await cluster.status(node)?["problems"] as? [[String: Any]] ?? []
    return found.reduce(into: [:]) { problems, problem in
      guard let name = problem["node"] as? String, let code = problem["code"] as? String else { return }
      problems[name, default: []].insert(code)
    }
  }

  @Test(
    "a full one: it goes on trying to hand over, and gives way when the others have room; they show that it has none"
  )
  func full() async throws {
    let cluster = try TestCluster(settings: ["development": ["faults": true]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster, speakers: 3)
    try await talks.during {
      // The others first: with the leader's, writes come to an end, and a disk that is not written to is not looked at.
      let first = try await cluster.leader()
      for node in [1, 2, 3].filter({ $0 != first }) + [first] {
        try await disturb(cluster, node, full: true)
        try await eventually("node \(node) says that its disk is full") {
          await problems(cluster, seenBy: node)["node\(node)"]?.contains("disk_full") ?? false
        }
      }
      let full = try await cluster.leader()
      let others = [1, 2, 3].filter { $0 != full }
      for node in others { try await disturb(cluster, node) }
      let other = try await cluster.leader(among: others)
      #expect(other != full)
      try await talks.goOn()
      try await eventually("the others say what is wrong") {
        await problems(cluster, seenBy: other)["node\(full)"]?.contains("disk_full") ?? false
      }
      let status = await cluster.status(other)
      #expect(status?["health"] as? String == "degraded")
      #expect((status?["quorum"] as? [String: Any])?["can_lose"] as? Int == 0)
      try await disturb(cluster, full)
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }

  @Test("one that hangs: another node leads, and nothing is lost")
  func hanging() async throws {
    let cluster = try TestCluster(settings: ["development": ["faults": true]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster, speakers: 3)
    try await talks.during {
      let hanging = try await cluster.leader()
      try await disturb(cluster, hanging, delay: 10_000)
      _ = try await cluster.leader(among: [1, 2, 3].filter { $0 != hanging })
      try await talks.goOn()
      try await disturb(cluster, hanging)
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }
}
