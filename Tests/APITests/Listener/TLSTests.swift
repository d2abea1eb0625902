import API
import Certificates
import Foundation
import TestCertificates
import TestLog
import Testing

@Suite("TLS for clients, seen by openssl and curl", .serialized)
struct TLSTests {
  private let authority: TestAuthority
  private let tls: ServerTLS

  init() throws {
    authority = try TestAuthority()
    tls = try ServerTLS(Credentials(authority.issue("node1")))
  }

  /// Runs the server, and the tools of the other side where they may block.
  private func run(
    firstRequestSeconds: Int = 10, handshakes: Int = 2048,
    _ body: @escaping @Sendable (TestServer) async throws -> Void
  ) async throws {
    try await TestServer.run(
      openStatus: true, firstRequestSeconds: firstRequestSeconds,
      configure: {
        $0.tls = tls
        $0.tlsHandshakes = handshakes
      }, body)
  }

  private func curl(_ port: Int, _ words: [String] = [], path: String = "/v1/cluster/status") async throws
    -> String
  {
    let ca = authority.path("ca.pem")
    return try await Aside.run {
      try Program.run(
        ["curl", "-sS", "-i", "--max-time", "120", "--cacert", ca] + words + [
          "https://127.0.0.1:\(port)\(path)"
        ]
      ).output
    }
  }

  private func client(_ port: Int, _ words: String, _ input: String = "Q\n") async throws -> String {
    let authority = authority
    return try await Aside.run {
      try authority.openssl(
        "s_client -connect 127.0.0.1:\(port) -CAfile ca.pem \(words)", input: input, mayFail: true)
    }
  }

  @Test("requests go through it, as HTTP/1.1, for names and addresses of the certificate")
  func served() async throws {
    try await run { server in
      let answer = try await curl(server.port)
      #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
      let both = try await curl(server.port, ["--http2"])
      #expect(both.hasPrefix("HTTP/1.1 200"), "\(both)")
      let agreed = try await client(server.port, "-alpn h2,http/1.1")
      #expect(agreed.contains("ALPN protocol: http/1.1"), "\(agreed)")
      #expect(agreed.contains("Verify return code: 0"), "\(agreed)")
    }
  }

  @Test("from TLS 1.2 on, with forward secrecy alone")
  func versions() async throws {
    try await run { server in
      let newest = try await client(server.port, "-tls1_3")
      #expect(newest.contains("New, TLSv1.3"), "\(newest)")
      let older = try await client(server.port, "-tls1_2 -cipher ECDHE+AESGCM")
      #expect(older.contains("New, TLSv1.2"), "\(older)")
      for words in [
        "-tls1_2 -cipher AES128-SHA:AES128-GCM-SHA256", "-tls1_2 -cipher ECDHE+AES+SHA256", "-tls1_1",
      ] {
        let refused = try await client(server.port, words)
        #expect(!refused.contains("New, TLSv1"), "\(words): \(refused)")
      }
    }
  }

