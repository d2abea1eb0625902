import Foundation
import Testing

@Suite("A backup of three nodes that serve", .serialized, .timeLimit(.minutes(10)))
struct BackupTests {
  private static func settings(_ name: String) -> [String: Any] {
    ["cluster": name, "history": ["linger_ms": 1_000], "raft": ["snapshot_entries": 400]]
  }

  /// What was acknowledged before the backup began.
  private struct Said {
    /// Closed, and gone from memory.
    var closed: [String] = []
    /// Open, with 250 lines.
    var open = ""
    /// By session, how much of it was acknowledged.
    var underLoad: [String: Int] = [:]
  }

  @Test(
    "under load becomes new clusters, of the same numbers and of others, with all that was acknowledged before it began"
  )
  func restored() async throws {
    let backup = NSTemporaryDirectory() + "switchboard-backup-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: backup) }
    let cluster = try TestCluster(settings: Self.settings("old"))
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let said = try await talk(cluster, backup)
    let known = Set(said.closed + [said.open] + said.underLoad.keys)

    let elsewhere = try cluster.run(
      ["backup", "--data", cluster.directory + "/data1", "--output", backup + "-2"] + asked(cluster, 3),
      complaints: true)
    // Another node's snapshot may be as new by chance; then the backup is as good.
    #expect(
      elsewhere.status == 0 || elsewhere.output.contains("ask the node whose data it is"), "\(elsewhere.output)"
    )
    try? FileManager.default.removeItem(atPath: backup + "-2")
    let same = try cluster.run(
      [
        "restore", "--without-erasures", "--from", backup, "--config", cluster.nodes[0].config, "--data",
        cluster.directory + "/again",
      ],
      complaints: true)
    #expect(same.status == 1 && same.output.contains("another name"), "\(same.output)")
    try damage(backup, cluster)
    for node in 1...3 { cluster.kill9(node) }

