import Desk
import Protocol
import Testing

@testable import API

@Suite("Faults of a node over HTTP, for tests")
struct DevelopmentRoutesTests {
  private func put(_ server: TestServer, _ target: String, _ body: String) async throws -> RawAnswer {
    try await RawClient.request(
      port: server.port, "PUT", target, token: try await TestServer.token("root", .admin),
      headers: ["Content-Length: \(body.utf8.count)"], body: body)
  }

  @Test("a cut, a clock and a disk arrive as they were meant")
  func asked() async throws {
    try await TestServer.run { server async throws in
      for (path, body) in [
        ("partition", #"{"nodes":["node2"]}"#), ("partition", #"{"nodes":["node2","node3"],"direction":"in"}"#),
        ("partition", #"{"nodes":["node3"],"direction":"out"}"#), ("clock", #"{"ahead_ms":-5000}"#),
        ("disk", #"{"sync_delay_ms":80}"#), ("disk", #"{"full":true}"#), ("disk", "{}"),
      ] {
        #expect(try await put(server, "/v1/development/" + path, body).status == 200, "\(path) \(body)")
      }
      #expect(
        server.cluster.asked == [
          .inject(.partition(nodes: ["node2"], .both)),
          .inject(.partition(nodes: ["node2", "node3"], .incoming)),
          .inject(.partition(nodes: ["node3"], .outgoing)), .inject(.clock(ahead: -5000)),
          .inject(.disk(syncDelay: 80, isFull: false)), .inject(.disk(syncDelay: 0, isFull: true)),
          .inject(.disk(syncDelay: 0, isFull: false)),
        ])
    }
  }

  @Test(
    "what is out of bounds is refused and says what is allowed",
    arguments: [
      ("partition", #"{"nodes":["node2"],"direction":"left"}"#, "both, in, out"),
      ("clock", #"{"ahead_ms":31536000001}"#, "31536000000"), ("clock", "{}", "ahead_ms"),
      ("disk", #"{"sync_delay_ms":-1}"#, "10000"), ("disk", #"{"sync_delay_ms":10001}"#, "10000"),
    ])
  func bounds(path: String, body: String, allowed: String) async throws {
    try await TestServer.run { server async throws in
      let answer = try await put(server, "/v1/development/" + path, body)
      #expect(answer.status == 400)
      #expect(answer.body.contains(allowed), "\(answer.body)")
      #expect(server.cluster.asked == [])
    }
  }
}
