import Foundation
import Testing

@Suite(
  "A node's log and its configuration while it runs, on real processes", .serialized, .timeLimit(.minutes(10)))
struct ReloadTests {
  private func lines(_ cluster: TestCluster) -> [[String: String]] {
    cluster.log(1).split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String]
    }
  }

  @Test("SIGHUP ends nobody: what can change does, what cannot is named, and what is wrong changes nothing")
  func hangUp() async throws {
    let cluster = try TestCluster(settings: ["log": ["format": "json"]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    #expect(lines(cluster).count == cluster.log(1).split(separator: "\n").count)
    let path = cluster.nodes[0].config
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    var settings = try #require(try JSONSerialization.jsonObject(with: before) as? [String: Any])
    settings["log"] = ["format": "json", "level": "debug"]
    settings["limits"] = ["burst": 17]
    try JSONSerialization.data(withJSONObject: settings).write(to: URL(fileURLWithPath: path))
    cluster.signal(1, SIGHUP)
    try await eventually("node 1 has read it again") {
      lines(cluster).contains { $0["msg"]?.contains("was read again") == true && $0["log_level"] == "debug" }
    }
    try await eventually("it says what has to wait") {
      lines(cluster).contains { $0["keys"]?.contains("limits.burst") == true }
    }
    try Data("{".utf8).write(to: URL(fileURLWithPath: path))
    cluster.signal(1, SIGHUP)
    try await eventually("it says what is wrong") {
      lines(cluster).contains { $0["level"] == "error" && $0["error"]?.contains("line 1, column 2") == true }
    }
    #expect(cluster.isRunning(1))
    try await eventually("all is well") { await cluster.status(1)?["health"] as? String == "ok" }
  }

  @Test("a port that is taken is named, with what to do")
  func takenPort() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    cluster.kill9(1)
    for (key, other, words) in [
      ("client.port", cluster.nodes[1].clientPort, "clients"),
      ("peer.port", cluster.nodes[1].peerPort, "peers"),
    ] {
      let result = try cluster.run(
        ["serve", "--config", cluster.nodes[0].config, "--set", "\(key)=\(other)"], complaints: true)
      #expect(result.status != 0)
      #expect(
        result.output.contains(
          "cannot listen for \(words) at 127.0.0.1:\(other) (\(key)): another process has this port"),
        "\(result.output.suffix(800))")
    }
  }
}