    for (name, first) in [("new", 1), ("newer", 4)] {
      let copy = try TestCluster(settings: Self.settings(name), from: backup, first: first)
      defer { copy.stop() }
      try await check(copy, first, said, known)
    }
  }

  /// Says what has to be there again, and backs node 2 up while much else is said.
  private func talk(_ cluster: TestCluster, _ backup: String) async throws -> Said {
    var said = Said()
    for name in ["ann", "bert", "cleo"] {
      let token = try cluster.token("customer", name)
      let session = try await open(cluster, 1, token)
      try await say(cluster, 1, "line", 1...(name == "bert" ? 130 : 3), in: session, token)
      let closed = try await cluster.post(2, "/v1/sessions/\(session)/close", "{}", token: token)
      #expect(closed.0 == 200)
      said.closed.append(session)
    }
    let dora = try cluster.token("customer", "dora")
    said.open = try await open(cluster, 3, dora)
    try await say(cluster, 1, "line", 1...250, in: said.open, dora)
    try await eventually("what is closed has left") {
      (await cluster.status(2)?["sessions"] as? [String: Int])?["closed"] == 0
    }
    let noise = [try cluster.token("customer", "eve"), try cluster.token("customer", "fred")]
    var sessions: [String] = []
    for token in noise { sessions.append(try await open(cluster, 1, token)) }
    let counts = Counts(sessions)
    let isOver = Shared(false)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (session, token) in zip(sessions, noise) {
        group.addTask {
          var line = 0
          while !isOver.value {
            line += 1
            try await say(cluster, 1, "noise", line...line, in: session, token)
            counts.set(session, line)
          }
          // What comes after the backup is to be gone.
          let closed = try await cluster.post(1, "/v1/sessions/\(session)/close", "{}", token: token)
          #expect(closed.0 == 200)
        }
      }
      try await eventually("there is some load") { counts.all.values.allSatisfy { $0 >= 20 } }
      let before = counts.all
      said.underLoad = before
      let made = try cluster.run(
        ["backup", "--data", cluster.directory + "/data2", "--output", backup, "--json"] + asked(cluster, 2),
        complaints: true)
      #expect(made.status == 0 && made.output.contains(#""cluster" : "old""#), "\(made.output)")
      try await eventually("the load goes on") { counts.all.allSatisfy { $1 > (before[$0] ?? 0) + 5 } }
      isOver.set(true)
      try await group.waitForAll()
    }
    let checked = try cluster.run(["backup", "--check", backup, "--rows"])
    #expect(
      checked.status == 0 && checked.output.contains("as they were written by node2"), "\(checked.output)")
    return said
  }

  private func asked(_ cluster: TestCluster, _ node: Int) -> [String] {
    ["--url", cluster.nodes[node - 1].url, "--secret-file", cluster.directory + "/secret"]
  }

  /// A backup of which something is changed or missing is refused, and good again when it is put right.
  private func damage(_ backup: String, _ cluster: TestCluster) throws {
    func refused(_ word: String) throws {
      for command in [
        ["backup", "--check", backup],
        [
          "restore", "--without-erasures", "--from", backup, "--config", cluster.nodes[0].config, "--set",
          "cluster=x", "--data",
          backup + "-x",
        ],
      ] {
        let answer = try cluster.run(command, complaints: true)
        #expect(answer.status == 1 && answer.output.contains(word), "\(answer.output)")
      }
      #expect(!FileManager.default.fileExists(atPath: backup + "-x"))
    }
    let files = try FileManager.default.subpathsOfDirectory(atPath: backup).filter { !$0.hasSuffix("archive") }
    #expect(files.count >= 4)
    for file in files {
      let url = URL(fileURLWithPath: backup + "/" + file)
      let bytes = try Data(contentsOf: url)
      var other = bytes
      other[other.count / 3] ^= 1
      try other.write(to: url)
      try refused("damaged")
      try FileManager.default.removeItem(at: url)
      try refused(file == "manifest.json" ? "not finished" : "missing")
      try bytes.write(to: url)
    }
    #expect(try cluster.run(["backup", "--check", backup]).status == 0)
  }

  private func check(_ cluster: TestCluster, _ first: Int, _ said: Said, _ known: Set<String>) async throws {
    let numbers = Array(first...(first + 2))
    _ = try await cluster.leader(among: numbers)
    let sue = try cluster.token("supervisor", "sue")
    for node in numbers {
      try await eventually("node \(node) has its archive filled") {
        let status = await cluster.status(node)
        let own = (status?["members"] as? [[String: Any]])?.first { $0["id"] as? String == "node\(node)" }
        let archive = own?["archive"] as? [String: Any]
        return archive?["gap"] as? Bool == false && archive?["missing_entries"] as? Int ?? 0 == 0
      }
      #expect(try await texts(cluster, node, said.open, sue) == (1...250).map { "line \($0)" })
      for (place, session) in said.closed.enumerated() {
        #expect(
          try await texts(cluster, node, session, sue) == (1...(place == 1 ? 130 : 3)).map { "line \($0)" })
      }
      for (session, count) in said.underLoad {
        let texts = try await texts(cluster, node, session, sue)
        #expect(texts.count >= count && texts == (1...max(1, texts.count)).map { "noise \($0)" })
      }
      let past = try await get(cluster, node, "/v1/past-sessions?limit=100", sue)
      #expect(
        (past["sessions"] as? [[String: Any]])?.compactMap { $0["session"] as? String }
          == said.closed.reversed(),
        "what was closed after the backup is open: \(past)")
      let found = try await get(cluster, node, "/v1/search?q=line%20130", sue)
      let hits = (found["hits"] as? [[String: Any]])?.compactMap { $0["session"] as? String }
      #expect(hits == [said.open, said.closed[1]], "\(found)")
    }
    // It goes on, with ids that nobody has had.
    let dora = try cluster.token("customer", "dora")
    try await eventually("somebody of the new cluster owns the session") {
      let more = try await cluster.post(
        first, "/v1/sessions/\(said.open)/messages", #"{"body":"line 251"}"#, key: "m-251", token: dora)
      return more.0 == 201 || more.0 == 200
    }
    #expect(try await texts(cluster, first + 1, said.open, dora) == (1...251).map { "line \($0)" })
    let gus = try cluster.token("customer", "gus")
    let new = try await open(cluster, first + 2, gus)
    #expect(!known.contains(new))
    try await say(cluster, first, "new", 1...5, in: new, gus)
    #expect(try await cluster.post(first, "/v1/sessions/\(new)/close", "{}", token: gus).0 == 200)
    for node in numbers {
      try await eventually("node \(node) has the new one in its archive") {
        let past = try await get(cluster, node, "/v1/past-sessions?customer=gus", sue)
        return (past["sessions"] as? [[String: Any]])?.count == 1
      }
    }
    try await cluster.expectSameArchives(numbers)
  }

  // MARK: Requests

  private func open(_ cluster: TestCluster, _ node: Int, _ token: String) async throws -> String {
    let (status, answer) = try await cluster.post(node, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    return try #require(answer["session"] as? String)
  }

  private func say(
    _ cluster: TestCluster, _ node: Int, _ word: String, _ lines: ClosedRange<Int>, in session: String,
    _ token: String
  ) async throws {
    for line in lines {
      let said = try await cluster.post(
        node, "/v1/sessions/\(session)/messages", #"{"body":"\#(word) \#(line)"}"#, token: token)
      #expect(said.0 == 201, "\(said)")
    }
  }

  private func get(_ cluster: TestCluster, _ node: Int, _ path: String, _ token: String) async throws
    -> [String: Any]
  {
    let (status, data) = try await cluster.get(node, path, token: token)
    #expect(status == 200, "\(path): \(String(decoding: data, as: UTF8.self))")
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  private func texts(_ cluster: TestCluster, _ node: Int, _ session: String, _ token: String) async throws
    -> [String]
  {
    var (texts, after) = ([String](), 0)
    while true {
      let page = try await get(
        cluster, node, "/v1/sessions/\(session)/messages?after=\(after)&limit=100", token)
      let messages = page["messages"] as? [[String: Any]] ?? []
      texts += messages.filter { $0["kind"] as? String != "system" }.compactMap { $0["body"] as? String }
      after = messages.last?["seq"] as? Int ?? after
      guard page["more"] as? Bool == true else { return texts }
    }
  }
}

/// How much of each session was acknowledged; of several tasks.
private final class Counts: Sendable {
  private let counts: [String: Shared<Int>]
  init(_ sessions: [String]) { counts = Dictionary(uniqueKeysWithValues: sessions.map { ($0, Shared(0)) }) }
  func set(_ session: String, _ count: Int) { counts[session]?.set(count) }
  var all: [String: Int] { counts.mapValues(\.value) }
}
