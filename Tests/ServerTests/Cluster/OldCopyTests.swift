import Foundation
import Testing

/// A copy of a data directory comes back, under real processes.
@Suite("An old copy of a data directory", .serialized, .timeLimit(.minutes(15)))
struct OldCopyTests {
  @Test(
    "that is put back is found out: the node ends and stays down, all others say so, and rebuild brings it back"
  )
  func putBack() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    for victim in [leader % 3 + 1, leader] {
      let data = cluster.directory + "/data\(victim)"
      let copy = cluster.directory + "/copy\(victim)"
      let talks = try Talks(cluster, speakers: 3)
      try await talks.during {
        try await talks.goOn()
        // As `cp -r` makes one of a node that runs.
        try FileManager.default.copyItem(atPath: data, toPath: copy)
        let before = await cluster.applied(victim, seenBy: victim) ?? 0
        for other in [1, 2, 3] where other != victim {
          try await eventually("node \(other) has heard of more") {
            await cluster.applied(victim, seenBy: other) ?? 0 > before + 20
          }
        }
        cluster.kill9(victim)
        try FileManager.default.removeItem(atPath: data)
        try FileManager.default.moveItem(atPath: copy, toPath: data)
        try cluster.start(victim)
        #expect(try await cluster.exitCode(victim) != 0)
        #expect(cluster.log(victim).contains("old copy"), "\(cluster.log(victim).suffix(2_000))")
        for other in [1, 2, 3] where other != victim {
          try await eventually("node \(other) says that node \(victim) has an old copy") {
            await cluster.problems(seenBy: other)["node\(victim)"]?.contains("old_copy") ?? false
          }
          let status = await cluster.status(other)
          #expect(status?["health"] as? String == "degraded")
          #expect((status?["quorum"] as? [String: Any])?["can_lose"] as? Int == 0)
        }
        // It is of no use to start it again.
        try cluster.start(victim)
        #expect(try await cluster.exitCode(victim) != 0)
        #expect(cluster.log(victim).contains("has stopped for good"))
        let (output, status) = try cluster.run(["rebuild", "--data", data], complaints: true)
        #expect(status == 0, "\(output)")
        try cluster.start(victim)
        try await eventually("all vote, and nothing is wrong") {
          let status = await cluster.status(leader % 3 + 1)
          return status?["health"] as? String == "ok"
        }
      }
      try await talks.expectNothingLost(on: [1, 2, 3])
    }
  }
}

extension TestCluster {
  /// The codes of the problems that a node shows, by the node that each is about.
  func problems(seenBy node: Int) async -> [String: Set<String>] {
    let found = await status(node)?["problems"] as? [[String: Any]] ?? []
    return found.reduce(into: [:]) { problems, problem in
      guard let name = problem["node"] as? String, let code = problem["code"] as? String else { return }
      problems[name, default: []].insert(code)
    }
  }

  /// How far a node has told another one that it is.
  func applied(_ number: Int, seenBy node: Int) async -> Int? {
    await members(seenBy: node)["node\(number)"]?["applied_index"] as? Int
  }

  func canLose(seenBy node: Int) async -> Int? {
    (await status(node)?["quorum"] as? [String: Any])?["can_lose"] as? Int
  }
}
