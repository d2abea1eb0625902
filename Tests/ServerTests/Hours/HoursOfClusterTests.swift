import Foundation
import Testing

@Suite("Business hours of three nodes", .serialized, .timeLimit(.minutes(10)))
struct HoursOfClusterTests {
  private static let always = #"[["00:00","24:00"]]"#

  @Test("are set by an admin, shown to everybody by every node, and survive the loss of the leader")
  func hours() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try await cluster.untilRaised(seenBy: leader)
    let (root, ann) = (try cluster.token("admin", "root"), try cluster.token("customer", "ann"))
    let week = Array(repeating: Self.always, count: 7).joined(separator: ",")
    let office = #"{"zone":"Asia/Shanghai","week":[\#(week)],"days":{"2030-01-01":[]}}"#
    let set = try await cluster.post(1, "/v1/calendars/office", office, key: "1", token: root)
    #expect(set.0 == 200, "\(set)")
    let closed = Array(repeating: "[]", count: 7).joined(separator: ",")
    let shut = try await cluster.post(
      2, "/v1/calendars/shut", #"{"zone":"Europe/Berlin","week":[\#(closed)]}"#, key: "2", token: root)
    #expect(shut.0 == 200, "\(shut)")
    let strange = try await cluster.post(
      3, "/v1/calendars/x", #"{"zone":"Mars/Base","week":[\#(closed)]}"#, key: "3", token: root)
    #expect(strange.0 == 400 && "\(strange.1)".contains("zone"), "\(strange)")
    #expect(try await cluster.post(3, "/v1/calendars/x", office, key: "4", token: ann).0 == 403)
    for lost in [0, leader] {
      if lost > 0 { cluster.kill9(lost) }
      for node in 1...3 where node != lost {
        try await eventually("node \(node) shows both") {
          let first = try await now(cluster, node, "office", ann)
          let second = try await now(cluster, node, "shut", ann)
          // It is closed for a day at the beginning of 2030, which may be too far away to be said.
          return first["open"] as? Bool == true && second["open"] as? Bool == false && second["next"] == nil
        }
      }
    }
    try cluster.start(leader)
    let list = try cluster.run([
      "desk", "calendars", "--json", "--url", cluster.nodes[1].url, "--secret-file",
      cluster.directory + "/secret",
    ])
    #expect(
      list.status == 0 && list.output.contains("Asia/Shanghai") && list.output.contains("2030-01-01"),
      "\(list.output)")
    let gone = try await cluster.post(2, "/v1/calendars/office/delete", "{}", key: "5", token: root)
    #expect(gone.0 == 200, "\(gone)")
    #expect(try await cluster.get(2, "/v1/calendars/office/hours", token: ann).0 == 404)
  }

  private func now(
    _ cluster: TestCluster, _ node: Int, _ calendar: String, _ token: String
  ) async throws -> [String: Any] {
    let (status, data) = try await cluster.get(node, "/v1/calendars/\(calendar)/hours", token: token)
    guard status == 200 else { return [:] }
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
