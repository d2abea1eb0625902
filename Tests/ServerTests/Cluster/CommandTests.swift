import Foundation
import TestCertificates
import Testing

/// The commands that are made from the declarations, as the real program against three nodes.
@Suite("Operations from the command line", .serialized, .timeLimit(.minutes(10)))
struct CommandTests {
  private static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
  }

  @Test("a conversation from open to close: what is asked again is done once, and exit codes say what is what")
  func conversation() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let secret = ["--secret-file", cluster.directory + "/secret"]
    let urls = cluster.nodes.map(\.url)
    func run(
      _ words: [String], as person: [String] = [], at url: String, input: String? = nil
    ) throws -> (output: String, status: Int32) {
      try cluster.run(words + person + ["--url", url] + secret, input: input, complaints: true)
    }
    let ben = ["--as", "ben", "--role", "customer"]

    // One of the addresses answers.
    let open = ["session", "open", "--skill", "tax", "--attributes", #"{"order":7}"#, "--id", "o1", "--json"]
    let dead = "http://127.0.0.1:1"
    let opened = try run(open + ["--url", dead], as: ben, at: urls[0])
    #expect(opened.status == 0, "\(opened.output)")
    let session = try #require(try Self.object(opened.output)["session"] as? String)
    let again = try run(open, as: ben, at: urls[1])
    #expect(try Self.object(again.output)["session"] as? String == session)
    let other = try run(["session", "open", "--id", "o1"], as: ben, at: urls[2])
    #expect(other.status == 1 && other.output.contains("conflict: "), "\(other)")

    let said = try run(
      ["session", "send", session, "in Zeile 1", "--id", "m1", "--json"], as: ben, at: urls[1])
    #expect(try said.status == 0 && Self.object(said.output)["seq"] as? Int == 1, "\(said)")
    let twice = try run(["session", "send", session, "in Zeile 1", "--id", "m1"], as: ben, at: urls[0])
    #expect(twice.status == 0 && twice.output.contains("seq") && twice.output.contains("1"), "\(twice)")
    let piped = try run(
      ["session", "send", session, "-", "--json"], as: ben, at: urls[0], input: "two\nlines\n")
    #expect(try Self.object(piped.output)["seq"] as? Int == 2, "\(piped)")

    let history = try run(["session", "history", session, "--after", "1"], at: urls[2])
    #expect(history.status == 0 && history.output.contains("two ⏎ lines"), "\(history)")
    #expect(!history.output.contains("Zeile"), "\(history)")
    let list = try run(["session", "list", "--json"], as: ben, at: urls[2])
    #expect(list.output.contains("\"\(session)\""), "\(list)")
    let shown = try run(["session", "show", session], at: urls[1])
    #expect(shown.output.contains("ben:ben") && shown.output.contains("queued"), "\(shown)")

    let anna = ["--as", "anna", "--role", "agent"]
    let status = try run(
      ["agent", "status", "online", "--skills", "tax,bills", "--capacity", "2"], as: anna, at: urls[0])
    #expect(status.status == 0 && status.output == "Done.\n", "\(status)")
    let agents = try run(["agent", "list"], at: urls[1])
    #expect(agents.output.contains("anna") && agents.output.contains("tax:1"), "\(agents)")

    let moved = try run(["session", "transfer", session, "--skill", "bills"], at: urls[2])
    #expect(moved.status == 0 && moved.output == "Done.\n", "\(moved)")
    let both = try run(["session", "transfer", session], at: urls[2])
    #expect(both.status == 64 && both.output.contains("Give one of"), "\(both)")
    let stranger = try run(["session", "send", session, "x", "--role", "customer", "--as", "eve"], at: urls[0])
    #expect(stranger.status == 1, "\(stranger)")
    let closed = try run(["session", "close", session, "--reason", "solved"], as: ben, at: urls[0])
    #expect(closed.status == 0, "\(closed)")
    let late = try run(["session", "send", session, "x"], as: ben, at: urls[0])
    #expect(late.status == 1 && late.output.contains("session_closed: "), "\(late)")
    #expect(try run(["session", "close", "x"], at: urls[0]).status == 1)
    #expect(try run(["session", "close"], at: urls[0]).status == 64)

    try contexts(cluster)

    let nobody = try run(["session", "show", session, "--wait", "0s"], at: dead)
    #expect(nobody.status == 64, "show has no --wait: \(nobody)")
    let silent = try run(["session", "send", session, "x", "--wait", "0s", "--id", "m9"], at: dead)
    #expect(silent.status == 2 && silent.output.contains("--id m9"), "\(silent)")
    for number in [1, 2] { cluster.kill9(number) }
    let alone = try run(["session", "open", "--wait", "0s"], as: ben, at: urls[2])
    #expect(alone.status == 2, "without a quorum: \(alone)")
  }

  @Test("a status that is watched is a line of JSON for each look, through the loss of the node that is asked")
  func watched() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: TestCluster.executable)
    process.arguments =
      ["cluster", "status", "--watch", "--json", "--interval", "200ms"]
      + cluster.nodes.flatMap { ["--url", $0.url] }
    let file = cluster.directory + "/watched"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: file)
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    @Sendable func lines() throws -> [[String: Any]] {
      try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropLast().map {
        try Self.object(String($0))
      }
    }
    try await eventually("lines", reaches: 3) { try lines().count }
    #expect(try lines().last?["leader"] as? String == "node\(leader)")
    cluster.kill9(leader)
    try await eventually("another leader is told") {
      let told = try lines().last?["leader"] as? String
      return told != nil && told != "node\(leader)"
    }
  }

  @Test("the events of a cluster are followed through the loss of the node that tells them")
  func events() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let order = [leader] + [1, 2, 3].filter { $0 != leader }
    let words = ["events", "--json"] + order.flatMap { ["--url", cluster.nodes[$0 - 1].url] }
    let stranger = try cluster.run(words + ["--token", cluster.token("agent", "kim")], complaints: true)
    #expect(stranger.status == 1 && stranger.output.contains("forbidden: "), "\(stranger)")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: TestCluster.executable)
    process.arguments = words + ["--secret-file", cluster.directory + "/secret"]
    let file = cluster.directory + "/events"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: file)
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    @Sendable func told() throws -> [(event: String, health: String?)] {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      return try text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1).map {
        let line = try Self.object(String($0))
        return (line["event"] as? String ?? "", (line["data"] as? [String: Any])?["health"] as? String)
      }
    }
    try await eventually("the state is told") { try told().map(\.event).prefix(1) == ["state"] }
    cluster.kill9(order[0])
    // Another node knows nothing of what the first has told.
    try await eventually("another node goes on") { try told().contains { $0.event == "missed" } }
    cluster.kill9(order[1])
    try await eventually("it is told that there is no quorum") {
      try told().contains { $0.health == "no_quorum" }
    }
    // A stream is no reason for a node to stay.
    cluster.signal(order[2], SIGTERM)
    #expect(try await cluster.exitCode(order[2]) == 0)
  }

  /// Commands find cluster and token by a context.
  private func contexts(_ cluster: TestCluster) throws {
    let home = cluster.directory + "/home"
    func run(_ words: [String], _ variables: [String: String] = [:]) throws -> (output: String, status: Int32) {
      let all = ["XDG_CONFIG_HOME=" + home] + variables.map { "\($0)=\($1)" }
      return try Program.run(
        all + [TestCluster.executable] + words, in: URL(fileURLWithPath: cluster.directory),
        "")
    }
    let token = cluster.directory + "/token"
    try cluster.token("admin", "root").write(toFile: token, atomically: true, encoding: .utf8)
    let set = try run([
      "context", "set", "it", "--url", "http://127.0.0.1:1", "--url", cluster.nodes[1].url, "--token-file",
      "token",
    ])
    #expect(set.status == 0, "\(set)")
    #expect(try run(["context", "use", "other"]).status == 1)
    #expect(try run(["context", "use", "it"]).status == 0)
    for words in [["agent", "list"], ["cluster", "status"], ["cluster", "transfer", "--help"]] {
      let found = try run(words)
      #expect(found.status == 0, "\(words): \(found)")
    }
    #expect(try run(["agent", "list"]).output.contains("anna"))
    let shown = try run(["context", "list"])
    #expect(shown.output.contains("* it") && shown.output.contains(token), "\(shown)")
    let refused = try run(["agent", "list"], ["SWITCHBOARD_TOKEN": "x.y.z"])
    #expect(refused.status == 1 && refused.output.contains("unauthorized: "), "\(refused)")
    let bad = try run(["context", "set", "bad", "--url", "ftp://h"])
    #expect(bad.status == 64 && bad.output.contains("ftp://h"), "\(bad)")
    #expect(try run(["context", "delete", "it"]).output.contains("No context is the current one"))
  }
}
