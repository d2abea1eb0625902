import Foundation
import Testing

@Suite("What has left the memory of three nodes", .serialized, .timeLimit(.minutes(10)))
struct LeavingTests {
  /// Sessions stay one second after their end.
  private static var settings: [String: Any] {
    ["history": ["linger_ms": 1_000], "raft": ["snapshot_entries": 300]]
  }

  @Test(
    "is read as before, by those who may, on every node, from both ends and over the border, also by nodes that start anew"
  )
  func read() async throws {
    let cluster = try TestCluster(settings: Self.settings)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let (ann, bert) = (try cluster.token("customer", "ann"), try cluster.token("customer", "bert"))
    let sue = try cluster.token("supervisor", "sue")
    let long = try await open(cluster, ann)
    try await say(cluster, 1...300, in: long, ann)
    let short = try await open(cluster, bert)
    try await say(cluster, 1...3, in: short, bert)
    let rated = try await cluster.post(
      3, "/v1/sessions/\(short)/rate", #"{"score":4,"comment":"ok"}"#, key: "r-1", token: bert)
    #expect(rated.0 == 200, "\(rated)")
    let closed = try await cluster.post(1, "/v1/sessions/\(short)/close", #"{"reason":"solved"}"#, token: bert)
    #expect(closed.0 == 200)

    for node in 1...3 {
      try await eventually("node \(node) has let the short one go") {
        await sessions(cluster, node) == ["active": 0, "queued": 1, "closed": 0]
      }
    }
    // Some of the long one has left, too: what comes is the same from wherever it is asked.
    for start in [0, 3] {
      if start > 0 {
        cluster.kill9(start)
        try cluster.start(start)
      }
      for node in 1...3 {
        try await eventually("node \(node) reads all of both") {
          let all = try await texts(cluster, node, long, sue, limit: 1_000)
          let some = try await texts(cluster, node, long, ann, limit: 37)
          let back = try await backwards(cluster, node, long, ann, limit: 41)
          let little = try await texts(cluster, node, short, bert, limit: 2)
          let lines = (1...300).map { "line \($0)" }
          return all == lines && some == lines && back == lines && little == ["line 1", "line 2", "line 3"]
        }
      }
    }
    let detail = try await get(cluster, 2, "/v1/sessions/\(short)", token: bert)
    #expect(detail.0 == 200 && detail.1["state"] as? String == "closed", "\(detail)")
    #expect(detail.1["close_reason"] as? String == "solved")
    let rating = detail.1["rating"] as? [String: Any]
    #expect(rating?["score"] as? Int == 4 && rating?["comment"] as? String == "ok" && rating?["time"] != nil)
    try await expectReport(cluster, sue)
    let seen = try await get(cluster, 3, "/v1/sessions/\(short)", token: sue)
    #expect(seen.1["owner"] as? String == "" && seen.1["epoch"] == nil, "nobody owns it: \(seen)")
    for path in ["/v1/sessions/\(short)", "/v1/sessions/\(short)/messages"] {
      #expect(try await cluster.get(2, path, token: ann).0 == 403)
      let elsewhere = try await cluster.get(
        2, path, token: try cluster.token("supervisor", "sue", desk: "acme"))
      #expect(elsewhere.0 == 404)
    }
    #expect(try await cluster.get(1, "/v1/sessions/99999999999", token: sue).0 == 404)
    try await expectRatings(cluster, short, bert, ann, sue)
    // A frame finds the same.
    let page = try cluster.run(
      [
        "session", "history", short, "--url", cluster.nodes[0].url, "--secret-file",
        cluster.directory + "/secret",
      ])
    #expect(page.status == 0 && page.output.contains("line 3"), "\(page.output)")
  }

  /// Its customer rates it once more, now that it is in archives alone: so it is shown by every node.
  private func expectRatings(
    _ cluster: TestCluster, _ session: String, _ customer: String, _ stranger: String, _ staff: String
  ) async throws {
    let path = "/v1/sessions/\(session)"
    for _ in 0..<2 {
      let late = try await cluster.post(
        2, path + "/rate", #"{"score":5,"comment":"well"}"#, key: "late", token: customer)
      #expect(late.0 == 200, "\(late)")
    }
    #expect(try await cluster.post(2, path + "/rate", #"{"score":1}"#, key: "late", token: customer).0 == 409)
    #expect(try await cluster.post(3, path + "/rate", #"{"score":1}"#, key: "r", token: stranger).0 == 403)
    #expect(try await cluster.post(1, path + "/transfer", #"{"skill":"x"}"#, key: "t", token: staff).0 == 404)
    let none = "/v1/sessions/99999999999/rate"
    #expect(try await cluster.post(1, none, #"{"score":1}"#, key: "r", token: customer).0 == 404)
    for node in 1...3 {
      try await eventually("node \(node) shows the last rating, and counts it once") {
        let (_, seen) = try await get(cluster, node, path, token: customer)
        let rating = seen["rating"] as? [String: Any]
        let (_, report) = try await get(
          cluster, node, "/v1/reports/conversations?from=1970-01-01&before=9999-12-31", token: staff)
        let rows = report["rows"] as? [[String: Any]] ?? []
        return rating?["score"] as? Int == 5 && rating?["comment"] as? String == "well"
          && rows.count == 1 && rows[0]["rating_sum"] as? Int == 5 && rows[0]["conversations"] as? Int == 1
      }
    }
    try await cluster.expectSameArchives([1, 2, 3])
  }

  /// Of the short one alone: the long one is open.
  private func expectReport(_ cluster: TestCluster, _ token: String) async throws {
    let path = "/v1/reports/conversations?from=1970-01-01&before=9999-12-31"
    for node in 1...3 {
      let (status, report) = try await get(cluster, node, path + "&by=channel", token: token)
      let rows = report["rows"] as? [[String: Any]] ?? []
      #expect(status == 200 && rows.count == 1 && report["complete"] == nil, "\(node): \(status) \(report)")
      let row = rows.first ?? [:]
      #expect(
        row["key"] as? String == "web" && row["conversations"] as? Int == 1 && row["abandoned"] as? Int == 1)
      #expect(
        row["messages"] as? Int == 3 && row["customer_messages"] as? Int == 3 && row["rating_sum"] as? Int == 4)
      #expect((row["resolution"] as? [String: Any])?["n"] as? Int == 1 && row["wait"] == nil)
    }
    #expect(try await cluster.get(1, path, token: try cluster.token("agent", "bob")).0 == 403)
    #expect(try await cluster.get(1, path + "&by=week", token: token).0 == 400)
    let elsewhere = try cluster.token("supervisor", "sue", desk: "acme")
    #expect(try await cluster.get(1, path, token: elsewhere).0 == 404)
    let shown = try cluster.run([
      "report", "--from", "1970-01-01", "--before", "9999-12-31", "--by", "channel", "--csv", "--url",
      cluster.nodes[0].url, "--secret-file", cluster.directory + "/secret",
    ])
    #expect(shown.status == 0 && shown.output.contains("web,false,1,1,3,3,0,0,0,1,4,0,"), "\(shown.output)")
  }

  /// A node that starts does not listen yet.
  private func get(_ cluster: TestCluster, _ node: Int, _ path: String, token: String) async throws -> (
    Int, [String: Any]
  ) {
    guard let (status, data) = try? await cluster.get(node, path, token: token) else { return (0, [:]) }
    return (status, try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:])
  }