  @Test("plain HTTP at its port is told to use https")
  func plain() async throws {
    try await run { server in
      for request in [
        "GET /v1/cluster/status HTTP/1.1\r\nHost: a\r\n\r\n", RawClient.handshake(),
        "POST / HTTP/1.0\r\n\r\nbody",
      ] {
        let received = try await RawClient.exchange(port: server.port, [request]) { _ in false }
        let answer = try RawClient.parse(received)
        #expect(
          answer.status == 400 && answer.body.contains("tls_required") && answer.body.contains("https://"))
      }
      // Neither HTTP nor TLS: the connection ends.
      _ = try await RawClient.exchange(port: server.port, ["\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}"]) { _ in false
      }
      let answer = try await curl(server.port)
      #expect(answer.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("TLS to the plain port is answered in its own words, and the node says so once")
  func tlsToPlain() async throws {
    try await TestServer.run(openStatus: true) { server in
      let answer = try await client(server.port, "")
      #expect(answer.contains("alert protocol version"), "\(answer)")
      let seen = try await curl(server.port)
      #expect(!seen.contains("HTTP/"), "\(seen)")
    }
  }

  @Test("why clients do not get through is told in words: one line for each reason, however many they are")
  func reasons() async throws {
    let log = CapturedLog()
    let (authority, tls) = (authority, tls)
    try await TestServer.run(log: log, configure: { $0.tls = tls }) { server in
      let url = "https://127.0.0.1:\(server.port)/livez"
      @Sendable func connect(_ words: String) async throws {
        _ = try await Aside.run {
          try authority.openssl(
            "s_client -connect 127.0.0.1:\(server.port) \(words)", input: "Q\n", mayFail: true)
        }
      }
      for _ in 0..<3 {
        // Neither knows the authority; the second speaks TLS 1.2.
        for words in [[], ["--tls-max", "1.2"]] {
          _ = try await Aside.run { try Program.run(["curl", "-sS", "--max-time", "120"] + words + [url]) }
        }
        try await connect("-verify_return_error -verify 1 -tls1_3")
        try await connect("-tls1_1 -cipher ALL:@SECLEVEL=0")
        try await connect("-tls1_2 -cipher AES128-SHA")
        _ = try await RawClient.exchange(port: server.port, ["GET / HTTP/1.1\r\n\r\n"]) { _ in false }
        _ = try await RawClient.exchange(port: server.port, ["\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}"]) { _ in
          false
        }
        // One that goes in the midst of it, and one that only looks whether the port is open.
        _ = try await RawClient.exchange(port: server.port, ["\u{16}\u{3}\u{1}"], finishing: true) { _ in false
        }
        _ = try await RawClient.exchange(port: server.port, [], finishing: true) { _ in false }
        // A certificate of the client is not asked for, and does no harm.
        let answer = try await Aside.run {
          let own = try authority.issue("client")
          return try Program.run(
            [
              "curl", "-sS", "--cacert", authority.path("ca.pem"), "--cert", own.certificate, "--key", own.key,
              url,
            ]
          ).output
        }
        #expect(answer.contains("ok") || answer.contains("live"), "\(answer)")
      }
      for words in [
        "it does not know the authority of this node's certificate", "it speaks no version of TLS",
        "it does not speak TLS, and this port does", "it ended the connection within the handshake",
      ] {
        try await log.awaits(words)
        let lines = log.lines(with: words)
        #expect(lines.count == 1, "\(words): \(log.lines(with: ""))")
        #expect(lines.allSatisfy { $0.contains("address=127.0.0.1") }, "\(lines)")
      }
      #expect(log.lines(with: "a client does not get through TLS").count == 4, "\(log.lines(with: ""))")
    }
  }

  @Test("new connections are shown a new certificate")
  func rotation() async throws {
    let (authority, tls) = (authority, tls)
    try await run { server in
      let first = try await client(server.port, "")
      #expect(first.contains("CN = node1") || first.contains("CN=node1"), "\(first)")
      try tls.replace(Credentials(authority.issue("renewed")))
      let second = try await client(server.port, "")
      #expect(second.contains("CN = renewed") || second.contains("CN=renewed"), "\(second)")
    }
  }

  @Test("who does not finish its handshake is gone in time, and never keeps others out")
  func unfinished() async throws {
    try await run(firstRequestSeconds: 1) { server in
      // Nothing at all, the beginning of a record, and a record that is none.
      for bytes in [[], [22], [22, 3, 1, 2, 0, 1], [22, 3, 1, 0, 5, 1, 0, 0, 1, 9]] as [[UInt8]] {
        _ = try await RawClient.exchange(
          port: server.port, bytes.isEmpty ? [] : [String(decoding: bytes, as: UTF8.self)]
        ) { _ in false }
      }
    }
    try await run(firstRequestSeconds: 1_000, handshakes: 8) { server in
      try await withThrowingTaskGroup { crowd in
        for _ in 0..<64 {
          crowd.addTask { _ = try? await RawClient.exchange(port: server.port, ["\u{16}\u{3}"]) { _ in false } }
        }
        // While the crowd comes, each newcomer may cost somebody else the place.
        let answer = try await curl(server.port, ["--retry", "50", "--retry-all-errors", "--retry-delay", "1"])
        #expect(answer.contains("HTTP/1.1 200"), "\(answer)")
        crowd.cancelAll()
      }
    }
  }
}

/// What blocks, beside the tasks.
private enum Aside {
  static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
    }
  }
}
