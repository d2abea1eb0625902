import Crypto
import Foundation
import Testing

@Suite("A month that is detached from a node that serves", .serialized, .timeLimit(.minutes(10)))
struct DetachedMonthTests {
  @Test("is read on the other nodes and said to be missing on this one, until it is attached again")
  func detached() async throws {
    let cluster = try TestCluster(settings: [
      "history": ["linger_ms": 1_000], "development": ["faults": true],
    ])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let (ann, root) = (try cluster.token("customer", "ann"), try cluster.token("admin", "root"))
    let old = try await conversation(cluster, ann, "old")
    let data = cluster.directory + "/data2"
    let month = try #require(
      FileManager.default.contentsOfDirectory(atPath: data + "/archive").first { $0.hasPrefix("20") }?.prefix(7)
    )
    let cold = cluster.directory + "/cold"
    try FileManager.default.createDirectory(atPath: cold, withIntermediateDirectories: true)
    let place = ["--data", data, "--url", cluster.nodes[1].url, "--token"]
    let early = try cluster.run(
      ["archive", "detach", "\(month)", "--to", cold] + place + [root], complaints: true)
    #expect(early.status == 1 && early.output.contains("still written"), "\(early.output)")

    // Half a year later.
    for node in 1...3 {
      let moved = try await cluster.put(
        node, "/v1/development/clock", #"{"ahead_ms":\#(Self.ahead)}"#, token: root)
      #expect(moved.0 == 200 || moved.0 == 204, "\(moved)")
    }
    let bert = try later(cluster, cluster.token("customer", "bert"))
    let sue = try later(cluster, cluster.token("supervisor", "sue"))
    let asked = place + [try later(cluster, root)]
    let new = try await conversation(cluster, bert, "new")
    let detached = try cluster.run(["archive", "detach", "\(month)", "--to", cold] + asked, complaints: true)
    #expect(detached.status == 0, "\(detached.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: cold) == ["\(month).sqlite"])

    for node in 1...3 {
      let past = try await page(cluster, node, "/v1/past-sessions", sue)
      #expect(past.ids == (node == 2 ? [new] : [new, old]), "node \(node)")
      #expect(past.complete == (node == 2 ? false : nil), "node \(node)")
      #expect(
        try await cluster.get(node, "/v1/sessions/\(old)/messages", token: sue).0 == (node == 2 ? 503 : 200))
      #expect(try await cluster.get(node, "/v1/sessions/\(new)/messages", token: sue).0 == 200)
    }
    // A start changes nothing, and nothing of it is filled from the others.
    cluster.kill9(2)
    try cluster.start(2)
    try await eventually("node 2 serves again") {
      _ = try? await cluster.put(2, "/v1/development/clock", #"{"ahead_ms":\#(Self.ahead)}"#, token: root)
      return (try? await page(cluster, 2, "/v1/past-sessions", sue).ids) == [new]
    }
    let check = try cluster.run(["archive", "check", "--data", data], complaints: true)
    #expect(check.status == 0 && check.output.contains("detached"), "\(check.output)")
    let said = try cluster.run(["archive", "check", "--data", data, "--hash", "--json"])
    #expect(
      said.output.contains(#""detached":true"#) && said.output.contains(#""damaged":0"#), "\(said.output)")

    let strange = cluster.directory + "/\(month).sqlite"
    try FileManager.default.copyItem(atPath: cold + "/\(month).sqlite", toPath: strange)
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: strange))
    let bytes = try #require(try handle.readToEnd())
    let found = try #require(bytes.range(of: Data("old line 2".utf8)))
    try handle.seek(toOffset: UInt64(found.lowerBound))
    try handle.write(contentsOf: Data("x".utf8))
    try handle.close()
    let refused = try cluster.run(["archive", "attach", strange] + asked, complaints: true)
    #expect(refused.status == 1 && refused.output.contains("not attached"), "\(refused.output)")
    // Some bit in the middle need not be one that says anything.
    for damage in FileDamage.allCases where ![.flipped, .deleted].contains(damage) {
      try FileManager.default.removeItem(atPath: strange)
      try FileManager.default.copyItem(atPath: cold + "/\(month).sqlite", toPath: strange)
      let donors = [FileDamage.ofAnotherNode: cluster.directory + "/data1/archive/\(month).sqlite"]
      guard try damage.happen(to: strange, donors: donors) else { continue }
      let refused = try cluster.run(["archive", "attach", strange] + asked, complaints: true)
      #expect(
        refused.status == 1 && refused.output.contains("not attached"), "\(damage): \(refused.output)")
    }

    let attached = try cluster.run(["archive", "attach", cold + "/\(month).sqlite"] + asked, complaints: true)
    #expect(attached.status == 0 && attached.output.contains("is attached"), "\(attached.output)")
    let past = try await page(cluster, 2, "/v1/past-sessions", sue)
    #expect(past.ids == [new, old] && past.complete == nil)
    #expect(try await cluster.get(2, "/v1/sessions/\(old)/messages", token: sue).0 == 200)
    try await cluster.expectSameArchives([1, 2, 3])

    // Its file is lost the next time.
    let tooEarly = try cluster.run(["archive", "give-up", "\(month)"] + asked.dropFirst(2), complaints: true)
    #expect(tooEarly.status == 1 && tooEarly.output.contains("not detached"), "\(tooEarly.output)")
    try FileManager.default.removeItem(atPath: cold + "/\(month).sqlite")
    let away = try cluster.run(["archive", "detach", "\(month)", "--to", cold] + asked, complaints: true)
    #expect(away.status == 0, "\(away.output)")
    try FileManager.default.removeItem(atPath: cold + "/\(month).sqlite")
    let given = try cluster.run(["archive", "give-up", "\(month)", "--json"] + asked.dropFirst(2))
    #expect(given.status == 0 && given.output.contains(#""month":"\#(month)""#), "\(given.output)")
    try await eventually("node 2 has it from the others") {
      let past = try await page(cluster, 2, "/v1/past-sessions", sue)
      return past.ids == [new, old] && past.complete == nil
    }
    try await cluster.expectSameArchives([1, 2, 3])
  }

  /// How far the clocks of all nodes are set ahead, in milliseconds: half a year.
  private static let ahead = 15_552_000_000

  /// A token for nodes whose clocks are ahead; the command line makes none, as its own clock is right.
  private func later(_ cluster: TestCluster, _ token: String) throws -> String {
    func text(_ bytes: some Sequence<UInt8>) -> String {
      Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
        .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
    let parts = token.split(separator: ".").map(String.init)
    var plain = parts[1].replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    plain += String(repeating: "=", count: (4 - plain.count % 4) % 4)
    var claims =
      try JSONSerialization.jsonObject(with: #require(Data(base64Encoded: plain))) as? [String: Any] ?? [:]
    claims["exp"] = (claims["exp"] as? Int ?? 0) + Self.ahead / 1_000
    let signed = parts[0] + "." + text(try JSONSerialization.data(withJSONObject: claims))
    let secret = try Data(contentsOf: URL(fileURLWithPath: cluster.directory + "/secret"))
    let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: secret))
    return signed + "." + text(code)
  }

  /// Says three lines, closes, and waits until it has left all nodes.
  private func conversation(_ cluster: TestCluster, _ token: String, _ word: String) async throws -> String {
    let opened = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    let session = try #require(opened.1["session"] as? String, "\(opened)")
    for line in 1...3 {
      let said = try await cluster.post(
        1, "/v1/sessions/\(session)/messages", #"{"body":"\#(word) line \#(line)"}"#, token: token)
      #expect(said.0 == 201, "\(said)")
    }
    #expect(try await cluster.post(1, "/v1/sessions/\(session)/close", "{}", token: token).0 == 200)
    for node in 1...3 {
      try await eventually("node \(node) has it in its archive alone") {
        let sessions = await cluster.status(node)?["sessions"] as? [String: Int]
        let past = try await page(cluster, node, "/v1/past-sessions", token)
        return sessions?["closed"] == 0 && past.ids.contains(session)
      }
    }
    return session
  }

  private func page(_ cluster: TestCluster, _ node: Int, _ path: String, _ token: String) async throws -> (
    ids: [String], complete: Bool?
  ) {
    let (status, data) = try await cluster.get(node, path, token: token)
    guard status == 200 else { throw TestFailure("\(path): \(status)") }
    let page = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    let sessions = page["sessions"] as? [[String: Any]] ?? []
    return (sessions.compactMap { $0["session"] as? String }, page["complete"] as? Bool)
  }
}
