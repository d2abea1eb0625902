import Foundation
import Testing

@Suite("A customer is erased from three nodes", .serialized, .timeLimit(.minutes(10)))
struct ErasureTests {
  private static var settings: [String: Any] {
    ["history": ["linger_ms": 1_000], "raft": ["snapshot_entries": 100]]
  }

  private func open(_ cluster: TestCluster, _ token: String) async throws -> String {
    let (status, answer) = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    return try #require(answer["session"] as? String)
  }

  /// Files in the data directory of a node that have these bytes.
  private func files(_ cluster: TestCluster, _ node: Int, with text: String) -> [String] {
    let root = URL(fileURLWithPath: cluster.directory + "/data\(node)")
    let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    var found: [String] = []
    while let file = all?.nextObject() as? URL {
      guard let bytes = try? Data(contentsOf: file), bytes.range(of: Data(text.utf8)) != nil else { continue }
      found.append(file.lastPathComponent)
    }
    return found
  }

  @Test(
    "nothing of the customer is in any file of any node, one that was down meanwhile included; others have all of theirs"
  )
  func erased() async throws {
    let cluster = try TestCluster(settings: Self.settings)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let (quagga, zebra) = (try cluster.token("customer", "quagga-77"), try cluster.token("customer", "zebra"))
    let root = try cluster.token("admin", "root")
    var opened: [String] = []
    for (token, word) in [(quagga, "zanzibar"), (zebra, "walrus"), (quagga, "zanzibar")] {
      let session = try await open(cluster, token)
      for number in 1...80 {
        let said = try await cluster.post(
          1 + number % 3, "/v1/sessions/\(session)/messages", #"{"body":"\#(word) \#(number)"}"#, token: token)
        #expect(said.0 == 201, "\(said)")
      }
      opened.append(session)
    }
    let sessions = opened
    for (place, token) in [(0, quagga), (1, zebra)] {
      let closed = try await cluster.post(
        1, "/v1/sessions/\(sessions[place])/close", #"{"reason":"x"}"#, token: token)
      #expect(closed.0 == 200)
    }
    // One of them is open: nothing goes.
    let early = try await cluster.post(2, "/v1/erasures", #"{"customer":"quagga-77"}"#, key: "e0", token: root)
    #expect(early.0 == 409, "\(early)")
    let last = try await cluster.post(1, "/v1/sessions/\(sessions[2])/close", #"{"reason":"x"}"#, token: quagga)
    #expect(last.0 == 200)
    for node in 1...3 {
      try await eventually("the archive of node \(node) has them") {
        let all = await cluster.members(seenBy: node).values
        return all.contains { ($0["archive"] as? [String: Any])?["sessions"] as? Int == 3 }
      }
      #expect(!files(cluster, node, with: "zanzibar").isEmpty)
    }
    // While this one is down it hears of nothing.
    let down = try await cluster.leader() % 3 + 1
    cluster.kill9(down)
    let up = (1...3).filter { $0 != down }
    try await eventually("it is erased") {
      try await cluster.post(up[0], "/v1/erasures", #"{"customer":"quagga-77"}"#, key: "e1", token: root).0
        == 200
    }
    try await eventually("nobody finds it") {
      try await cluster.get(up[1], "/v1/sessions/\(sessions[0])", token: root).0 == 404
    }
    try cluster.start(down)
    for node in 1...3 {
      try await eventually("nothing is left on node \(node)") {
        files(cluster, node, with: "zanzibar").isEmpty && files(cluster, node, with: "quagga-77").isEmpty
      }
      let members = await cluster.members(seenBy: node).values
      #expect(members.contains { ($0["archive"] as? [String: Any])?["erasing"] as? Bool == false })
      for session in [sessions[0], sessions[2]] {
        #expect(try await cluster.get(node, "/v1/sessions/\(session)/messages", token: root).0 == 404)
      }
      try await eventually("node \(node) has what others have said") {
        guard
          let (status, data) = try? await cluster.get(
            node, "/v1/sessions/\(sessions[1])/messages?limit=1000", token: zebra),
          status == 200
        else { return false }
        return String(decoding: data, as: UTF8.self).components(separatedBy: "walrus").count == 81
      }
    }
    // Whoever was erased is a new customer.
    let again = try await open(cluster, quagga)
    #expect(!sessions.contains(again))
  }

  @Test(
    "a backup from before brings nobody back: not what was open then, nor what was in memory or in the archive")
  func backup() async throws {
    let backup = NSTemporaryDirectory() + "switchboard-backup-" + UUID().uuidString
    defer { for path in [backup, backup + ".json"] { try? FileManager.default.removeItem(atPath: path) } }
    let cluster = try TestCluster(settings: Self.settings.merging(["cluster": "old"]) { $1 })
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let (quagga, zebra) = (try cluster.token("customer", "quagga-77"), try cluster.token("customer", "zebra"))
    var opened: [String] = []
    for (token, word) in [(quagga, "zanzibar"), (zebra, "walrus"), (quagga, "zanzibar")] {
      let session = try await open(cluster, token)
      let said = try await cluster.post(
        1, "/v1/sessions/\(session)/messages", #"{"body":"\#(word)"}"#, token: token)
      #expect(said.0 == 201)
      opened.append(session)
    }
    let sessions = opened
    for (place, token) in [(0, quagga), (1, zebra)] {
      #expect(try await cluster.post(1, "/v1/sessions/\(sessions[place])/close", "{}", token: token).0 == 200)
    }
    try await eventually("what is closed has left") {
      (await cluster.status(1)?["sessions"] as? [String: Int])?["closed"] == 0
    }
    let asked = ["--url", cluster.nodes[0].url, "--secret-file", cluster.directory + "/secret"]
    let made = try cluster.run(
      ["backup", "--data", cluster.directory + "/data1", "--output", backup] + asked, complaints: true)
    #expect(made.status == 0, "\(made.output)")
    #expect(try await cluster.post(1, "/v1/sessions/\(sessions[2])/close", "{}", token: quagga).0 == 200)
    let erased = try cluster.run(["erase", "quagga-77"] + asked, complaints: true)
    #expect(erased.status == 0 && erased.output.contains("node1, node2, node3"), "\(erased.output)")
    let list = try cluster.run(["desk", "erasures", "--json"] + asked)
    #expect(list.status == 0 && !list.output.contains("quagga"), "\(list.output)")
    try list.output.write(toFile: backup + ".json", atomically: true, encoding: .utf8)
    let unsaid = try cluster.run(
      ["restore", "--from", backup, "--config", cluster.nodes[0].config], complaints: true)
    #expect(unsaid.status == 64 && unsaid.output.contains("--erasures"), "\(unsaid.output)")

    let copy = try TestCluster(
      settings: Self.settings.merging(["cluster": "new"]) { $1 }, from: backup, erasures: backup + ".json")
    defer { copy.stop() }
    _ = try await copy.leader()
    let root = try copy.token("admin", "root")
    for node in 1...3 {
      try await eventually("node \(node) has what others have said") {
        guard let answer = try? await copy.get(node, "/v1/sessions/\(sessions[1])/messages", token: root) else {
          return false
        }
        return answer.0 == 200 && String(decoding: answer.1, as: UTF8.self).contains("walrus")
      }
      for session in [sessions[0], sessions[2]] {
        try await eventually("node \(node) knows nothing of \(session)") {
          try await copy.get(node, "/v1/sessions/\(session)/messages", token: root).0 == 404
        }
      }
      #expect(files(copy, node, with: "zanzibar").isEmpty && files(copy, node, with: "quagga-77").isEmpty)
    }
    // Who comes back is a new customer, whose conversations stay.
    let again = try await open(copy, try copy.token("customer", "quagga-77"))
    #expect(try await copy.get(2, "/v1/sessions/\(again)", token: root).0 == 200)
  }
}
