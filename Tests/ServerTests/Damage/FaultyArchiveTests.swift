import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite(
  "A disk that fails under the archive of a node that serves", .serialized, .timeLimit(.minutes(10)),
  .enabled(if: FaultyDisk.compiler != nil, "a C compiler makes what lets calls to the disk fail"))
struct FaultyArchiveTests {
  private func cluster(_ disk: FaultyDisk) async throws -> TestCluster {
    let cluster = try TestCluster(
      settings: ["history": ["linger_ms": 1_000], "raft": ["snapshot_entries": 100]],
      environments: [2: disk.environment])
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    return cluster
  }

  private func isWhole(_ cluster: TestCluster, _ sessions: Int) async -> Bool {
    let archive = await cluster.ownArchive(2)
    return archive?["gap"] as? Bool == false && archive?["sessions"] as? Int == sessions
  }

  @Test(
    "that cannot be written or synced costs nothing: the node serves on, claims nothing, and writes all of it when it can again",
    arguments: [(FaultyDisk.Call.sync, EIO), (.write, EIO), (.write, ENOSPC)])
  func writing(call: FaultyDisk.Call, code: Int32) async throws {
    let disk = try FaultyDisk()
    defer { disk.remove() }
    let cluster = try await cluster(disk)
    defer { cluster.stop() }
    try await cluster.talk("early", sessions: 1, lines: 70)
    let before = await cluster.ownArchive(2)?["complete_index"] as? Int ?? 0
    try disk.fail(call, "/archive/", with: code)
    // Held on the node itself.
    let open = try cluster.token("customer", "open")
    try await cluster.talk("late", sessions: 2, lines: 70, on: 2, seenBy: [1, 3])
    try await eventually("the status says so") {
      await cluster.problems(seenBy: 2)["node2"]?.contains("archive_fails") ?? false
    }
    let said = await cluster.ownArchive(2)
    #expect(said?["sessions"] as? Int == 1 && said?["complete_index"] as? Int ?? .max <= before + 4_096)
    _ = open
    // What was not written is in the log still, whatever happens now.
    cluster.kill9(2)
    try disk.heal()
    try cluster.start(2)
    try await eventually("it has all of it after a start") { await isWhole(cluster, 3) }
    try disk.fail(call, "/archive/", with: code)
    try await cluster.talk("last", sessions: 1, lines: 70, on: 2, seenBy: [1, 3])
    try await eventually("the status says so again") {
      await cluster.problems(seenBy: 2)["node2"]?.contains("archive_fails") ?? false
    }
    try disk.heal()
    try await eventually("it has all of it without a start") { await isWhole(cluster, 4) }
    let hash = try cluster.archiveHash(1)
    #expect(try cluster.archiveHash(2) == hash)
    let folder = cluster.directory + "/data2/archive"
    #expect(try !FileManager.default.contentsOfDirectory(atPath: folder).contains { $0.hasPrefix(".damaged") })
    try expectWrittenAgain(disk.calls(), call)
  }

  /// After a sync that has failed nobody knows what the disk has, and the next one says nothing of what was written before it.
  private func expectWrittenAgain(
    _ calls: [(call: FaultyDisk.Call, hasFailed: Bool, path: String)], _ failing: FaultyDisk.Call
  ) throws {
    #expect(calls.contains { $0.call == failing && $0.hasFailed })
    var unsure: Set<String> = []
    for (call, hasFailed, path) in calls where !path.hasSuffix("/archive") && !path.hasSuffix("/archive/") {
      switch call {
      case .sync where hasFailed: unsure.insert(path)
      case .sync: #expect(!unsure.contains(path), "\(path) is taken for synced, and was not written again")
      case .write where !hasFailed: unsure.remove(path)
      case .write, .read: continue
      }
    }
  }

  @Test(
    "that cannot be read is damage: who asks is told to ask another node, and the month is filled again"
  )
  func reading() async throws {
    let disk = try FaultyDisk()
    defer { disk.remove() }
    let cluster = try await cluster(disk)
    defer { cluster.stop() }
    let sessions = try await cluster.talk("okapi", sessions: 2, lines: 70)
    // Nothing of the month is in the memory of its reader after a start.
    cluster.kill9(2)
    try cluster.start(2)
    try await eventually("node 2 is back") { await isWhole(cluster, 2) }
    let admin = try cluster.token("admin", "root")
    let path = "/v1/sessions/\(sessions[0])/messages"
    try disk.fail(.read, "/archive/2", with: EIO)
    let (status, data) = try await cluster.get(2, path, token: admin)
    let words = String(decoding: data, as: UTF8.self)
    #expect(status == 503 && words.contains("ask another node"), "\(words)")
    #expect(try await cluster.get(1, path, token: admin).0 == 200)
    try await eventually("what cannot be read is set aside") { cluster.log(2).contains(".damaged-1-2") }
    try disk.heal()
    try await eventually("it is filled from the others, on other parts of the disk") {
      await isWhole(cluster, 2)
    }
    #expect(try await cluster.get(2, path, token: admin).0 == 200)
    try await cluster.expectSameArchives([1, 2])
  }

  @Test("a log that cannot be synced ends the node, which has all of it when the disk is sound again")
  func log() async throws {
    let disk = try FaultyDisk()
    defer { disk.remove() }
    let cluster = try await cluster(disk)
    defer { cluster.stop() }
    let open = try await OpenConversation(cluster)
    for _ in 1...5 { try await open.say("before the disk fails") }
    try disk.fail(.sync, ".seg", with: EIO)
    try await open.say("while the disk fails")
    #expect(try await cluster.exitCode(2) != 0 && cluster.endingSignal(2) == nil)
    #expect(
      cluster.log(2).contains("this node has stopped and does not try again"), "\(cluster.log(2).suffix(900))")
    for _ in 1...5 { try await open.say("when the disk is sound again") }
    try disk.heal()
    try cluster.start(2)
    try await open.expectWhole(on: 2, "a log that could not be synced")
  }
}
