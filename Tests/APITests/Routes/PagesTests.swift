import Desk
import Foundation
import Kernel
import Protocol
import Testing

@testable import API

@Suite("Lists over HTTP, page by page")
struct PagesTests {
  /// All elements of a list in order, however many pages it takes.
  private func all(
    _ server: TestServer, _ path: String, _ member: String, id: String, token: String,
    between: () -> Void = {}
  ) async throws -> [String] {
    var found: [String] = []
    var cursor: String?
    repeat {
      let query = (path.contains("?") ? "&" : "?") + "limit=2" + (cursor.map { "&cursor=\($0)" } ?? "")
      let answer = try await server.get(path + query, token: token)
      let document = try json(answer.body)
      let elements = try #require(document[member] as? [[String: Any]], "\(answer.body)")
      #expect(elements.count <= 2)
      found += elements.map { "\($0[id] ?? "")" }
      cursor = document["next"] as? String
      between()
    } while cursor != nil && found.count < 1_000
    return found
  }

  private func agent(_ id: String) -> AgentDetail {
    AgentDetail(
      id: AgentID(id), name: id, status: .online, skills: [], capacity: 1, chats: [], presences: [])
  }

  @Test(
    "agents, sessions and members come whole, once each, and nobody who stays is lost when others come and go")
  func wholeLists() async throws {
    var script = ScriptedCluster.Script()
    script.agents = ["ann", "bob", "cy", "dan", "在線"].map(agent)
    for number in 1...5 { script.sessions[SessionID(rawValue: UInt64(number))] = .example(id: UInt64(number)) }
    script.status.members = ["node1", "node10", "node2"].map { name in
      var member = ClusterStatus.Member()
      member.id = name
      return member
    }
    try await TestServer.run(script) { server async throws in
      let staff = try await TestServer.token("ann", .agent)
      #expect(try await all(server, "/v1/agents", "agents", id: "id", token: staff).count == 5)
      #expect(
        try await all(server, "/v1/cluster/members", "members", id: "id", token: staff)
          == ["node1", "node10", "node2"])
      let customer = try await TestServer.token("alice", .customer)
      #expect(
        try await all(server, "/v1/sessions", "sessions", id: "session", token: customer)
          == ["5", "4", "3", "2", "1"])
      var turn = 0
      let found = try await all(server, "/v1/agents", "agents", id: "id", token: staff) {
        turn += 1
        server.cluster.change { script in
          // What has been given out goes, and somebody comes before and behind it.
          if turn == 1 { script.agents = ["aaa", "bob", "bzz", "cy", "dan", "在線"].map(agent) }
        }
      }
      #expect(Set(["bob", "cy", "dan", "在線"]).isSubset(of: found) && Set(found).count == found.count)
    }
  }

  @Test("messages go on in the direction in which they were asked for")
  func messages() async throws {
    var script = ScriptedCluster.Script(sessions: [SessionID(rawValue: 4096): .example()])
    script.page = MessagePage(
      messages: [5, 6].map { number in
        Transcribed(
          sequence: Sequence(number), id: "m", sender: Person(id: "a", role: .customer, name: ""), kind: .text,
          body: [], time: 0)
      }, more: true)
    try await TestServer.run(script) { server async throws in
      let token = try await TestServer.token("alice", .customer)
      let path = "/v1/sessions/4096/messages"
      for (query, range) in [
        ("?after=4", TranscriptRange.after(Sequence(6))), ("?since=7", .after(Sequence(6))),
        ("?before=7", .before(Sequence(5))),
      ] {
        let document = try json(try await server.get(path + query, token: token).body)
        let next = try #require(document["next"] as? String)
        #expect(try await server.get("\(path)?limit=3&cursor=\(next)", token: token).status == 200)
        #expect(
          server.cluster.asked.last == .messages(SessionID(rawValue: 4096), range, limit: 3), "\(query)")
        for wrong in ["cursor=\(next)x", "cursor=", "after=1&cursor=\(next)"] {
          try RoutesTests().expectProblem(
            try await server.get("\(path)?\(wrong)", token: token), 400, "bad_request", naming: "cursor")
        }
        try RoutesTests().expectProblem(
          try await server.get("/v1/sessions?cursor=\(next)", token: token), 400, "bad_request",
          naming: "cursor", "next", "leave it out")
      }
      server.cluster.change { $0.page.more = false }
      #expect(try json(try await server.get(path, token: token).body)["next"] == nil)
    }
  }

  @Test("a cursor of one person is none of another")
  func foreign() async throws {
    var script = ScriptedCluster.Script()
    for number in 1...3 { script.sessions[SessionID(rawValue: UInt64(number))] = .example(id: UInt64(number)) }
    try await TestServer.run(script) { server async throws in
      let token = try await TestServer.token("alice", .customer)
      let document = try json(try await server.get("/v1/sessions?limit=1", token: token).body)
      let next = try #require(document["next"] as? String)
      #expect(document["more"] as? Bool == true)
      try RoutesTests().expectProblem(
        try await server.get(
          "/v1/sessions?cursor=\(next)", token: try await TestServer.token("mallory", .customer)),
        400, "bad_request", naming: "cursor")
    }
  }
}

@Suite("The tag of a session's document")
struct EntityTagTests {
  private let path = "/v1/sessions/4096"

