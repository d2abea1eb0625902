import Desk
import Foundation
import Protocol
import Testing

@testable import API

@Suite("Declared queries over HTTP")
struct QueryRoutesTests {
  @Test("what is asked for reaches the node as it was typed, with the freshness that was asked for")
  func asked() async throws {
    try await TestServer.run(.init()) { server async throws in
      let admin = try await TestServer.token("root", .admin)
      let answer = try await server.get("/v1/desks?after=sales&limit=7&consistency=local", token: admin)
      #expect(answer.status == 200 && answer.body == #"{"desks":[],"more":false}"#)
      _ = try await server.get("/v1/desks", token: try await TestServer.token("ann", .agent))
      let asked = server.cluster.requests.compactMap { request -> QueryRequest? in
        if case .query(let asked) = request.body { asked } else { nil }
      }
      let desks = asked.compactMap { $0.query as? Desks }
      #expect(desks.map(\.after) == [DeskName("sales"), nil] && desks.map(\.limit) == [7, Desks.most])
      #expect(asked.map(\.isLocal) == [true, false] && asked.map(\.isOfCluster) == [true, false])
    }
  }

  @Test(
    "a parameter that is no value of its field is named, and one that would end the text is none",
    arguments: [
      ("limit=0", "limit"), ("limit=101", "1 to 100"), ("limit=1e1", "1 to 100"),
      ("limit=1,%22after%22:%22a%22", "limit"),
      ("after=A%20b", "after"), ("limit=1&limit=2", "twice"), ("skill=tax", "skill"), ("limit", "limit"),
      ("limit=-1", "limit"), ("cursor=abc", "cursor"),
    ])
  func faults(query: String, naming: String) async throws {
    try await TestServer.run(.init()) { server async throws in
      let admin = try await TestServer.token("root", .admin)
      try RoutesTests().expectProblem(
        try await server.get("/v1/desks?\(query)", token: admin), 400, "bad_request", naming: naming)
      #expect(server.cluster.requests.isEmpty)
    }
  }

  @Test("a role that may not ask is refused before anything is asked")
  func roles() async throws {
    try await TestServer.run(.init()) { server async throws in
      let customer = try await TestServer.token("cy", .customer)
      try RoutesTests().expectProblem(try await server.get("/v1/desks", token: customer), 403, "forbidden")
      try RoutesTests().expectProblem(try await server.get("/v1/desks"), 401, "unauthorized")
      #expect(server.cluster.requests.isEmpty)
    }
  }

  @Test("a cursor is for the list that gave it, and is not given together with the place that it holds")
  func cursors() async throws {
    var script = ScriptedCluster.Script()
    for number in 1...3 { script.sessions[SessionID(rawValue: UInt64(number))] = .example(id: UInt64(number)) }
    try await TestServer.run(script) { server async throws in
      let alice = try await TestServer.token("alice", .customer)
      let first = try json(try await server.get("/v1/sessions?limit=1", token: alice).body)
      let cursor = try #require(first["next"] as? String)
      try RoutesTests().expectProblem(
        try await server.get("/v1/sessions?cursor=\(cursor)&before=2", token: alice), 400, "bad_request",
        naming: "not both")
      let bob = try await TestServer.token("bob", .customer)
      try RoutesTests().expectProblem(
        try await server.get("/v1/sessions?cursor=\(cursor)", token: bob), 400, "bad_request", naming: "cursor")
      let admin = try await TestServer.token("alice", .admin)
      try RoutesTests().expectProblem(
        try await server.get("/v1/desks?cursor=\(cursor)", token: admin), 400, "bad_request", naming: "cursor")
      let before = try json(try await server.get("/v1/sessions?before=2", token: alice).body)
      #expect((before["sessions"] as? [[String: Any]])?.map { $0["session"] as? String } == ["1"])
      // As it was given out before there were declared queries.
      #expect(cursor == PageCursor(3, in: "sessions/main/customer/alice").text)
    }
  }
}
