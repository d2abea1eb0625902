import API
import Gateway
import NIOCore
import Testing

/// The limits of addresses on real sockets; everybody is 127.0.0.1 here, and that is the proxy.
@Suite("Connections of proxies", .serialized)
struct ProxiedConnectionTests {
  private static func behindProxy(
    _ networks: [String] = ["127.0.0.0/8"], speakProxyProtocol: Bool = false, perAddress: Int = 1,
    requests: Int = 0
  ) throws -> (inout HTTPOptions) -> Void {
    let networks = try networks.map { try IPNetwork($0) }
    return { options in
      options.proxies = TrustedProxies(networks, speakProxyProtocol: speakProxyProtocol)
      options.httpConnectionsPerAddress = perAddress
      options.connectionsPerAddress = 4
      options.addressRequestsPerSecond = requests
      options.addressRequestBurst = max(1, requests)
      options.firstRequestSeconds = 3600
      options.stalledSeconds = 3600
      options.idleSeconds = 3600
    }
  }

  private static func request(_ address: String, more: String = "") -> String {
    "GET /openapi.json HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: \(address)\r\n\(more)\r\n"
  }

  @Test(
    "a handshake counts for the client, also behind other requests, and never for what a client adds itself")
  func handshakes() async throws {
    try await TestServer.run(configure: try Self.behindProxy()) { server async throws in
      for (before, extra, address) in [
        ("", ["X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
        ("", ["X-Forwarded-For: 6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ("", ["Forwarded: for=\"[2001:db8:2:3::1]:5\""], "2001:db8:2:3::/64"),
        ("", [], "127.0.0.1"),
        (Self.request("198.51.100.7"), ["X-Forwarded-For: 203.0.113.10"], "203.0.113.10"),
        (
          Self.request("198.51.100.7"), ["X-Forwarded-For: 203.0.113.11", "Forwarded: for=6.6.6.6"], "127.0.0.1"
        ),
      ] {
        _ = try await RawClient.exchange(port: server.port, [before + RawClient.handshake(extra: extra)]) {
          $0.contains(" 101 ")
        }
        #expect(server.entrance.addresses.last == address, "\(before) \(extra)")
      }
    }
  }

  @Test("headers of whoever is no proxy are passed over")
  func strangers() async throws {
    try await TestServer.run(configure: try Self.behindProxy(["10.0.0.0/8"])) { server async throws in
      _ = try await RawClient.exchange(
        port: server.port,
        [RawClient.handshake(extra: ["X-Forwarded-For: 10.1.1.1", "Forwarded: for=10.1.1.2"])]
      ) { $0.contains(" 101 ") }
      #expect(server.entrance.addresses == ["127.0.0.1"])
    }
  }

  @Test(
    "a request that is under way takes a place of its client's, on whichever connections the proxy sends it")
  func places() async throws {
    try await TestServer.run(configure: try Self.behindProxy()) { server async throws in
      // Ten connections of the proxy that ask for nothing, and one with half a request for one client.
      let half =
        "POST /v1/cluster/leader HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 9\r\n\r\n"
      let deadline = ContinuousClock.now + .seconds(120)
      var isHeld = false
      // Whoever looks takes the place for a moment: the half that comes just then is refused, and another one is sent.
      while !isHeld, ContinuousClock.now < deadline {
        isHeld = try await withThrowingTaskGroup { group in
          let (begun, begin) = AsyncStream.makeStream(of: Void.self)
          let (ends, end) = AsyncStream.makeStream(of: Void.self)
          group.addTask {
            _ = try await RawClient.exchange(
              port: server.port, [Self.request("198.51.100.1") + half],
              whileOpen: {
                begin.yield()
                for await _ in ends { return }
              }, until: { $0.contains("openapi") })
          }
          for await _ in begun { break }
          // Its head follows the answer before; it is there once it counts.
          var same = RawAnswer(status: 0, headers: [:], body: "")
          for _ in 0..<100 where same.status != 429 {
            same = try await server.get("/openapi.json", headers: ["X-Forwarded-For: 203.0.113.9"])
          }
          if same.status == 429 {
            #expect(same.body.contains("Your address has 1 HTTP connections"))
            #expect(same.headers["retry-after"] == "1")
            for address in ["203.0.113.8", "2001:db8::1", "unknown"] {
              let other = try await server.get("/openapi.json", headers: ["X-Forwarded-For: \(address)"])
              #expect(other.status == 200, "\(address)")
            }
            let probe = try await server.get("/livez", headers: ["X-Forwarded-For: 203.0.113.9"])
            #expect(probe.status == 200)
          }
          end.yield()
          try await group.waitForAll()
          return same.status == 429
        }
      }
      #expect(isHeld)
      // Its place is free again.
      var again = 0
      while again != 200, ContinuousClock.now < deadline {
        again = try await server.get("/openapi.json", headers: ["X-Forwarded-For: 203.0.113.9"]).status
      }
      #expect(again == 200)
      // Requests one after the other on one connection take one place, and give it back.
      let many =
        (0..<8).map { _ in Self.request("203.0.113.9") }.joined()
        + Self.request("203.0.113.9", more: "Connection: close\r\n")
      let received = try await RawClient.exchange(port: server.port, [many]) { _ in false }
      #expect(received.components(" 200 OK") == 9)
    }
  }

  @Test("requests a second are those of the client")
  func rates() async throws {
    try await TestServer.run(configure: try Self.behindProxy(perAddress: 0, requests: 2)) {
      server async throws in
      func status(_ address: String) async throws -> Int {
        try await server.get("/openapi.json", headers: ["X-Forwarded-For: \(address)"]).status
      }
      var statuses: Set<Int> = []
      let deadline = ContinuousClock.now + .seconds(120)
      while !statuses.contains(429), ContinuousClock.now < deadline {
        statuses.insert(try await status("203.0.113.9"))
      }
      #expect(statuses.contains(429))
      #expect(try await status("203.0.113.10") == 200)
    }
  }

  @Test("the PROXY protocol names the client, in any pieces, before HTTP and WebSockets")
  func protocolHeader() async throws {
    try await TestServer.run(configure: try Self.behindProxy(speakProxyProtocol: true)) { server async throws in
      for (header, address) in [
        ("PROXY TCP4 203.0.113.9 10.0.0.1 4711 80\r\n", "203.0.113.9"),
        ("PROXY TCP6 2001:db8:2:3::7 ::1 4711 80\r\n", "2001:db8:2:3::/64"),
        ("PROXY UNKNOWN\r\n", "127.0.0.1"),
        // A proxy behind a proxy: its headers count.
        ("PROXY TCP4 127.0.0.5 10.0.0.1 4711 80\r\n", "6.6.6.6"),
      ] {
        let handshake = RawClient.handshake(extra: ["X-Forwarded-For: 6.6.6.6"])
        let expected = header.contains("UNKNOWN") ? "6.6.6.6" : address
        for pieces in [
          [header + handshake], [header, handshake], Array(header).map { String($0) } + [handshake],
        ] {
          _ = try await RawClient.exchange(port: server.port, pieces) { $0.contains(" 101 ") }
          #expect(server.entrance.addresses.last == expected, "\(header)")
        }
      }
      let answer = try await RawClient.exchange(
        port: server.port,
        [
          "PROXY TCP4 203.0.113.9 10.0.0.1 4711 80\r\nGET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        ]
      ) { _ in false }
      #expect(answer.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("a proxy's connection that begins otherwise is closed without an answer")
  func malformed() async throws {
    try await TestServer.run(configure: try Self.behindProxy(speakProxyProtocol: true)) { server async throws in
      for text in [
        "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n", "PROXY TCP4 a b c d\r\nGET /livez HTTP/1.1\r\n\r\n",
      ] {
        let received = try await RawClient.exchange(port: server.port, [text]) { _ in false }
        #expect(received == "")
      }
    }
  }

  @Test("whoever is no proxy is not believed a PROXY header, and needs none")
  func strangersProtocol() async throws {
    let options = try Self.behindProxy(["10.0.0.0/8"], speakProxyProtocol: true)
    try await TestServer.run(configure: options) { server async throws in
      let header = "PROXY TCP4 203.0.113.9 10.0.0.1 4711 80\r\n"
      let received = try await RawClient.exchange(
        port: server.port, [header + "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"]
      ) { _ in false }
      #expect(received.hasPrefix("HTTP/1.1 400"))
      #expect(try await server.get("/livez").status == 200)
    }
  }
}

extension String {
  fileprivate func components(_ word: String) -> Int {
    split(separator: word, omittingEmptySubsequences: false).count - 1
  }
}
