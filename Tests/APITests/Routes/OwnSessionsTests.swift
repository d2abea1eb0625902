import Desk
import Foundation
import Testing

@testable import API

@Suite("One's own open sessions over HTTP")
struct OwnSessionsTests {
  @Test("everybody finds their own open sessions, and nobody else's")
  func ownSessions() async throws {
    try await TestServer.run(RoutesTests.script()) { server async throws in
      try RoutesTests().expectProblem(try await server.get("/v1/sessions"), 401, "unauthorized")
      let own = try await server.get("/v1/sessions", token: try await TestServer.token("alice", .customer))
      let document = try json(own.body)
      let first = try #require((document["sessions"] as? [[String: Any]])?.first)
      #expect(first["session"] as? String == "4096" && first["state"] as? String == "active")
      #expect(first["seq"] as? Int == 7 && document["more"] as? Bool == false)
      let other = try await server.get("/v1/sessions", token: try await TestServer.token("bob", .customer))
      #expect(try (json(other.body)["sessions"] as? [Any])?.isEmpty == true)
      let token = try await TestServer.token("alice", .customer)
      try RoutesTests().expectProblem(
        try await server.get("/v1/sessions?limit=101", token: token), 400, "bad_request", naming: "1 to 100")
    }
  }
}
