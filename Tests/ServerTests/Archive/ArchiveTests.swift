import Foundation
import SwitchboardClient
import Testing

@Suite("What is over, on three nodes", .serialized, .timeLimit(.minutes(10)))
struct ArchiveTests {
  @Test(
    "is found on every node by those who may read it and by nobody else, and after nodes were killed and archives lost"
  )
  func found() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await eventually("the cluster is at its level") {
      (await cluster.status(1)?["level"] as? Int ?? 0) >= 4
    }
    let admin = try cluster.token("admin", "root")
    _ = try await cluster.post(1, "/v1/desks", #"{"desk":"acme"}"#, key: "d-1", token: admin)
    let ann = try cluster.token("customer", "ann")
    let long = try await conversation(cluster, ann, lines: 70, last: "退款到帐了吗，訂單 ４２ Café")
    let short = try await conversation(
      cluster, try cluster.token("customer", "bert"), lines: 1, last: "退款 please")
    let other = try await conversation(
      cluster, try cluster.token("customer", "ann", desk: "acme"), lines: 1, last: "退款 elsewhere")

    let sue = try cluster.token("supervisor", "sue")
    for node in 1...3 {
      try await eventually("node \(node) finds both") {
        Set(try await search(cluster, node, "退款", sue)) == ["\(long)#71", "\(short)#2"]
      }
      #expect(try await search(cluster, node, "订单 42", ann) == ["\(long)#71"], "simplified, half width")
      #expect(try await search(cluster, node, "cafe", ann) == ["\(long)#71"], "without its accent")
      #expect(try await search(cluster, node, "退款", ann) == ["\(long)#71"], "her own alone")
      #expect(try await search(cluster, node, "line 64", ann) == ["\(long)#64"])
      #expect(try await search(cluster, node, "nowhere", sue) == [])
      #expect(
        try await search(cluster, node, "退款", try cluster.token("supervisor", "sue", desk: "acme")) == [
          "\(other)#2"
        ],
        "of another desk")
      #expect(
        try await search(cluster, node, "退款", try cluster.token("agent", "bob")) == [], "he has served nobody")
    }
    // Lists of what is closed.
    #expect(try await past(cluster, 2, "", sue) == [short, long])
    #expect(try await past(cluster, 3, "customer=ann", sue) == [long])
    #expect(try await past(cluster, 1, "", ann) == [long])
    let refused = try await cluster.get(1, "/v1/past-sessions?customer=bert", token: ann)
    #expect(refused.0 == 200)
    #expect(try await past(cluster, 1, "rating_from=1", sue) == [])
    let rated = try await cluster.post(2, "/v1/sessions/\(long)/rate", #"{"score":5}"#, key: "r-1", token: ann)
    #expect(rated.0 == 200, "\(rated)")
    for node in 1...3 {
      try await eventually("the rating is there") {
        try await past(cluster, node, "rating_from=4", sue) == [long]
      }
    }

    // Whoever serves a customer now may read what that one has said before.
    let bob = try cluster.token("agent", "bob")
    let strange = try await cluster.get(1, "/v1/sessions/\(long)/messages", token: bob)
    #expect(strange.0 == 403)
    let attendant = try Attendant(cluster, "bob", first: 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await attendant.connection.run() }
      try await attendant.connection.setStatus(.online, skills: [], capacity: 2)
      let open = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: ann)
      let session = try #require(open.1["session"] as? String)
      try await eventually("bob serves ann") {
        (try await cluster.get(1, "/v1/sessions/\(session)", token: bob)).0 == 200
      }
      let earlier = try await cluster.get(1, "/v1/sessions/\(long)/messages", token: bob)
      #expect(earlier.0 == 200)
      #expect(try await past(cluster, 2, "customer=ann", bob) == [long])
      #expect(try await past(cluster, 1, "customer=bert", bob) == [], "he has not served bert")
      let closed = try await cluster.post(1, "/v1/sessions/\(session)/close", "{}", token: ann)
      #expect(closed.0 == 200)
      await attendant.connection.shutDown()
      while try await group.next() != nil {}
    }
    let over = try await cluster.get(1, "/v1/sessions/\(long)/messages", token: bob)
    #expect(over.0 == 403, "he serves her no longer")

    // A node that was killed has what was written, and what was said meanwhile.
    cluster.kill9(3)
    let later = try await conversation(cluster, ann, lines: 2, last: "发票 later")
    try cluster.start(3)
    try await eventually("node 3 knows what was said without it") {
      try await search(cluster, 3, "发票", sue) == ["\(later)#3"]
    }
    #expect(Set(try await search(cluster, 3, "退款", sue)) == ["\(long)#71", "\(short)#2"])

    // An archive that is lost is filled from the state.
    cluster.kill9(2)
    try FileManager.default.removeItem(atPath: cluster.directory + "/data2/archive")
    try cluster.start(2)
    try await eventually("node 2 has all of it again") {
      let hits = Set(try await search(cluster, 2, "退款", sue))
      let rated = try await past(cluster, 2, "rating_from=4", sue)
      return hits == ["\(long)#71", "\(short)#2"] && rated == [long]
    }
    // What the command line makes of it.
    let secret = ["--url", cluster.nodes[0].url, "--secret-file", cluster.directory + "/secret"]
    let exported = try cluster.run(["export", "--customer", "bert"] + secret)
    let lines = exported.output.split(separator: "\n")
    #expect(exported.status == 0 && lines.count == 3, "\(exported.output)")
    #expect(lines.first?.contains(#""type":"session""#) == true && lines.last?.contains("退款 please") == true)
    let checked = try cluster.run(["archive", "check", "--data", cluster.directory + "/data1"])
    #expect(checked.status == 0 && checked.output.contains("no damage"), "\(checked.output)")
    let nowhere = try cluster.run(["archive", "check", "--data", cluster.directory], complaints: true)
    #expect(nowhere.status == 1 && nowhere.output.contains("There is no archive"), "\(nowhere.output)")
    let page = try cluster.run(["archive", "status"] + secret)
    #expect(page.status == 0 && page.output.contains("node2"), "\(page.output)")
    let status = await cluster.status(2)
    let own = (status?["members"] as? [[String: Any]])?.first {
      $0["id"] as? String == status?["observed_by"] as? String
    }
    let archive = try #require(own?["archive"] as? [String: Any])
    #expect(archive["gap"] as? Bool == false)
  }

  /// Says "line 1" and so on, then `last`, and closes.
  private func conversation(
    _ cluster: TestCluster, _ token: String, lines: Int, last: String
  ) async throws -> String {
    let (status, answer) = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    let session = try #require(answer["session"] as? String)
    for text in (1...lines).map({ "line \($0)" }) + [last] {
      let said = try await cluster.post(
        2, "/v1/sessions/\(session)/messages", #"{"body":"\#(text)"}"#, token: token)
      #expect(said.0 == 201, "\(said)")
    }
    let closed = try await cluster.post(
      1, "/v1/sessions/\(session)/close", #"{"reason":"solved"}"#, token: token)
    #expect(closed.0 == 200, "\(closed)")
    return session
  }

  /// What is found, as `session#seq`.
  private func search(_ cluster: TestCluster, _ node: Int, _ text: String, _ token: String) async throws
    -> [String]
  {
    try await list(cluster, node, "/v1/search?q=\(escaped(text))", "hits", token).compactMap {
      guard let session = $0["session"] as? String, let sequence = $0["seq"] as? Int else { return nil }
      return "\(session)#\(sequence)"
    }
  }

  private func past(_ cluster: TestCluster, _ node: Int, _ filter: String, _ token: String) async throws
    -> [String]
  {
    try await list(cluster, node, "/v1/past-sessions?\(filter)", "sessions", token)
      .compactMap { $0["session"] as? String }
  }

  /// All pages of a list.
  private func list(
    _ cluster: TestCluster, _ node: Int, _ path: String, _ member: String, _ token: String
  ) async throws -> [[String: Any]] {
    var all: [[String: Any]] = []
    var cursor: String?
    repeat {
      let more = cursor.map { "&cursor=\($0)" } ?? ""
      // A node that starts does not listen yet.
      guard let (status, data) = try? await cluster.get(node, path + "&limit=1" + more, token: token) else {
        return [["status": 0]]
      }
      guard status == 200, let page = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        return [["status": status, "page": String(decoding: data, as: UTF8.self)]]
      }
      all += page[member] as? [[String: Any]] ?? []
      cursor = page["next"] as? String
    } while cursor != nil
    return all
  }

  private func escaped(_ text: String) -> String {
    let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyz0123456789")
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }
}
