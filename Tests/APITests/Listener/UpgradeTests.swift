import NIOCore
import Testing

@testable import API

@Suite("The door to the WebSocket")
struct UpgradeTests {
  @discardableResult
  func refused(
    _ server: TestServer, _ request: String, _ status: Int? = nil
  ) async throws -> RawAnswer {
    let answer = try RawClient.parse(try await RawClient.exchange(port: server.port, [request]) { _ in false })
    #expect(answer.headers["content-type"] == "application/problem+json")
    #expect(answer.headers["connection"]?.contains("close") == true)
    #expect(try json(answer.body)["status"] as? Int == answer.status)
    #expect(server.entrance.bearers.isEmpty)
    if let status { #expect(answer.status == status, "\(answer)") }
    return answer
  }

  @Test("a handshake is answered as RFC 6455 has it, and nothing of HTTP stays in the pipeline")
  func accepted() async throws {
    try await TestServer.run { server async throws in
      let received = try await RawClient.exchange(port: server.port, [RawClient.handshake(), "hello"]) {
        $0.hasSuffix("hello")
      }
      let answer = try RawClient.parse(received)
      #expect(answer.status == 101)
      // The example of RFC 6455, section 1.3.
      #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
      #expect(answer.headers["upgrade"] == "websocket")
      #expect(answer.headers["connection"] == "Upgrade")
      #expect(answer.headers["sec-websocket-protocol"] == nil)
      #expect(answer.body == "hello")
      #expect(server.entrance.bearers == [nil])
      let pipeline = try await RawClient.exchange(
        port: server.port, [RawClient.handshake()], afterAnswer: "handlers?"
      ) {
        $0.hasSuffix("END")
      }
      let names = try RawClient.parse(pipeline).body
      #expect(names.contains("Echo"))
      for name in ["HTTP", "FrontDoor", "Async", "Door"] { #expect(!names.contains(name), "\(names)") }
    }
  }

  @Test("frames that come in one piece with the handshake are not lost")
  func remainder() async throws {
    try await TestServer.run { server async throws in
      let received = try await RawClient.exchange(port: server.port, [RawClient.handshake() + "early"]) {
        $0.hasSuffix("early")
      }
      #expect(try RawClient.parse(received).body == "early")
    }
  }

  @Test("a handshake in pieces is taken, and the bearer goes to the gateway")
  func pieces() async throws {
    try await TestServer.run { server async throws in
      let request = RawClient.handshake(["Authorization": "Bearer abc.def.ghi"])
      let middle = request.index(request.startIndex, offsetBy: 40)
      let received = try await RawClient.exchange(
        port: server.port, [String(request[..<middle]), String(request[middle...]), "x"]
      ) { $0.hasSuffix("x") }
      #expect(try RawClient.parse(received).status == 101)
      #expect(server.entrance.bearers == ["abc.def.ghi"])
    }
  }

  @Test("v2.msg is chosen among several subprotocols; none of ours is refused")
  func subprotocols() async throws {
    try await TestServer.run { server async throws in
      let other = try await refused(server, RawClient.handshake(["Sec-WebSocket-Protocol": "v1.msg, chat"]))
      #expect(other.status == 400)
      #expect(try json(other.body)["code"] as? String == "unsupported")
      let received = try await RawClient.exchange(
        port: server.port, [RawClient.handshake(["Sec-WebSocket-Protocol": "v3.msg, v2.msg"])]
      ) { $0.hasSuffix("\r\n\r\n") }
      #expect(try RawClient.parse(received).headers["sec-websocket-protocol"] == "v2.msg")
    }
  }

  @Test("another version, or none, is told which one is spoken", arguments: ["", "8", "14"])
  func versions(version: String) async throws {
    try await TestServer.run { server async throws in
      let answer = try await refused(server, RawClient.handshake(["Sec-WebSocket-Version": version]))
      #expect(answer.status == 426)
      #expect(answer.headers["sec-websocket-version"] == "13")
      #expect(answer.headers["upgrade"] == "websocket")
    }
  }

  @Test("a plain GET is told to upgrade")
  func plain() async throws {
    try await TestServer.run { server async throws in
      try await refused(server, RawClient.handshake(["Upgrade": ""]), 426)
      try await refused(server, RawClient.handshake(["Connection": "keep-alive"]), 426)
    }
  }

  @Test(
    "a bad key, a body, a token in the URL and a bad Authorization are refused",
    arguments: [
      (["Sec-WebSocket-Key": "short"], "/v1/connect", 400),
      (["Sec-WebSocket-Key": ""], "/v1/connect", 400),
      (["Content-Length": "3"], "/v1/connect", 400),
      (["Transfer-Encoding": "chunked"], "/v1/connect", 400),
      ([:], "/v1/connect?token=abc", 400),
      ([:], "/v1/connect?x=1&access_token=abc", 400),
      (["Authorization": "Basic abc"], "/v1/connect", 401),
      (["Authorization": "Bearer"], "/v1/connect", 401),
    ])
  func refusals(changes: [String: String], target: String, status: Int) async throws {
    try await TestServer.run { server async throws in
      try await refused(server, RawClient.handshake(changes, target: target), status)
    }
  }

  @Test("a page of another origin is refused, one that is allowed comes in, and so does who is no browser")
  func origins() async throws {
    try await TestServer.run(origins: ["https://desk.example.com"]) { server async throws in
      try await refused(server, RawClient.handshake(["Origin": "https://evil.example.com"]), 403)
      try await refused(server, RawClient.handshake(["Origin": "null"]), 403)
      for changes in [["Origin": "https://desk.example.com"], [:]] {
        let received = try await RawClient.exchange(port: server.port, [RawClient.handshake(changes)]) {
          $0.hasSuffix("\r\n\r\n")
        }
        #expect(try RawClient.parse(received).status == 101)
      }
    }
    try await TestServer.run(origins: ["*"]) { server async throws in
      let request = RawClient.handshake(["Origin": "https://anything.example.com"])
      let received = try await RawClient.exchange(port: server.port, [request]) { $0.hasSuffix("\r\n\r\n") }
      #expect(try RawClient.parse(received).status == 101)
    }
  }

  @Test("a full node says when to come again")
  func full() async throws {
    try await TestServer.run { server async throws in
      server.entrance.fill()
      let answer = try await refused(server, RawClient.handshake())
      #expect(answer.status == 503)
      #expect(answer.headers["retry-after"] == "2")
    }
  }

  @Test("a malformed head and one that is too large are answered")
  func badHeads() async throws {
    try await TestServer.run { server async throws in
      try await refused(server, RawClient.handshake(extra: ["bad name: x"]), 400)
      let large = RawClient.handshake(extra: ["X: " + String(repeating: "y", count: 17_000)])
      try await refused(server, large, 431)
    }
  }

  @Test("who says nothing, or half of something, is shown out; others are not")
  func silence() async throws {
    try await TestServer.run(firstRequestSeconds: 1) { server async throws in
      for pieces in [[], ["GET /v1/con"], ["GET /v1/connect HTTP/1.1\r\nHost: a\r\n"]] {
        let received = try await RawClient.exchange(port: server.port, pieces) { _ in false }
        #expect(received == "")
      }
      #expect(try await server.get("/livez").status == 200)
    }
  }

  @Test("HTTP connections have a limit that WebSockets do not count for, and one that goes makes room")
  func httpLimit() async throws {
    try await TestServer.run(httpConnections: 1) { server async throws in
      let request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
      _ = try await RawClient.exchange(
        port: server.port, [request],
        whileOpen: {
          // While this one is open:
          let refused = try await server.get("/openapi.json")
          #expect(refused.status == 503)
          #expect(refused.headers["retry-after"] == "1")
          let upgraded = try await RawClient.exchange(port: server.port, [RawClient.handshake()]) {
            $0.hasSuffix("\r\n\r\n")
          }
          #expect(try RawClient.parse(upgraded).status == 101)
        }
      ) { $0.hasSuffix("ok\n") }
      // The server sees a little later than the client that it is closed.
      var answer = try await server.get("/openapi.json")
      for _ in 0..<1000 where answer.status == 503 { answer = try await server.get("/openapi.json") }
      #expect(answer.status == 200)
    }
  }

  @Test("a client that has sent its request and closed its side still gets the answer")
  func halfClosed() async throws {
    try await TestServer.run { server async throws in
      let received = try await RawClient.exchange(
        port: server.port, ["GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"], finishing: true
      ) { _ in false }
      #expect(try RawClient.parse(received).body == "ok\n")
    }
  }

  @Test("connections that come and go in every way leave the server serving")
  func many() async throws {
    try await TestServer.run { server async throws in
      try await withThrowingTaskGroup { group in
        for worker in 0..<10 {
          group.addTask {
            for turn in 0..<30 {
              let request = turn % 3 == 0 ? "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" : RawClient.handshake()
              let pieces = turn % 5 == 0 ? [String(request.prefix(20 + worker))] : [request]
              _ = try await RawClient.exchange(
                port: server.port, pieces, finishing: turn % 2 == 0 || turn % 5 == 0
              ) {
                $0.hasSuffix("\r\n\r\n") || $0.hasSuffix("ok\n")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await server.get("/livez").status == 200)
    }
  }
}
