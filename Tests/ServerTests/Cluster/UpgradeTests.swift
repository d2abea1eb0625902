import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Real processes of two releases in one cluster: the one before this and this one.
@Suite("A cluster is upgraded while it serves", .serialized, .timeLimit(.minutes(30)))
struct UpgradeTests {
  /// Many snapshots, so that each release reads those of the other.
  private static var settings: [String: Any] { ["raft": ["snapshot_entries": 200]] }
  /// Of this release, and its version.
  private static let newest = TestCluster.newestLevel
  private static let version = "0.10.0"
  private static let refusal = "reads formats up to level 2, and cluster \"test\" is at level \(newest)"

  /// Ends the node as an operator does, and starts it with another program.
  private func replace(_ node: Int, of cluster: TestCluster, with binary: String) async throws {
    cluster.signal(node, SIGTERM)
    #expect(try await cluster.exitCode(node) == 0)
    try cluster.start(node, with: binary)
    try await eventually("all is well with node \(node) of \(binary)") {
      for other in 1...3 where await cluster.status(other)?["health"] as? String != "ok" { return false }
      return await cluster.members(seenBy: 1).values.allSatisfy { $0["reachable"] as? Bool == true }
    }
  }

  private func versions(seenBy node: Int, of cluster: TestCluster) async -> [String] {
    let members = await cluster.members(seenBy: node)
    return members.sorted { $0.key < $1.key }.map { $0.value["version"] as? String ?? "" }
  }

  /// A node is taken back to the release before when it is too late for that: it gets nowhere, the others go on and
  /// say why, and with this release it is back as if nothing had been.
  private func restoreTooLate(_ node: Int, of cluster: TestCluster, old: String, new: String) async throws {
    cluster.signal(node, SIGTERM)
    #expect(try await cluster.exitCode(node) == 0)
    let before = cluster.log(node).count
    try cluster.start(node, with: old)
    try await eventually("it gets nowhere, and says so") {
      let log = cluster.log(node).dropFirst(before)
      return log.contains(Self.refusal) || log.contains("newer version")
        || log.contains("up to level 2")
    }
    let other = try await cluster.leader(among: [1, 2, 3].filter { $0 != node })
    #expect(await cluster.status(other)?["level"] as? Int == Self.newest)
    cluster.kill9(node)
    try cluster.start(node, with: new)
    try await eventually("it is back") {
      let status = await cluster.status(node)
      return status?["health"] as? String == "ok" && status?["level"] as? Int == Self.newest
    }
  }

  @Test("node by node under load: nothing is lost, and the level is raised in the end and not before")
  func rollingUpgrade() async throws {
    let (old, new) = (try PreviousRelease.binary.get(), TestCluster.executable)
    let cluster = try TestCluster(settings: Self.settings, spare: 1, binary: old)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster, speakers: 6)
    try await talks.during {
      for node in 1...3 {
        try await replace(node, of: cluster, with: new)
        try await talks.goOn()
        guard node < 3 else { break }
        let status = await cluster.status(node)
        #expect(status?["level"] as? Int == 2)
        try await eventually("each release is shown with its version") {
          let wanted = (1...3).map { $0 <= node ? Self.version : "0.2.0" }
          let (seenByNew, seenByOld) = (
            await versions(seenBy: 1, of: cluster), await versions(seenBy: 3, of: cluster)
          )
          return seenByNew == wanted && seenByOld == wanted
        }
        #expect(await cluster.members(seenBy: node)["node3"]?["level"] as? Int == 2)
      }
      for node in 1...3 {
        try await eventually("node \(node) knows of level \(Self.newest)") {
          let members = await cluster.members(seenBy: node)
          return await cluster.status(node)?["level"] as? Int == Self.newest && members.count == 3
            && members.values.allSatisfy { $0["level"] as? Int == Self.newest }
        }
      }
      try await talks.goOn()
      // A newcomer of the release before is refused on both sides, with what to do; and nobody makes it a member.
      try cluster.start(4, with: old)
      try await eventually("the newcomer is told") { cluster.log(4).contains(Self.refusal) }
      #expect((1...3).contains { cluster.log($0).contains("node 4 \(Self.refusal)") })
      let node = cluster.nodes[3]
      let (output, status) = try cluster.control(
        "add", "--id", "4", "--peer", "127.0.0.1:\(node.peerPort)", "--client", node.url)
      #expect(status == 1 && output.contains("version \(Self.version) or newer"), "\(output)")
      cluster.kill9(4)
    }
    let (page, _) = try cluster.run(["cluster", "status", "--url", cluster.nodes[0].url])
    #expect(page.contains("level \(Self.newest)") && page.contains(Self.version), "\(page)")
    try await restoreTooLate(3, of: cluster, old: old, new: new)
    // What was written at the new level is there after all of them start anew.
    for node in 1...3 { cluster.kill9(node) }
    for node in 1...3 { try cluster.start(node, with: new) }
    _ = try await cluster.leader()
    try await talks.expectNothingLost(on: [1, 2, 3])
    for node in 1...3 {
      try await eventually("node \(node) is at level \(Self.newest)") {
        await cluster.status(node)?["level"] as? Int == Self.newest
      }
    }
  }

  @Test(
    "and back before the level was raised: nothing is lost, and the release before reads all that was written")
  func rollingBack() async throws {
    let (old, new) = (try PreviousRelease.binary.get(), TestCluster.executable)
    let cluster = try TestCluster(settings: Self.settings, binary: old)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster, speakers: 6)
    try await talks.during {
      for node in [1, 2] {
        try await replace(node, of: cluster, with: new)
        try await talks.goOn()
      }
      // The new ones lead as well.
      let (output, status) = try cluster.control("transfer", "node1")
      #expect(status == 0 || output.contains("leads already"), "\(output)")
      for _ in 0..<10 { try await talks.goOn() }
      #expect(await cluster.status(1)?["level"] as? Int == 2)
      for node in [2, 1] {
        try await replace(node, of: cluster, with: old)
        try await talks.goOn()
      }
    }
    for node in 1...3 {
      try await eventually("only the release before is there") {
        await versions(seenBy: node, of: cluster) == ["0.2.0", "0.2.0", "0.2.0"]
      }
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
    // Nobody fell out of step: all of them can start from what they have on their disks.
    for node in 1...3 { cluster.kill9(node) }
    for node in 1...3 { try cluster.start(node, with: old) }
    _ = try await cluster.leader()
    try await talks.expectNothingLost(on: [1, 2, 3])
  }
}
