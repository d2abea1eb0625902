import Foundation
import GRDB
import Testing

@testable import Archive
@testable import Desk

@Suite("What staff does and reads is noted by three nodes", .serialized, .timeLimit(.minutes(10)))
struct AuditTests {
  @Test("a read and an erasure are in it on all nodes, also when the leader dies, and a forged entry is found")
  func noted() async throws {
    let cluster = try TestCluster(settings: ["history": ["linger_ms": 1_000]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let (ann, kim) = (try cluster.token("customer", "quagga-77"), try cluster.token("supervisor", "kim"))
    let root = try cluster.token("admin", "root")
    let opened = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: ann)
    let session = try #require(opened.1["session"] as? String)
    let said = try await cluster.post(
      2, "/v1/sessions/\(session)/messages", #"{"body":"walrus"}"#, token: ann)
    #expect(said.0 == 201)

    // Whoever reads it is in the audit by the time of the answer; its customer is not.
    for token in [ann, kim, kim] {
      #expect(try await cluster.get(2, "/v1/sessions/\(session)/messages", token: token).0 == 200)
    }
    #expect(try await cluster.get(3, "/v1/search?q=walrus", token: kim).0 == 200)
    let down = try await cluster.leader()
    cluster.kill9(down)
    try await eventually("another one leads, and it is closed") {
      try await cluster.post(
        down % 3 + 1, "/v1/sessions/\(session)/close", #"{"reason":"x"}"#, key: "c", token: kim
      ).0 == 200
    }
    try cluster.start(down)
    try await eventually("the customer is erased") {
      let erased = try? await cluster.post(
        1, "/v1/erasures", #"{"customer":"quagga-77"}"#, key: "e", token: root)
      return erased?.0 == 200
    }
    let asked = cluster.nodes.flatMap { ["--url", $0.url] } + ["--secret-file", cluster.directory + "/secret"]
    for node in 1...3 {
      try await eventually("node \(node) has all of it") {
        guard let (status, data) = try? await cluster.get(node, "/v1/audit", token: root), status == 200,
          let page = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return false }
        let entries = page["entries"] as? [[String: Any]] ?? []
        let own = entries.filter { $0["act"] as? String != "audit" }.map {
          "\($0["actor"] ?? "") \($0["act"] ?? "") \($0["session"] as? String == session)"
        }
        #expect(!String(decoding: data, as: UTF8.self).contains("quagga"))
        return own == ["kim history true", "kim search false", "kim close true", "root erase false"]
      }
    }
    let sound = try cluster.run(["audit", "verify", "--all-nodes"] + asked, complaints: true)
    #expect(sound.status == 0 && sound.output.components(separatedBy: "all fits").count == 4, "\(sound.output)")

    // Somebody changes who it was, with a checksum that is right, on the disk of one node.
    cluster.kill9(2)
    let folder = cluster.directory + "/data2/archive"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let name = try #require(names.first { $0.hasPrefix("2") && $0.hasSuffix(".sqlite") })
    let queue = try DatabaseQueue(path: folder + "/" + name)
    try await queue.write { db in
      let found = try Row.fetchOne(db, sql: "SELECT desk, number, sum, bytes FROM audit WHERE number = 3")
      let month = try #require(Month(name: name.dropLast(7)))
      var link = try StoredAudit.read(try #require(found), month)
      link.entry.note.actor = "nobody"
      let bytes = link.encoded()
      let sum = bytes.withUnsafeBytes { StoredAudit.sum(link.desk, 3, $0) }
      try db.execute(
        sql: "UPDATE audit SET bytes = ?, sum = ? WHERE number = 3", arguments: [Data(bytes), sum])
    }
    try queue.close()
    try cluster.start(2)
    try await eventually("node 2 is back") {
      (try? await cluster.get(2, "/v1/audit", token: root))?.0 == 200
    }
    let forged = try cluster.run(["audit", "verify", "--all-nodes", "--json"] + asked, complaints: true)
    #expect(forged.status == 1, "\(forged.output)")
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(forged.output.utf8)) as? [[String: Any]])
    let faults = reports.map { ($0["fault"] as? [String: Any])?["number"] as? Int }
    #expect(faults == [nil, 3, nil])
    let check = try cluster.run(["archive", "check", "--data", cluster.directory + "/data2"], complaints: true)
    #expect(check.status == 1 && check.output.contains("Entry 3"), "\(check.output)")
  }
}
