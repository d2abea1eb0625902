import Desk
import Foundation
import Testing

@Suite("Two desks on three nodes", .serialized, .timeLimit(.minutes(10)))
struct DeskTests {
  @Test(
    "a desk is created, its people have the names of others, and nobody hears of the other desk by any door")
  func isolation() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let admin = try cluster.token("admin", "root")
    let created = try await cluster.post(
      1, "/v1/desks", #"{"desk":"acme","sessions":2}"#, key: "d-1", token: admin)
    #expect(created.0 == 200, "\(created)")
    let again = try await cluster.post(
      2, "/v1/desks", #"{"desk":"acme","sessions":2}"#, key: "d-1", token: admin)
    #expect(again.0 == 200, "\(again)")
    let different = try await cluster.post(3, "/v1/desks", #"{"desk":"acme"}"#, key: "d-1", token: admin)
    #expect(different.0 == 409, "\(different)")

    // Something that only the main desk may know.
    let secret = "the secret of main"
    let ann = try cluster.token("customer", "ann")
    let session = try await opened(cluster, 1, ann)
    let said = try await cluster.post(
      2, "/v1/sessions/\(session)/messages", #"{"body":"\#(secret)"}"#, token: ann)
    #expect(said.0 == 201, "\(said)")

    // Every operation and every page, as everybody who could be taken for one of those.
    for (role, sub) in [("customer", "ann"), ("agent", "anna"), ("supervisor", "sue"), ("admin", "root")] {
      let token = try cluster.token(role, sub, desk: "acme")
      for type in Operations.all {
        guard let route = type.route, route.fields.contains("session") else { continue }
        let path = route.path.replacingOccurrences(of: "{session}", with: session)
        let answer: (Int, Data) =
          route.method == .get
          ? try await cluster.get(3, path, token: token)
          : try await cluster.send(3, path, #"{"body":"x","reason":"x","score":3,"skill":"x"}"#, token: token)
        #expect([400, 403, 404].contains(answer.0), "\(role) \(path): \(answer.0)")
        #expect(!String(decoding: answer.1, as: UTF8.self).contains(secret))
      }
      let pages = [
        "/v1/sessions", "/v1/sessions/\(session)", "/v1/sessions/\(session)?consistency=local",
        "/v1/sessions/\(session)/messages", "/v1/agents", "/v1/desks",
      ]
      for page in pages {
        let (_, data) = try await cluster.get(2, page, token: token)
        let text = String(decoding: data, as: UTF8.self)
        #expect(
          !text.contains(secret) && !text.contains("\"\(session)\"") && !text.contains("main"),
          "\(role) \(page): \(text)")
      }
      for page in ["/v1/events?desk=main", "/v1/cluster/leader", "/v1/desks"]
      where page != "/v1/desks" || role == "admin" {
        let (code, _) =
          page.hasPrefix("/v1/events")
          ? try await cluster.get(1, page, token: token)
          : try await cluster.send(1, page, #"{"desk":"mine"}"#, token: token)
        #expect(code == 403, "\(role) \(page): \(code)")
      }
    }

    // The same names live their own lives there, and the desk's bound holds for it alone.
    let other = try cluster.token("customer", "ann", desk: "acme")
    let first = try await opened(cluster, 3, other)
    _ = try await opened(cluster, 2, other)
    let third = try await cluster.post(1, "/v1/sessions", #"{"channel":"web"}"#, token: other)
    #expect(third.0 == 429 && third.1["code"] as? String == "busy", "\(third)")
    _ = try await opened(cluster, 1, ann)
    let hidden = try await cluster.get(
      1, "/v1/sessions/\(first)", token: try cluster.token("supervisor", "sue"))
    #expect(hidden.0 == 404)
    let (_, data) = try await cluster.get(1, "/v1/desks", token: admin)
    let desks = (try JSONSerialization.jsonObject(with: data) as? [String: Any])?["desks"] as? [[String: Any]]
    #expect(desks?.map { $0["desk"] as? String } == ["acme", "main"])
    #expect(desks?.map { $0["queued"] as? Int } == [2, 2], "\(desks ?? [])")
    let (_, metrics) = try await cluster.get(1, "/metrics", token: admin)
    #expect(
      String(decoding: metrics, as: UTF8.self).contains(
        #"switchboard_desk_sessions{desk="acme",state="queued"} 2"#))

    // A node that goes takes nothing of either along.
    cluster.signal(1, SIGKILL)
    try await eventually("another node owns them") {
      let answer = try? await cluster.post(
        2, "/v1/sessions/\(first)/close", #"{"reason":"done"}"#, key: "c-1", token: other)
      return answer?.0 == 200
    }
    // A desk in use stays; an unknown one is said to be.
    let deleted = try await cluster.post(2, "/v1/desks/acme/delete", "{}", token: admin)
    #expect(deleted.0 == 409, "\(deleted)")
    let nobody = try await cluster.get(
      2, "/v1/sessions", token: try cluster.token("customer", "ann", desk: "nowhere"))
    #expect(nobody.0 == 404, "\(nobody)")
    let lost = try await cluster.post(
      2, "/v1/sessions", #"{"channel":"web"}"#, token: try cluster.token("customer", "ann", desk: "nowhere"))
    #expect(lost.0 == 404, "\(lost)")
  }

  private func opened(_ cluster: TestCluster, _ node: Int, _ token: String) async throws -> String {
    let (status, answer) = try await cluster.post(node, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    return try #require(answer["session"] as? String)
  }
}
