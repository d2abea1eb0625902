import Testing

@testable import API

@Suite("Pages that are open")
struct OpenPageTests {
  @Test(
    "answer whatever token a proxy or a stranger sends along",
    arguments: ["Bearer nonsense", "Basic dTpw", "Bearer ", "Negotiate abc"])
  func foreignToken(_ authorization: String) async throws {
    var script = ScriptedCluster.Script()
    script.status = RoutesTests.status()
    try await TestServer.run(script, openStatus: true) { server async throws in
      for path in ["/v1/cluster/status", "/metrics", "/livez", "/openapi.json"] {
        let answer = try await server.get(path, headers: ["Authorization: \(authorization)"])
        #expect(answer.status == 200, "\(path)")
      }
      let closed = try await server.get("/v1/sessions/1", headers: ["Authorization: \(authorization)"])
      #expect(closed.status == 401)
    }
    try await TestServer.run(script) { server async throws in
      let answer = try await server.get("/v1/cluster/status", headers: ["Authorization: \(authorization)"])
      #expect(answer.status == 401)
    }
  }
}
