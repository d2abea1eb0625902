import Foundation
import Testing

@Suite("An archive that is lost, on three nodes", .serialized, .timeLimit(.minutes(10)))
struct FilledFromOthersTests {
  private func archive(_ cluster: TestCluster, _ node: Int) async -> [String: Any]? {
    let status = await cluster.status(node)
    let own = (status?["members"] as? [[String: Any]])?.first {
      $0["id"] as? String == status?["observed_by"] as? String
    }
    return own?["archive"] as? [String: Any]
  }

  private func isWhole(_ cluster: TestCluster, _ node: Int, fromOthers: Bool) async -> Bool {
    guard let archive = await archive(cluster, node) else { return false }
    let rows = archive["rows_from_others"] as? Int ?? 0
    return archive["gap"] as? Bool == false && archive["sessions"] as? Int == 6
      && archive["messages"] as? Int == 720
      && (rows > 0) == fromOthers
  }

  private func hash(_ cluster: TestCluster, _ node: Int) throws -> String {
    let checked = try cluster.run(["archive", "check", "--hash", "--data", cluster.directory + "/data\(node)"])
    #expect(checked.status == 0 && checked.output.contains("no damage"), "\(checked.output)")
    return checked.output.split(separator: "\n").last.map(String.init) ?? ""
  }

  @Test("has all rows again that the others have, whether the archive alone was lost or all of the node's data")
  func filled() async throws {
    let cluster = try TestCluster(settings: ["raft": ["snapshot_entries": 100]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await eventually("the cluster is at its level") {
      (await cluster.status(1)?["level"] as? Int ?? 0) >= 6
    }
    // More than what a log keeps behind its snapshot.
    let long = String(repeating: "x", count: 15_000)
    for customer in 1...6 {
      let token = try cluster.token("customer", "c\(customer)")
      let opened = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
      let session = try #require(opened.1["session"] as? String)
      for number in 1...120 {
        let said = try await cluster.post(
          1, "/v1/sessions/\(session)/messages", #"{"body":"word\#(number) \#(long)"}"#, token: token)
        #expect(said.0 == 201, "\(said)")
      }
      let closed = try await cluster.post(1, "/v1/sessions/\(session)/close", "{}", token: token)
      #expect(closed.0 == 200, "\(closed)")
    }
    for node in 1...3 {
      try await eventually("node \(node) has all of it") { await isWhole(cluster, node, fromOthers: false) }
    }
    let before = try hash(cluster, 1)
    #expect(before.hasPrefix("hash "))
    #expect(try hash(cluster, 2) == before)

    cluster.kill9(2)
    try FileManager.default.removeItem(atPath: cluster.directory + "/data2/archive")
    try cluster.start(2)
    try await eventually("node 2 has its archive again") { await isWhole(cluster, 2, fromOthers: true) }
    #expect(try hash(cluster, 2) == before)

    // A snapshot at the end, and with it the log goes that node 3 would have all rows from.
    let root = try cluster.token("admin", "root")
    for node in 1...2 {
      let asked = try await cluster.post(node, "/v1/snapshots", "{}", token: root)
      #expect(asked.0 == 200, "\(asked)")
    }
    cluster.kill9(3)
    try FileManager.default.removeItem(atPath: cluster.directory + "/data3")
    try cluster.start(3)
    try await eventually("node 3 has its archive again") { await isWhole(cluster, 3, fromOthers: true) }
    #expect(try hash(cluster, 3) == before)
  }
}
