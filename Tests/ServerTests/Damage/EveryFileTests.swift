import Foundation
import Testing

/// One node of three finds each kind of its files damaged in each way, one after the other. It starts and has everything, or says
/// which file it is and what to do; doing that brings it back.
@Suite("Every file of a data directory, damaged", .serialized, .timeLimit(.minutes(15)))
struct EveryFileTests {
  /// What became of the victim.
  private enum Outcome: Equatable {
    case started
    case refused
  }

  private static let victim = 2
  private static var settings: [String: Any] {
    // The one who talks all the time has no connection: nobody must take that for having left.
    ["history": ["linger_ms": 1_000], "raft": ["snapshot_entries": 100], "desk": ["queue_grace_ms": 0]]
  }
  /// Where all that was promised is on the disk, and what a start without it would forget.
  private static let promises: Set<FileKind> = [.manifest, .oldestSegment, .newestSegment]

  private func cluster() async throws -> TestCluster {
    let cluster = try TestCluster(settings: Self.settings)
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    try await cluster.talk("early", sessions: 2, lines: 70)
    return cluster
  }

  /// One after the other in a cluster. Most of the time is waiting, so there are some clusters at once.
  private static let groups: [[FileKind]] = [
    [.manifest, .members, .lock, .oldestSnapshot, .newestSnapshot],
    [.oldestSegment, .newestSegment, .preparedSegment],
    [.catalogue, .catalogueJournal, .catalogueIndex],
    [.month, .monthJournal, .monthIndex],
  ]

  @Test(
    "is found when the node starts or before its data is used, is said with what to do, and nothing is lost")
  func damaged() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for kinds in Self.groups { group.addTask { try await damaged(kinds) } }
      try await group.waitForAll()
    }
  }

  private func damaged(_ kinds: [FileKind]) async throws {
    let cluster = try await cluster()
    defer { cluster.stop() }
    let data = cluster.directory + "/data\(Self.victim)"
    let older = cluster.directory + "/older"
    try FileManager.default.copyItem(atPath: data, toPath: older)
    let open = try await OpenConversation(cluster)
    try await cluster.talk("late", sessions: 2, lines: 70)
    for kind in kinds {
      for damage in kind.damages {
        try await open.say("before \(kind.rawValue), \(damage.rawValue)")
        // One that was rebuilt may have had all of it from the log.
        if kind == .newestSnapshot {
          let root = try cluster.token("admin", "root")
          try await eventually("the node has a snapshot") {
            (try? await cluster.post(Self.victim, "/v1/snapshots", "{}", token: root))?.0 == 200
          }
        }
        cluster.kill9(Self.victim)
        let (found, unknown) = try FileKind.find(in: data)
        #expect(unknown.isEmpty, "files of no known kind: \(unknown)")
        let donors = try [
          FileDamage.ofAnotherNode: FileKind.find(in: cluster.directory + "/data1").found[kind],
          .older: FileKind.find(in: older).found[kind],
        ].compactMapValues { $0 }
        let what = "\(kind.rawValue), \(damage.rawValue)"
        guard let path = found[kind], try damage.happen(to: path, donors: donors) else {
          #expect(
            found[kind] != nil || kind == .preparedSegment || kind == .oldestSnapshot, "\(what): no such file")
          try cluster.start(Self.victim)
          continue
        }
        let outcome = try await start(cluster, path, what)
        if Self.promises.contains(kind), damage != .older, kind != .manifest || damage != .ofAnotherNode {
          #expect(outcome == .refused, "\(what): it has started without what it had promised")
        }
        try await expectWhole(cluster, open, what)
      }
    }
  }

  /// Starts the victim, and does what it says when it does not start.
  private func start(_ cluster: TestCluster, _ path: String, _ what: String) async throws -> Outcome {
    let before = cluster.log(Self.victim).utf8.count
    try cluster.start(Self.victim)
    try await eventually("\(what): the node starts or ends") {
      if !cluster.isRunning(Self.victim) { return true }
      return await cluster.isCaughtUp(Self.victim)
    }
    guard !cluster.isRunning(Self.victim) else { return .started }
    let log = String(decoding: cluster.log(Self.victim).utf8.dropFirst(before), as: UTF8.self)
    #expect(cluster.endingSignal(Self.victim) == nil, "\(what): \(log.suffix(2_000))")
    #expect(try await cluster.exitCode(Self.victim) != 0)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    #expect(
      log.contains(name) || log.contains("old copy") || log.contains("data\(Self.victim)"),
      "\(what): it does not say which file: \(log.suffix(2_000))")
    #expect(log.contains("switchboard rebuild"), "\(what): it does not say what to do: \(log.suffix(2_000))")
    let data = cluster.directory + "/data\(Self.victim)"
    // The words say when it is needed.
    let identity =
      log.contains("--node \(Self.victim)`") ? ["--cluster", "test", "--node", "\(Self.victim)"] : []
    let (output, status) = try cluster.run(
      ["rebuild", "--data", data, "--discard"] + identity, complaints: true)
    #expect(status == 0, "\(what): \(output)")
    try cluster.start(Self.victim)
    return .refused
  }

  private func expectWhole(
    _ cluster: TestCluster, _ open: OpenConversation, _ what: String
  ) async throws {
    let seen = Shared("")
    do {
      try await eventually("\(what): all vote, and nothing is missing") {
        guard cluster.isRunning(Self.victim) else {
          throw TestFailure("\(what): it has ended: \(cluster.log(Self.victim).suffix(2_000))")
        }
        let voters = await cluster.voters(seenBy: 1)
        let archive = await cluster.ownArchive(Self.victim)
        seen.set("\(voters), \(archive ?? [:])")
        return voters.count == 3 && archive?["gap"] as? Bool == false
          && archive?["sessions"] as? Int == 4
      }
    } catch { throw TestFailure("\(error): \(seen.value): \(cluster.log(Self.victim).suffix(3_000))") }
    try await open.expectWhole(on: Self.victim, what)
    // What is asked by staff meanwhile is written down, and is in all archives as well.
    try await eventually("\(what): its archive has what the others have") {
      try cluster.archiveHash(Self.victim) == cluster.archiveHash(1)
    }
  }
}

