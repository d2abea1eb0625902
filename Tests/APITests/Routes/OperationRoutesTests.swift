import Desk
import Foundation
import Protocol
import Testing

@testable import API

/// What can be asked over WebSockets and changes something can be asked over HTTP, with the same names, limits and errors.
struct OperationRoutesTests {
  private func post(
    _ server: TestServer, _ target: String, _ body: String, as id: String = "alice",
    _ role: UserRole = .customer,
    headers: [String] = []
  ) async throws -> RawAnswer {
    try await RawClient.request(
      port: server.port, "POST", target, token: try await TestServer.token(id, role),
      headers: headers + ["Content-Length: \(body.utf8.count)"], body: body)
  }

  private static let opened = Reply.opened(
    SessionSummary(
      session: SessionID(rawValue: 4096), state: .queued, sequence: .zero, position: 2, etaMilliseconds: 900,
      agents: []))

  @Test("a session is opened, and its requests carry the person, the key and all fields")
  func open() async throws {
    try await TestServer.run(ScriptedCluster.Script(reply: Self.opened)) { server in
      let answer = try await post(
        server, "/v1/sessions", #"{"channel":"web","skill":"税","priority":-3,"attributes":{"n":[1, 2]}}"#,
        headers: [#"Idempotency-Key: "k-1""#])
      #expect(answer.status == 201, "\(answer.body)")
      #expect(answer.headers["location"] == "/v1/sessions/4096")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
      #expect(document["session"] as? String == "4096" && document["position"] as? Int == 2)
      let requests = server.cluster.requests
      #expect(requests.first?.person.id == "alice")
      guard case .open(let open)? = requests.first?.body else {
        Issue.record("\(requests)")
        return
      }
      #expect(open.id == "k-1" && open.channel == "web" && open.skill == "税" && open.priority == -3)
      #expect(open.attributes == [Attribute(name: "n", json: "[1, 2]")])
      // It was no connection that stays.
      guard case .disconnected? = requests.last?.body, requests.count == 2 else {

        Issue.record("\(requests)")
        return

      }
      #expect(requests.last?.connection == requests.first?.connection)
    }
  }

  @Test("a message, a close and a transfer take their session from the path")
  func sessionOperations() async throws {
    let stored = Reply.acknowledged(SessionID(rawValue: 4096), Sequence(7), time: 1_700_000_000_123)
    try await TestServer.run(ScriptedCluster.Script(reply: stored)) { server in
      let sent = try await post(server, "/v1/sessions/4096/messages", #" { "body" : "在線\n" } "#)
      #expect(sent.status == 201 && sent.body.contains(#""seq":7"#) && sent.body.contains("2023-11-14T"))
      guard case .send(SessionID(rawValue: 4096), let id, let body)? = server.cluster.requests.first?.body
      else {

        Issue.record("\(server.cluster.requests)")
        return

      }
      #expect(id.hasPrefix("http-") && body == Array("在線\n".utf8))
      server.cluster.change { $0.reply = .done }
      server.cluster.change { $0.requests = [] }
      #expect(try await post(server, "/v1/sessions/17/close", "").status == 200)
      #expect(
        try await post(server, "/v1/sessions/17/transfer", #"{"skill":"tax"}"#, as: "bob", .agent).status == 200
      )
      let records = server.cluster.requests.compactMap { request in
        if case .perform(let record) = request.body { record } else { nil }
      }
      #expect(records.allSatisfy { $0.session == SessionID(rawValue: 17) })
      #expect(records.contains { $0.opened(as: Close.self) != nil }, "\(records)")
      #expect(records.contains { $0.opened(as: Transfer.self)?.skill == "tax" }, "\(records)")
    }
  }

  @Test(
    "what is wrong is refused with the frame's words, and nothing is asked",
    arguments: [
      ("/v1/sessions", #"{"chanel":"web"}"#, 400, "chanel"), ("/v1/sessions", "[]", 400, "JSON object"),
      ("/v1/sessions", #"{"channel":7}"#, 400, "`channel` must be a string."),
      ("/v1/sessions", #"{"channel":"a","channel":"b"}"#, 400, "twice"),
      ("/v1/sessions", #"{"priority":1}"#, 403, "`priority` may be 0"),
      ("/v1/sessions", "{\"channel\":\"a\u{202e}\"}", 400, "direction"),
      ("/v1/sessions", #"{"channel":"\ud83d"}"#, 400, "JSON object"),
      ("/v1/sessions/4096/messages", "", 400, "`body` is missing."),
      ("/v1/sessions/4096/messages", #"{"session":"1","body":"x"}"#, 400, "session"),
      ("/v1/sessions/zero/messages", #"{"body":"x"}"#, 404, "no such session"),
      ("/v1/sessions/4096/messages?body=x", "{}", 400, "body"),
      ("/v1/sessions/4096/transfer", #"{"skill":"a"}"#, 403, "agents, supervisors and admins"),
    ])
  func refusals(_ target: String, _ body: String, _ status: Int, _ words: String) async throws {
    try await TestServer.run(ScriptedCluster.Script(reply: .done)) { server in
      let answer = try await post(server, target, body)
      #expect(answer.status == status && answer.body.contains(words), "\(answer.body)")
      #expect(server.cluster.requests.isEmpty)
    }
  }

  @Test(
    "a key that could not be kept is refused",
    arguments: ["", "\"\"", "a b", "é", String(repeating: "k", count: 65)])
  func keys(_ key: String) async throws {
    try await TestServer.run(ScriptedCluster.Script(reply: Self.opened)) { server in
      let answer = try await post(server, "/v1/sessions", "{}", headers: ["Idempotency-Key: \(key)"])
      #expect(answer.status == 400 && server.cluster.requests.isEmpty, "\(answer.body)")
    }
  }

  @Test("a refusal of the cluster has its code and its status", arguments: Failure.Code.allCases)
  func failures(_ code: Failure.Code) async throws {
    let reply = Reply.failed(Failure(code, "words", retryAfterMilliseconds: 1500))
    try await TestServer.run(ScriptedCluster.Script(reply: reply)) { server in
      let answer = try await post(server, "/v1/sessions/1/close", "{}")
      #expect((400..<600).contains(answer.status) && answer.body.contains(code.rawValue), "\(answer.body)")
    }
  }

  @Test("what is refused for the asker's own sake is no fault of the server")
  func ofAsker() async throws {
    let failures = [
      (Failure(.busy, "no room there", isOfAsker: true), 409), (Failure(.busy, "no room here"), 503),
      (Failure(.busy, "you have enough", retryAfterMilliseconds: 1500, isOfAsker: true), 429),
    ]
    for (failure, status) in failures {
      try await TestServer.run(ScriptedCluster.Script(reply: .failed(failure))) { server in
        let answer = try await post(server, "/v1/sessions/1/close", "{}")
        #expect(answer.status == status && answer.body.contains(#""busy""#), "\(answer.body)")
        #expect(answer.headers["retry-after"] == [429: "2", 503: "1"][status])
      }
    }
  }

  @Test("whoever goes away or gets no answer leaves nothing behind")
  func patience() async throws {
    let cluster = ScriptedCluster()
    let requests = HTTPRequests(cluster: cluster, number: 1, patience: .milliseconds(1))
    let person = Person(id: "alice", role: .customer, name: "")
    await #expect(throws: Failure.self) {
      try await requests.perform(
        .perform(Close(session: SessionID(rawValue: 1), reason: ""), id: ""), by: person, of: .main)
    }
    let patient = HTTPRequests(cluster: cluster, number: 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: (any Error).self) {
          try await patient.perform(
            .perform(Close(session: SessionID(rawValue: 1), reason: ""), id: ""), by: person, of: .main)
        }
      }
      let deadline = ContinuousClock.now + .seconds(180)
      while cluster.requests.count < 3, ContinuousClock.now < deadline { await Task.yield() }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(cluster.requests.count == 4)
    #expect(requests.waiting == 0 && patient.waiting == 0)
  }

  @Test("nobody without a token asks for anything, and the methods of a path are told")
  func doors() async throws {
    try await TestServer.run(ScriptedCluster.Script(reply: .done)) { server in
      let stranger = try await RawClient.request(port: server.port, "POST", "/v1/sessions/1/close")
      #expect(stranger.status == 401 && server.cluster.requests.isEmpty)
      let wrong = try await RawClient.request(
        port: server.port, "DELETE", "/v1/sessions", token: try await TestServer.token())
      #expect(wrong.status == 405)
      #expect(wrong.headers["allow"].map { $0.contains("GET") && $0.contains("POST") } == true)
    }
  }
}
