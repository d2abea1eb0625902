import Protocol
import Testing

@testable import API

@Suite("Pages of other origins")
struct CrossOriginTests {
  private static let origins = ["https://shop.example", "https://*.shop.example", "capacitor://localhost"]

  @Test(
    "a browser that asks before it sends is told what may be sent",
    arguments: [
      "https://shop.example", "https://www.shop.example", "capacitor://localhost",
    ])
  func preflight(origin: String) async throws {
    try await TestServer.run(origins: Self.origins) { server async throws in
      for path in ["/v1/sessions/4096", "/v1/cluster/members", "/livez", "/nothing"] {
        let answer = try await RawClient.request(
          port: server.port, "OPTIONS", path,
          headers: [
            "Origin: \(origin)", "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: authorization,content-type,idempotency-key",
          ])
        #expect(answer.status == 204, "\(answer)")
        #expect(answer.headers["access-control-allow-origin"] == origin)
        #expect(answer.headers["access-control-allow-methods"]?.contains("POST") == true)
        let fields = answer.headers["access-control-allow-headers"]?.lowercased() ?? ""
        for field in ["authorization", "content-type", "idempotency-key"] { #expect(fields.contains(field)) }
        #expect(answer.headers["access-control-max-age"].flatMap { Int($0) } ?? 0 > 0)
        #expect(answer.headers["vary"] != nil)
        #expect(answer.body.isEmpty)
      }
    }
  }

  @Test("answers of all kinds may be read by the pages that are allowed, and by no others")
  func answers() async throws {
    try await TestServer.run(origins: Self.origins) { server async throws in
      let token = try await TestServer.token()
      for (path, token) in [
        ("/livez", nil), ("/v1/agents", nil), ("/v1/agents", token), ("/nothing", nil), ("/v1/connect/", nil),
        ("/v1/agents", "wrong"),
      ] as [(String, String?)] {
        for (origin, isAllowed) in [
          ("https://shop.example", true), ("https://a.b.shop.example", true), ("capacitor://localhost", true),
          ("https://evil.example", false), ("http://shop.example", false), ("null", false),
        ] {
          let answer = try await server.get(path, token: token, headers: ["Origin: \(origin)"])
          #expect(answer.headers["access-control-allow-origin"] == (isAllowed ? origin : nil), "\(answer)")
          #expect(answer.headers["vary"]?.lowercased().contains("origin") == true, "\(answer)")
        }
        let plain = try await server.get(path, token: token)
        #expect(plain.headers["access-control-allow-origin"] == nil)
        #expect(plain.headers["vary"]?.lowercased().contains("origin") == true, "it may lie in a cache")
      }
    }
  }

  @Test("who is not allowed is told so before it sends, and the connection goes on")
  func refused() async throws {
    try await TestServer.run(origins: Self.origins) { server async throws in
      let ask =
        "OPTIONS /v1/agents HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n"
        + "Access-Control-Request-Method: GET\r\n\r\n"
      let received = try await RawClient.exchange(
        port: server.port, [ask + "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]
      ) { _ in false }
      #expect(received.hasPrefix("HTTP/1.1 403 "))
      #expect(received.contains("HTTP/1.1 200 OK") && received.hasSuffix("ok\n"))
      #expect(!received.contains("access-control-allow-origin"))
      #expect(received.contains("https://evil.example"))
    }
  }

  @Test("with a star every page may read every answer; without any origin none is marked")
  func all() async throws {
    try await TestServer.run(origins: ["*"]) { server async throws in
      let answer = try await server.get("/livez", headers: ["Origin: null"])
      #expect(answer.headers["access-control-allow-origin"] == "*")
    }
    try await TestServer.run { server async throws in
      let answer = try await server.get("/livez", headers: ["Origin: https://shop.example"])
      #expect(answer.headers["access-control-allow-origin"] == nil)
      #expect(answer.headers["vary"] == nil)
    }
  }

  @Test(
    "the door of WebSockets has the same rule",
    arguments: [
      ("https://shop.example", true), ("https://x.shop.example", true), ("capacitor://localhost", true),
      ("https://shop.example:443", true), ("https://evil.example", false), ("null", false), ("file://", false),
    ])
  func handshake(origin: String, isAllowed: Bool) async throws {
    try await TestServer.run(origins: Self.origins) { server async throws in
      let received = try await RawClient.exchange(
        port: server.port, [RawClient.handshake(["Origin": origin])]
      ) { $0.contains("\r\n\r\n") }
      #expect(received.hasPrefix(isAllowed ? "HTTP/1.1 101 " : "HTTP/1.1 403 "), "\(received)")
    }
  }
}
