import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Disks that have lost or changed something, under real processes.
@Suite("A node whose disk fails", .serialized, .timeLimit(.minutes(15)))
struct DamagedNodeTests {
  private func becomesVoterAgain(_ node: Int, of cluster: TestCluster) async throws {
    try await eventually("node \(node) has caught up and votes") {
      cluster.log(node).contains("has caught up with the cluster and votes from now on")
    }
    try await eventually("everyone votes again") {
      await cluster.voters(seenBy: node) == ["node1", "node2", "node3"]
    }
  }

  @Test("a node whose data is gone does not vote before its peers have taken it back, and then has everything")
  func dataIsGone() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let victim = leader % 3 + 1
    let talks = try Talks(cluster, speakers: 3)
    try await talks.during {
      cluster.kill9(victim)
      try FileManager.default.removeItem(atPath: cluster.directory + "/data\(victim)")
      try cluster.start(victim)
      try await becomesVoterAgain(victim, of: cluster)
    }
    #expect(cluster.log(victim).contains("the disk of this node is empty and the cluster is in use"))
    try await talks.expectNothingLost(on: [1, 2, 3])
    // Its word counts like any other's: with another node gone, it carries the quorum.
    cluster.kill9(victim % 3 + 1)
    let rest = [1, 2, 3].filter { $0 != victim % 3 + 1 }
    _ = try await cluster.leader(among: rest)
    try await talks.expectNothingLost(on: rest)
  }

  @Test("a flipped bit in the log is a clear error, and rebuild brings the node back from its peers")
  func flippedBit() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let victim = leader % 3 + 1
    let talks = try Talks(cluster, speakers: 3)
    let data = cluster.directory + "/data\(victim)"
    try await talks.during {
      try await eventually("there is something to damage") { talks.acks > 200 }
      cluster.kill9(victim)
      try flipABit(inLogOf: data)
      try cluster.start(victim)
      #expect(try await cluster.exitCode(victim) != 0)
      #expect(cluster.log(victim).contains("switchboard rebuild"), "\(cluster.log(victim).suffix(600))")
      let check = try cluster.run(["rebuild", "--data", data, "--check"])
      #expect(check.status == 1 && check.output.contains("damaged"), "\(check.output)")
      let rebuild = try cluster.run(["rebuild", "--data", data])
      #expect(rebuild.status == 0 && rebuild.output.contains("damaged-"), "\(rebuild.output)")
      try cluster.start(victim)
      try await becomesVoterAgain(victim, of: cluster)
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }

  /// In the middle of what was written to the oldest segment, so that records follow.
  private func flipABit(inLogOf directory: String) throws {
    let segments = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
      $0.hasSuffix(".seg")
    }
    let path = directory + "/" + (try #require(segments.min()))
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    defer { try? file.close() }
    let start = try #require(try file.read(upToCount: 1 << 20))
    let end = try #require(start.lastIndex { $0 != 0 })
    let place = end / 2
    try file.seek(toOffset: UInt64(place))
    try file.write(contentsOf: [start[place] ^ 0x10])
  }

  @Test(
    "a node on a full disk hands leadership over and takes no new work; with room again it does",
    .enabled(if: geteuid() == 0, "a small tmpfs can only be mounted by root"))
  func fullDisk() async throws {
    let mount = NSTemporaryDirectory() + "switchboard-full-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    defer { rmdir(mount) }
    // Where even root may not mount, there is nothing to test.
    guard Glibc.mount("tmpfs", mount, "tmpfs", 0, "size=512m") == 0 else { return }
    defer { umount2(mount, Int32(MNT_DETACH)) }
    let cluster = try TestCluster(dataDirectories: [1: mount + "/data"])
    defer { cluster.stop() }
    if try await cluster.leader() != 1 {
      #expect(try cluster.control("transfer", "node1").status == 0)
    }
    let talks = try Talks(cluster, speakers: 3)
    try await talks.during {
      #expect(try await cluster.leader() == 1)
      try fill(mount + "/filler")
      try await eventually("another node leads") {
        let leader = await cluster.status(2)?["leader"] as? String
        return leader == "node2" || leader == "node3"
      }
      try await eventually("the status page says why") {
        let problems = await cluster.status(1)?["problems"] as? [[String: Any]] ?? []
        return problems.contains { $0["code"] as? String == "disk_full" }
      }
      try await talks.goOn()
      try FileManager.default.removeItem(atPath: mount + "/filler")
      try await eventually("there is room again") {
        cluster.log(1).contains("there is room on the disk again")
      }
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }

  /// Until there is no room for another byte.
  private func fill(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    while write(descriptor, zeros, zeros.count) > 0 {}
  }
}