  private func get(_ server: TestServer, _ tags: [String], method: String = "GET") async throws -> RawAnswer {
    try await RawClient.request(
      port: server.port, method, path, token: try await TestServer.token("alice", .customer),
      headers: tags.map { "If-None-Match: \($0)" })
  }

  @Test("whoever has the document is told so without it, until anything in it is another")
  func unchanged() async throws {
    try await TestServer.run(ScriptedCluster.Script(sessions: [SessionID(rawValue: 4096): .example()])) {
      server async throws in
      let first = try await get(server, [])
      let tag = try #require(first.headers["etag"])
      #expect(first.status == 200 && tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 20)
      for known in [[tag], ["W/\(tag)"], ["\"x\", \(tag)"], ["*"], ["\"x\"", " \(tag) "]] {
        for method in ["GET", "HEAD"] {
          let answer = try await get(server, known, method: method)
          #expect(answer.status == 304 && answer.body.isEmpty && answer.headers["etag"] == tag, "\(known)")
        }
      }
      for unknown in ["\"x\"", String(tag.dropLast()), "", tag.uppercased() + "x"] {
        #expect(try await get(server, [unknown]).status == 200, "\(unknown)")
      }
      let changes: [@Sendable (inout SessionDetail) -> Void] = [
        { $0.summary.sequence = Sequence(8) }, { $0.summary.agents = ["kim"].map { AgentID($0) } },
        { $0.owner = "node3" }, { $0.attributes = [] }, { $0.closeReason = "x" }, { $0.updatedAt += 1 },
      ]
      for change in changes {
        server.cluster.change { script in
          var detail = SessionDetail.example()
          change(&detail)
          script.sessions[SessionID(rawValue: 4096)] = detail
        }
        let answer = try await get(server, [tag])
        #expect(answer.status == 200 && answer.headers["etag"] != tag)
      }
    }
  }

  @Test(
    "nothing is changed on a condition that is not looked at",
    arguments: [
      ("close", "If-Unmodified-Since"), ("messages", "If-Match"), ("messages", "If-Unmodified-Since"),
    ])
  func conditions(_ operation: String, _ field: String) async throws {
    try await TestServer.run(ScriptedCluster.Script(reply: .done)) { server in
      let answer = try await RawClient.request(
        port: server.port, "POST", "\(path)/\(operation)",
        token: try await TestServer.token("alice", .customer),
        headers: ["\(field): \"x\"", "Content-Length: 0"])
      #expect(answer.status == 400 && answer.body.contains(field) && server.cluster.requests.isEmpty)
    }
  }

  @Test(
    "If-Match carries the versions of strong tags of sessions, and no other tag is met",
    arguments: [
      (nil, .some(nil)), ("*", .some(nil)), (#""00000000000000ff-aa""#, [255]),
      (#""00000000000000ff-aa", W/"0000000000000001-aa" , "00000000000000fe-bb""#, [255, 254]),
      (#"W/"00000000000000ff-aa""#, []), (#""x""#, []), (#""00000000000000FF-aa""#, []), (#""-""#, []),
      ("x", nil), ("", nil), (#"*, "x""#, nil),
      (Array(repeating: #""x""#, count: 9).joined(separator: ","), nil),
    ] as [(String?, [UInt64]??)])
  func expectations(_ header: String?, _ expected: [UInt64]??) async throws {
    try await TestServer.run(ScriptedCluster.Script(reply: .done)) { server in
      let answer = try await RawClient.request(
        port: server.port, "POST", "\(path)/close", token: try await TestServer.token("alice", .customer),
        headers: (header.map { ["If-Match: \($0)"] } ?? []) + ["Content-Length: 0"])
      guard let expected else {
        #expect(answer.status == 400 && answer.body.contains("If-Match") && server.cluster.requests.isEmpty)
        return
      }
      #expect(answer.status == 200, "\(answer.body)")
      let records = server.cluster.requests.compactMap { request -> OperationRecord? in
        if case .perform(let record) = request.body { record } else { nil }
      }
      #expect(records.map { $0.expectation.versions?.map(\.rawValue) } == [expected])
      #expect(records.map(\.since) == [expected == nil ? .third : .fifth])
    }
  }

  @Test("what is refused for its condition is 412, and the tag of a session says its version")
  func unmet() async throws {
    let failure = Failure(.preconditionFailed, "it has changed")
    var script = ScriptedCluster.Script(
      sessions: [SessionID(rawValue: 4096): .example()], reply: .failed(failure))
    script.sessions[SessionID(rawValue: 4096)]?.version = SessionVersion(rawValue: 0xabc)
    try await TestServer.run(script) { server in
      let token = try await TestServer.token("alice", .customer)
      let seen = try await server.get(path, token: token)
      let tag = try #require(seen.headers["etag"])
      #expect(tag.hasPrefix(#""0000000000000abc-"#))
      let answer = try await RawClient.request(
        port: server.port, "POST", "\(path)/close", token: token,
        headers: ["If-Match: \(tag)", "Content-Length: 0"])
      try RoutesTests().expectProblem(answer, 412, "precondition_failed")
      guard case .perform(let record)? = server.cluster.requests.first?.body else {
        Issue.record("nothing was asked")
        return
      }
      #expect(record.expectation.versions == [SessionVersion(rawValue: 0xabc)])
    }
  }
}