  private func sessions(_ cluster: TestCluster, _ node: Int) async -> [String: Int]? {
    await cluster.status(node)?["sessions"] as? [String: Int]
  }

  private func open(_ cluster: TestCluster, _ token: String) async throws -> String {
    let (status, answer) = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    return try #require(answer["session"] as? String)
  }

  private func say(_ cluster: TestCluster, _ lines: ClosedRange<Int>, in session: String, _ token: String)
    async throws
  {
    for line in lines {
      let said = try await cluster.post(
        1 + line % 3, "/v1/sessions/\(session)/messages", #"{"body":"line \#(line)"}"#, token: token)
      #expect(said.0 == 201, "\(said)")
    }
  }

  /// All that was said, page by page from the first on.
  private func texts(
    _ cluster: TestCluster, _ node: Int, _ session: String, _ token: String, limit: Int
  ) async throws -> [String] {
    var (texts, after) = ([String](), 0)
    while true {
      let (status, page) = try await get(
        cluster, node, "/v1/sessions/\(session)/messages?after=\(after)&limit=\(limit)", token: token)
      guard status == 200, let messages = page["messages"] as? [[String: Any]] else { return texts }
      texts += messages.compactMap { $0["body"] as? String }
      after = messages.last?["seq"] as? Int ?? after
      guard page["more"] as? Bool == true else { return texts }
    }
  }

  /// All that was said, page by page from the last on.
  private func backwards(
    _ cluster: TestCluster, _ node: Int, _ session: String, _ token: String, limit: Int
  ) async throws -> [String] {
    var (texts, before) = ([String](), 1_000_000)
    while true {
      let (status, page) = try await get(
        cluster, node, "/v1/sessions/\(session)/messages?before=\(before)&limit=\(limit)", token: token)
      guard status == 200, let messages = page["messages"] as? [[String: Any]] else { return texts }
      texts = messages.compactMap { $0["body"] as? String } + texts
      before = messages.first?["seq"] as? Int ?? before
      guard page["more"] as? Bool == true else { return texts }
    }
  }
}