/// One that goes on all the time.
struct OpenConversation {
  let cluster: TestCluster
  private let token: String
  private let session: String
  private let said = Shared(0)

  init(_ cluster: TestCluster) async throws {
    self.cluster = cluster
    token = try cluster.token("customer", "open")
    let opened = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    session = try #require(opened.1["session"] as? String, "\(opened)")
  }

  func say(_ what: String) async throws {
    let number = said.value + 1
    let last = Shared("")
    do {
      try await eventually("\(what): message \(number) is acknowledged") {
        let answer = try? await cluster.post(
          1, "/v1/sessions/\(session)/messages", #"{"body":"line \#(number)"}"#, key: "m\(number)", token: token
        )
        last.set("\(answer.map { "\($0)" } ?? "no answer")")
        return answer?.0 == 201 || answer?.0 == 200
      }
    } catch {
      let members = await cluster.members(seenBy: 1)
      throw TestFailure("\(error): \(last.value): \(members): \(cluster.log(1).suffix(2_000))")
    }
    said.set(number)
  }

  /// All that was acknowledged, in order and once.
  func expectWhole(on node: Int, _ what: String) async throws {
    let count = said.value
    try await eventually("\(what): node \(node) has the whole conversation") {
      guard
        let (status, data) = try? await cluster.get(
          node, "/v1/sessions/\(session)/messages?limit=1000", token: token, within: 10), status == 200,
        let page = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
      else { return false }
      let lines = (page["messages"] as? [[String: Any]] ?? []).compactMap { $0["body"] as? String }
        .filter { $0.hasPrefix("line ") }
      return lines == (1...count).map { "line \($0)" }
    }
  }
}

extension TestCluster {
  /// A node has applied what another one has that leads or follows.
  func isCaughtUp(_ node: Int) async -> Bool {
    guard let own = await members(seenBy: node)["node\(node)"]?["applied_index"] as? Int,
      let other = await members(seenBy: 1)["node1"]?["applied_index"] as? Int
    else { return false }
    return own >= other
  }
}
