import Foundation
import Testing

@Suite("A conversation over HTTP", .serialized, .timeLimit(.minutes(10)))
struct HTTPConversationTests {
  @Test(
    "opened, written, handed on and closed on three nodes; a repetition gets the first answer, even of a new leader"
  )
  func conversation() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let ann = try cluster.token("customer", "ann")
    let admin = try cluster.token("admin", "root")

    let (status, opened) = try await cluster.post(
      1, "/v1/sessions", #"{"channel":"web","skill":"tax","attributes":{"order":12345678901234567890}}"#,
      key: "o-1",
      token: ann)
    #expect(status == 201, "\(opened)")
    let session = try #require(opened["session"] as? String)
    #expect(opened["state"] as? String == "queued" && opened["position"] as? Int == 1)
    let again = try await cluster.post(
      2, "/v1/sessions", #"{"channel":"web","skill":"tax","attributes":{"order":12345678901234567890}}"#,
      key: "o-1",
      token: ann)
    #expect(again.0 == 201 && again.1["session"] as? String == session, "\(again)")
    let other = try await cluster.post(3, "/v1/sessions", #"{"channel":"app"}"#, key: "o-1", token: ann)
    #expect(other.0 == 409 && other.1["code"] as? String == "conflict", "\(other)")

    let said = try await cluster.post(
      2, "/v1/sessions/\(session)/messages", #"{"body":"在嗎"}"#, key: "m-1", token: ann)
    #expect(said.0 == 201 && said.1["seq"] as? Int == 1, "\(said)")
    let stranger = try await cluster.post(
      2, "/v1/sessions/\(session)/messages", #"{"body":"x"}"#, token: try cluster.token("customer", "eve"))
    #expect([403, 404].contains(stranger.0), "\(stranger)")
    let moved = try await cluster.post(
      3, "/v1/sessions/\(session)/transfer", #"{"skill":"billing"}"#, key: "t-1", token: admin)
    #expect(moved.0 == 200, "\(moved)")

    // The leader goes; whoever leads then knows what was asked before.
    cluster.signal(leader, SIGKILL)
    let rest = [1, 2, 3].filter { $0 != leader }
    let sequence = Shared(0)
    try await eventually("the others answer") {
      let answer = try? await cluster.post(
        rest[0], "/v1/sessions/\(session)/messages", #"{"body":"在嗎"}"#, key: "m-1", token: ann)
      guard let answer, answer.0 == 201 else { return false }
      sequence.set(answer.1["seq"] as? Int ?? 0)
      return true
    }
    #expect(sequence.value == 1)
    let different = try await cluster.post(
      rest[1], "/v1/sessions/\(session)/messages", #"{"body":"else"}"#, key: "m-1", token: ann)
    #expect(different.0 == 409, "\(different)")
    let next = try await cluster.post(rest[1], "/v1/sessions/\(session)/messages", #"{"body":"?"}"#, token: ann)
    #expect(next.0 == 201 && next.1["seq"] as? Int == 2, "\(next)")

    let closed = try await cluster.post(
      rest[0], "/v1/sessions/\(session)/close", #"{"reason":"solved"}"#, token: ann)
    #expect(closed.0 == 200, "\(closed)")
    let late = try await cluster.post(rest[1], "/v1/sessions/\(session)/messages", #"{"body":"x"}"#, token: ann)
    #expect(late.0 == 409 && late.1["code"] as? String == "session_closed", "\(late)")
    let rate = "/v1/sessions/\(session)/rate"
    let rated = try await cluster.post(
      rest[1], rate, #"{"score":4,"comment":"很好"}"#, key: "r-1", token: ann)
    #expect(rated.0 == 200, "\(rated)")
    let worse = try await cluster.post(rest[0], rate, #"{"score":1}"#, key: "r-1", token: ann)
    #expect(worse.0 == 409 && worse.1["code"] as? String == "conflict", "\(worse)")
    let wrong = try await cluster.post(rest[0], rate, #"{"score":6}"#, token: ann)
    #expect(wrong.0 == 400 && (wrong.1["detail"] as? String)?.contains("from 1 to 5") == true, "\(wrong)")
    let (_, data) = try await cluster.get(rest[1], "/v1/sessions/\(session)", token: admin)
    let detail = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(detail["state"] as? String == "closed" && detail["close_reason"] as? String == "solved")
    #expect(detail["skill"] as? String == "billing" && detail["seq"] as? Int == 2)
    let rating = detail["rating"] as? [String: Any]
    #expect(rating?["score"] as? Int == 4 && rating?["comment"] as? String == "很好", "\(detail)")
  }

  @Test(
    "of two who change the session that they have seen, on two nodes, one is done and the other one is told")
  func conditions() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    let ann = try cluster.token("customer", "ann")
    let admin = try cluster.token("admin", "root")
    let (status, opened) = try await cluster.post(1, "/v1/sessions", #"{"skill":"tax"}"#, key: "o", token: ann)
    #expect(status == 201, "\(opened)")
    let path = "/v1/sessions/\(try #require(opened["session"] as? String))"
    // Seen by two, each with what their role is shown.
    let (first, second) = (
      try await cluster.tag(2, path, token: ann), try await cluster.tag(3, path, token: admin)
    )
    let moved = try await cluster.post(
      3, path + "/transfer", #"{"skill":"billing"}"#, key: "t", ifMatch: second, token: admin)
    #expect(moved.0 == 200, "\(moved)")
    let late = try await cluster.post(2, path + "/close", "{}", key: "c", ifMatch: first, token: ann)
    #expect(late.0 == 412 && late.1["code"] as? String == "precondition_failed", "\(late)")
    // What was done is done, whoever asks again; weak tags are met by nothing, and `*` by whatever is there.
    let again = try await cluster.post(
      1, path + "/transfer", #"{"skill":"billing"}"#, key: "t", ifMatch: second, token: admin)
    #expect(again.0 == 200, "\(again)")
    let now = try await cluster.tag(1, path, token: ann)
    let weak = try await cluster.post(1, path + "/close", "{}", key: "c", ifMatch: "W/" + now, token: ann)
    #expect(weak.0 == 412, "\(weak)")
    let closed = try await cluster.post(2, path + "/close", "{}", key: "c", ifMatch: "*", token: ann)
    #expect(closed.0 == 200, "\(closed)")
    let rated = try await cluster.post(
      3, path + "/rate", #"{"score":5}"#, ifMatch: "\(now), \(try await cluster.tag(3, path, token: ann))",
      token: ann)
    #expect(rated.0 == 200, "\(rated)")
  }
}
