import Protocol
import Testing

@testable import API

/// What a proxy's pool of connections sends over one of them: requests of several clients, one behind the other.
@Suite("Connections that carry many requests")
struct PersistentConnectionTests {
  private static func request(_ line: String, _ headers: [String] = [], body: String = "") -> String {
    ([line, "Host: localhost"] + headers).joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  /// Requests, and the status of the answer to each.
  private static let before: [(requests: [String], statuses: [Int])] = [
    ([request("GET /livez HTTP/1.1")], [200]),
    ([request("HEAD /livez HTTP/1.1")], [200]),
    ([request("GET /nothing HTTP/1.1")], [404]),
    ([request("HEAD /nothing HTTP/1.1")], [404]),
    ([request("GET /v1/agents HTTP/1.1")], [401]),
    ([request("POST /livez HTTP/1.1", ["Content-Length: 5"], body: "hello")], [405]),
    ([request("POST /v1/cluster/leader HTTP/1.1", ["Content-Length: 2"], body: "{}")], [401]),
    (
      [
        request(
          "POST /v1/cluster/leader HTTP/1.1", ["Transfer-Encoding: chunked"],
          body: "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
      ], [401]
    ),
    ([request("OPTIONS /livez HTTP/1.1")], [405]),
    ([request("GET /livez HTTP/1.0", ["Connection: keep-alive"])], [200]),
    ([request("HEAD /livez HTTP/1.0", ["Connection: Keep-Alive"])], [200]),
    ([request("GET /livez HTTP/1.1", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"])], [200]),
    ([request("GET /livez HTTP/1.1", ["Connection: Upgrade", "Upgrade: websocket"])], [200]),
    (
      [
        request(
          "POST /livez HTTP/1.1", ["Connection: upgrade", "Upgrade: h2c", "Content-Length: 3"], body: "abc")
      ], [405]
    ),
    (["\r\n\r\n" + request("GET /livez HTTP/1.1"), "\r\n" + request("GET /livez HTTP/1.1")], [200, 200]),
    (
      [
        request("GET /livez HTTP/1.1"), request("GET /nothing HTTP/1.1"),
        request("POST /livez HTTP/1.1", ["Content-Length: 1"], body: "x"), request("HEAD /livez HTTP/1.1"),
        request("GET /livez HTTP/1.1", ["Connection: Upgrade", "Upgrade: h2c"]),
      ], [200, 404, 405, 200, 200]
    ),
  ]

  private static func statuses(_ text: String) -> [Int] {
    text.split(separator: "HTTP/1.", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      let words = part.prefix { $0 != "\r\n" }.split(separator: " ")
      return words.count >= 2 ? Int(words[1]) : nil
    }
  }

  @Test("a WebSocket begins behind any other requests, and what stands behind its handshake is its own")
  func pipelined() async throws {
    try await TestServer.run { server async throws in
      for (requests, statuses) in Self.before {
        let text = requests.joined() + RawClient.handshake() + "frames of it"
        let received = try await RawClient.exchange(port: server.port, [text]) { $0.hasSuffix("frames of it") }
        #expect(Self.statuses(received) == statuses + [101], "\(requests): \(received)")
        #expect(received.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
      }
      #expect(server.entrance.bearers.count == Self.before.count)
    }
  }

  @Test("what the client says when the WebSocket is there comes through, be the handshake pipelined or not")
  func goesOn() async throws {
    try await TestServer.run { server async throws in
      for (requests, _) in Self.before {
        let received = try await RawClient.exchange(
          port: server.port, [requests.joined() + RawClient.handshake()], whenUpgraded: "later frames",
          until: { $0.hasSuffix("later frames") })
        #expect(received.contains(" 101 "))
      }
    }
  }

  @Test("a WebSocket begins when the answers before it have come, and gets its token")
  func inTurn() async throws {
    try await TestServer.run { server async throws in
      let handshake = RawClient.handshake(extra: ["Authorization: Bearer abc"])
      for (requests, statuses) in Self.before where requests.count == 1 {
        let received = try await RawClient.exchange(
          port: server.port, requests, afterAnswer: handshake,
          until: { $0.contains(" 101 ") && $0.hasSuffix("\r\n\r\n") })
        #expect(Self.statuses(received) == statuses + [101], "\(requests): \(received)")
      }
      #expect(server.entrance.bearers.allSatisfy { $0 == "abc" })
    }
  }

  @Test(
    "a WebSocket that is the second request leaves nothing of HTTP in the pipeline, and its place is free again"
  )
  func pipeline() async throws {
    try await TestServer.run(httpConnections: 1) { server async throws in
      let text = Self.request("GET /openapi.json HTTP/1.1") + RawClient.handshake() + "handlers?"
      let received = try await RawClient.exchange(
        port: server.port, [text],
        whileOpen: {
          let answer = try await server.get("/openapi.json")
          #expect(answer.status == 200)
        },
        until: { $0.hasSuffix("END") })
      let names = try #require(received.split(separator: " 101 ").last)
      #expect(names.contains("Echo"))
      for name in ["HTTPResponseEncoder", "Gate", "Reader", "Door"] {
        #expect(!names.contains(name), "\(names)")
      }
    }
  }

  @Test("a handshake that is refused in its turn is answered, and the connection ends")
  func refused() async throws {
    try await TestServer.run(origins: ["https://shop.example"]) { server async throws in
      for (handshake, status) in [
        (Self.request("GET /v1/connect HTTP/1.1"), 426),
        (RawClient.handshake(["Sec-WebSocket-Version": "8"]), 426),
        (RawClient.handshake(["Sec-WebSocket-Key": "short"]), 400),
        (RawClient.handshake(["Sec-WebSocket-Protocol": "v9.msg"]), 400),
        (RawClient.handshake(["Origin": "https://evil.example"]), 403),
        (RawClient.handshake().replacing("HTTP/1.1", with: "HTTP/1.0"), 400),
        (RawClient.handshake(extra: ["Content-Length: 2"]) + "{}", 400),
      ] {
        let received = try await RawClient.exchange(
          port: server.port, [Self.request("GET /livez HTTP/1.1") + handshake + "more"]
        ) { _ in false }
        #expect(Self.statuses(received) == [200, status], "\(handshake): \(received)")
        #expect(received.contains("application/problem+json"))
      }
      server.entrance.fill()
      let received = try await RawClient.exchange(
        port: server.port, [Self.request("GET /livez HTTP/1.1") + RawClient.handshake()]
      ) { _ in false }
      #expect(Self.statuses(received) == [200, 503], "\(received)")
    }
  }

  @Test(
    "a connection ends when the client asks for it, in whatever letters, and with HTTP/1.0 unless it asks to stay"
  )
  func ends() async throws {
    try await TestServer.run { server async throws in
      for request in [
        Self.request("GET /livez HTTP/1.1", ["Connection: Close"]),
        Self.request("GET /livez HTTP/1.1", ["Connection: foo, close"]),
        Self.request("GET /livez HTTP/1.0"), "GET /livez HTTP/1.0\r\n\r\n",
        "GET /livez HTTP/1.0\r\nConnection: close\r\n\r\n",
      ] {
        let received = try await RawClient.exchange(port: server.port, [request]) { _ in false }
        #expect(Self.statuses(received) == [200], "\(received)")
        #expect(received.contains("connection: close\r\n"))
        #expect(received.hasSuffix("ok\n"))
      }
      let stays = try await RawClient.exchange(
        port: server.port, ["GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
        afterAnswer: "GET /livez HTTP/1.0\r\n\r\n"
      ) { _ in false }
      #expect(Self.statuses(stays) == [200, 200])
      #expect(stays.contains("connection: keep-alive\r\n") && stays.contains("connection: close\r\n"))
    }
  }

  @Test("who waits to be told that its body is wanted is told so")
  func expects() async throws {
    try await TestServer.run { server async throws in
      let token = try await TestServer.token()
      let head = Self.request(
        "POST /v1/cluster/leader HTTP/1.1",
        ["Content-Length: 2", "Expect: 100-continue", "Authorization: Bearer \(token)", "Connection: close"])
      let received = try await RawClient.exchange(port: server.port, [head], afterAnswer: "{}") { _ in false }
      #expect(Self.statuses(received) == [100, 200], "\(received)")
    }
  }

  @Test("a body that is too large is answered, whether its length was told or not, and the connection ends")
  func largeBody() async throws {
    try await TestServer.run { server async throws in
      let large = String(repeating: "x", count: 70_000)
      for request in [
        Self.request("POST /v1/cluster/leader HTTP/1.1", ["Content-Length: 70000"]),
        Self.request(
          "POST /v1/cluster/leader HTTP/1.1", ["Transfer-Encoding: chunked"],
          body: "11170\r\n" + large + "\r\n0\r\n\r\n"),
      ] {
        let received = try await RawClient.exchange(
          port: server.port, [Self.request("GET /livez HTTP/1.1") + request]
        ) { _ in false }
        #expect(Self.statuses(received) == [200, 413], "\(received)")
      }
    }
  }

  @Test("a connection that stays idle ends after its time")
  func idle() async throws {
    try await TestServer.run(configure: { $0.idleSeconds = 1 }) { server async throws in
      for text in [
        Self.request("GET /livez HTTP/1.1"), Self.request("GET /livez HTTP/1.1") + "GET /livez HTTP/1.1\r\nHo",
      ] {
        let received = try await RawClient.exchange(port: server.port, [text]) { _ in false }
        #expect(Self.statuses(received) == [200])
      }
    }
  }
}
