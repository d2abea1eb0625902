import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Nodes that are emptied before they stop.
@Suite("Nodes are drained", .serialized, .timeLimit(.minutes(15)))
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
        #expect(try await cluster.exitCode(node) == 0)
        #expect(cluster.log(node).contains("this node is drained"))
        try cluster.start(node)
        try await eventually("all is well again") {
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

  @Test("two drained nodes with nobody else do not hand leadership to each other: the one that has it keeps it")
  func twoDrained() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let rest = [1, 2, 3].filter { $0 != leader }
    cluster.kill9(rest[1])
    #expect(try cluster.control("drain", "node\(rest[0])").status == 0)
    #expect(try cluster.control("drain", "node\(leader)").status == 0)
    // So many looks that find the same term: a storm of transfers has dozens of terms a second.
    let seen = Shared(0)
    let term = Shared(0)
    try await eventually("the term stays what it is") {
      guard let now = await cluster.status(leader)?["term"] as? Int else { return false }
      seen.set(now == term.value ? seen.value + 1 : 0)
      term.set(now)
      return seen.value > 100
    }
    let (output, status) = try cluster.control("transfer", "node\(rest[0])")
    #expect(status != 0 && output.contains("is drained"), "\(output)")
    // With one that wants to lead, it goes there by itself.
    #expect(try cluster.control("drain", "node\(rest[0])", "--undo").status == 0)
    try await eventually("the one that is not drained leads") {
      await cluster.status(leader)?["leader"] as? String == "node\(rest[0])"
    }
  }
}
