import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Nodes that are emptied before they stop.
@Suite("Nodes are drained", .serialized, .timeLimit(.minutes(5)))
struct DrainTests {
  @Test("all nodes are restarted one after the other under load, and nothing is lost")
  func rollingRestart() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster, speakers: 6)
    try await talks.during {
      for node in 1...3 {
        cluster.signal(node, SIGTERM)
        #expect(try await cluster.exitCode(node, within: 30) == 0)
        #expect(cluster.log(node).contains("this node is drained"))
        try cluster.start(node)
        try await eventually("all is well again", within: 30) {
          for other in 1...3 where await cluster.status(other)?["health"] as? String != "ok" { return false }
          return true
        }
        try await talks.goOn()
      }
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }

  @Test("a drained leader leads no more, owns nothing and has no clients, and takes them again when told")
  func drainAndBack() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let talks = try Talks(cluster, speakers: 6)
    try await talks.during {
      let (output, status) = try cluster.control("drain", "node\(leader)")
      #expect(status == 0, "\(output)")
      #expect(await cluster.status(leader)?["leader"] as? String != "node\(leader)")
      let other = leader % 3 + 1
      try await eventually("it has no clients and no sessions") {
        guard let load = await cluster.members(seenBy: other)["node\(leader)"]?["load"] as? [String: Any] else {
          return false
        }
        return load["connections"] as? Int == 0 && load["sessions"] as? Int == 0
      }
      try await talks.goOn()
      #expect(try cluster.control("drain", "node\(leader)", "--undo").status == 0)
      #expect(try cluster.control("transfer", "node\(leader)").status == 0)
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }
}
