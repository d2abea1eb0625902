import Foundation
import Testing

@Suite("Three nodes drop months", .serialized, .timeLimit(.minutes(5)))
struct RetentionTests {
  private static var settings: [String: Any] {
    [
      "history": ["linger_ms": 1_000, "keep_months": 1], "desk": ["abandoned_ms": 0],
      "development": ["faults": true], "jwt": ["max_lifetime": "8760h"],
    ]
  }

  private func open(_ cluster: TestCluster, _ token: String, _ word: String, _ count: Int) async throws
    -> String
  {
    let (status, answer) = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    let session = try #require(answer["session"] as? String)
    for number in 1...count {
      let said = try await cluster.post(
        1, "/v1/sessions/\(session)/messages", #"{"body":"\#(word) \#(number)"}"#, token: token)
      #expect(said.0 == 201, "\(said)")
    }
    return session
  }

  private func months(_ cluster: TestCluster, _ node: Int) -> [String] {
    let folder = cluster.directory + "/data\(node)/archive"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".sqlite") && $0 != "catalogue.sqlite" }.sorted()
  }

  @Test(
    "when they are over for long enough, by the clock of the leader: a node that was down and has another clock drops the same"
  )
  func dropped() async throws {
    let cluster = try TestCluster(settings: Self.settings)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let customer = try cluster.token("customer", "quagga")
    let gone = try await open(cluster, customer, "zanzibar", 70)
    #expect(try await cluster.post(1, "/v1/sessions/\(gone)/close", "{}", token: customer).0 == 200)
    // So many that the first ones have left memory.
    let long = try await open(cluster, customer, "walrus", 330)
    for node in 1...3 {
      try await eventually("the archive of node \(node) has a month") {
        let all = await cluster.members(seenBy: node).values
        return all.contains { ($0["archive"] as? [String: Any])?["sessions"] as? Int == 1 }
          && months(cluster, node).count == 1
      }
    }
    let before = months(cluster, 1)
    // Three months and some days later, for each of them.
    let admin = try cluster.token("admin", "root")
    for node in 1...3 {
      let set = try await cluster.put(
        node, "/v1/development/clock", #"{"ahead_ms":\#(95 * 86_400_000)}"#, token: admin)
      #expect(set.0 == 200, "\(set)")
    }
    let later = try cluster.token("admin", "root", expires: "2880h")
    try await eventually("their clocks are near each other for the status too") {
      let problems = await cluster.status(1)?["problems"] as? [[String: Any]]
      return problems?.contains { ($0["code"] as? String) == "clock_off" } == false
    }
    // A new leader looks at once. The old one is back with the time that it really is.
    let leader = try await cluster.leader()
    cluster.kill9(leader)
    let up = try #require((1...3).first { $0 != leader })
    for node in 1...3 where node != leader {
      try await eventually("node \(node) has dropped the month") {
        months(cluster, node).allSatisfy { !before.contains($0) }
      }
    }
    try cluster.start(leader)
    try await eventually("node \(leader) has dropped it as well") {
      months(cluster, leader).allSatisfy { !before.contains($0) }
    }
    #expect(try await cluster.get(up, "/v1/sessions/\(gone)/messages", token: later).0 == 404)
    let (status, data) = try await cluster.get(up, "/v1/sessions/\(long)/messages?limit=1000", token: later)
    let page = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let sequences = (page["messages"] as? [[String: Any]] ?? []).compactMap { $0["seq"] as? Int }
    let first = try #require(sequences.first)
    #expect(status == 200 && page["complete"] as? Bool == false && page["more"] as? Bool == false)
    #expect(first > 64 && first % 64 == 1 && sequences == Array(first...330))
    let found = try await cluster.get(up, "/v1/search?q=zanzibar", token: later)
    #expect(found.0 == 200 && !String(decoding: found.1, as: UTF8.self).contains("zanzibar 1"))
  }
}
