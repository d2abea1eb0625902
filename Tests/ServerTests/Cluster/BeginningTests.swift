import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// How a cluster begins, and what a configuration file can do to one that has begun: nothing.
@Suite("Who votes does not come from a file, on real processes", .serialized, .timeLimit(.minutes(15)))
struct BeginningTests {
  @Test(
    "a node that is restarted with other members in its file ends with words, and the others go on",
    arguments: [[1], [1, 2], [1, 2, 3, 9]])
  func otherMembers(ids: [Int]) async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    cluster.kill9(1)
    try cluster.rewriteMembers(of: 1) { members in
      let known = members.filter { ids.contains($0["id"] as? Int ?? 0) }
      let strangers: [[String: Any]] = ids.filter { $0 > 3 }.map {
        ["id": $0, "peer": "127.0.0.1:\(100 + $0)", "client": "http://127.0.0.1:\(200 + $0)"]
      }
      return known + strangers
    }
    let check = try cluster.run(["config", "check", "--config", cluster.nodes[0].config], complaints: true)
    #expect(
      check.status != 0 && check.output.contains("The members are node1, node2, node3"), "\(check.output)")
    try cluster.start(1)
    #expect(try await cluster.exitCode(1) != 0)
    #expect(cluster.log(1).contains("The members are node1, node2, node3"), "\(cluster.log(1).suffix(600))")
    _ = try await cluster.leader(among: [2, 3])
    try cluster.rewriteMembers(of: 1) { _ in cluster.members(3) }
    #expect(try cluster.run(["config", "check", "--config", cluster.nodes[0].config]).status == 0)
    try cluster.start(1)
    try await eventually("node 1 is back") { await cluster.status(1)?["health"] as? String == "ok" }
  }

  @Test(
    "a node that was emptied does not lead alone, though its file names it alone; its cluster takes it back")
  func wipedAndAlone() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    cluster.kill9(1)
    try FileManager.default.removeItem(atPath: cluster.directory + "/data1")
    try cluster.rewriteMembers(of: 1) { Array($0.prefix(1)) }
    try cluster.start(1)
    try await eventually("node 1 says that it waits") {
      cluster.log(1).contains("waits to be taken in")
    }
    // Many looks: it had a second to begin a cluster of its own, and more.
    let looks = Shared(0)
    try await eventually("node 1 was looked at for a while") {
      guard let status = await cluster.status(1) else { return false }
      looks.set(looks.value + 1)
      return status["leader"] as? String == "node1" || looks.value > 150
    }
    #expect(await cluster.status(1)?["leader"] as? String != "node1")
    cluster.kill9(1)
    try cluster.rewriteMembers(of: 1) { _ in cluster.members(3) }
    try cluster.start(1)
    try await eventually("everyone votes again") {
      await cluster.voters(seenBy: 1) == ["node1", "node2", "node3"]
    }
  }

  @Test("rebuild leaves a disk that never begins a cluster, and that cannot be told to")
  func rebuiltAndAlone() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    cluster.kill9(1)
    #expect(try cluster.run(["rebuild", "--data", cluster.directory + "/data1"]).status == 0)
    try cluster.rewriteMembers(of: 1) { Array($0.prefix(1)) }
    let begin = try cluster.run(["begin", "--config", cluster.nodes[0].config], complaints: true)
    #expect(begin.status != 0 && begin.output.contains("is marked"), "\(begin.output)")
    for node in [2, 3] { cluster.kill9(node) }
    try cluster.start(1)
    let looks = Shared(0)
    try await eventually("node 1 was looked at for a while") {
      guard let status = await cluster.status(1) else { return false }
      looks.set(looks.value + 1)
      return status["leader"] as? String == "node1" || looks.value > 150
    }
    #expect(await cluster.status(1)?["leader"] as? String != "node1")
  }

  @Test("a cluster is begun on the first of its members alone, and once")
  func begunOnce() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let second = try cluster.run(["begin", "--config", cluster.nodes[1].config], complaints: true)
    #expect(second.status != 0 && second.output.contains("node1"), "\(second.output)")
    cluster.kill9(1)
    let again = try cluster.run(["begin", "--config", cluster.nodes[0].config], complaints: true)
    #expect(again.status != 0 && again.output.contains("has begun already"), "\(again.output)")
    // Not even with an empty disk: its members have data.
    try FileManager.default.removeItem(atPath: cluster.directory + "/data1")
    #expect(try cluster.run(["begin", "--config", cluster.nodes[0].config]).status == 0)
    try cluster.start(1)
    try await eventually("everyone votes again") {
      await cluster.voters(seenBy: 1) == ["node1", "node2", "node3"]
    }
    #expect(cluster.log(1).contains("nothing is begun"))
    #expect(cluster.log(1).components(separatedBy: "a new cluster begins").count == 2)
  }
}
