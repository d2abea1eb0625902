import API
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A crowd of strangers on real sockets. Everybody is 127.0.0.1 here, the probe as well: the worst case.
@Suite("A crowd at the client port", .serialized)
struct CrowdTests {
  /// Counts one connection when the first byte of an answer has come.
  private final class FirstByte: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let hasCome = Atomic(false)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { hasCome.store(true, ordering: .relaxed) }
  }

  /// Connections that send something, and read nothing unless they are told to.
  private final class Crowd: Sendable {
    let channels: [any Channel]
    private let firstBytes: [FirstByte]

    init(_ count: Int, port: Int, saying text: String = "", reading: Bool = true) async throws {
      var channels: [any Channel] = []
      firstBytes = (0..<count).map { _ in FirstByte() }
      for firstByte in firstBytes {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .channelOption(.autoRead, value: reading)
          .channelOption(.socketOption(.so_rcvbuf), value: 4096)
          .channelInitializer { $0.pipeline.addHandler(firstByte) }
          .connect(host: "127.0.0.1", port: port).get()
        channels.append(channel)
        if !text.isEmpty { try? await channel.writeAndFlush(ByteBuffer(string: text)).get() }
      }
      self.channels = channels
    }

    var open: Int { channels.count { $0.isActive } }
    var answered: Int { firstBytes.count { $0.hasCome.load(ordering: .relaxed) } }

    func leave() async {
      for channel in channels { try? await channel.close().get() }
    }
  }

  private func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(180)
    while !(try await condition()) {
      guard ContinuousClock.now < deadline else { throw NoAnswer(received: "waited in vain: \(what)") }
      try await ContinuousClock().sleep(for: .milliseconds(10))
    }
  }

  /// No deadline of the server ends the crowd, however slow the machine is.
  private static func patient(_ change: @escaping (inout HTTPOptions) -> Void) -> (inout HTTPOptions) -> Void {
    { options in
      options.firstRequestSeconds = 3600
      options.stalledSeconds = 3600
      options.idleSeconds = 3600
      options.addressRequestsPerSecond = 0
      change(&options)
    }
  }

  private static let keepAlive = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test("when all places are taken, probes are still answered, and nothing else is")
  func allPlaces() async throws {
    try await TestServer.run(httpConnections: 8, configure: Self.patient { $0.httpConnectionsPerAddress = 0 }) {
      server async throws in
      let crowd = try await Crowd(8, port: server.port, saying: Self.keepAlive)
      try await until("all places are taken") { crowd.answered == 8 }
      for _ in 0..<50 {
        for path in ["/livez", "/readyz?noleader"] {
          let answer = try await server.get(path)
          #expect(answer.status == (path == "/livez" ? 200 : answer.status))
          #expect(answer.headers["content-type"]?.hasPrefix("text/plain") == true, "\(answer)")
        }
      }
      #expect(try await server.get("/openapi.json").status == 503)
      await crowd.leave()
      try await until("there is a place again") { try await server.get("/openapi.json").status == 200 }
    }
  }

  @Test("an address has a share of the places, and is told so")
  func share() async throws {
    try await TestServer.run(configure: Self.patient { $0.httpConnectionsPerAddress = 3 }) {
      server async throws in
      let crowd = try await Crowd(3, port: server.port, saying: Self.keepAlive)
      try await until("the share is taken") { crowd.answered == 3 }
      let refusal = try await server.get("/openapi.json")
      #expect(refusal.status == 429 && refusal.headers["retry-after"] == "1", "\(refusal)")
      #expect(try await server.get("/livez").status == 200)
      await crowd.leave()
    }
  }

  @Test("those that say nothing, or half of something, give way to those who come")
  func silent() async throws {
    for text in ["", "GET /v1/agents HTTP/1.1\r\nHost: a\r\nX: "] {
      try await TestServer.run(
        httpConnections: 2,
        configure: {
          $0.connectionsPerAddress = 16
          $0.firstRequestSeconds = 3600
        }
      ) { server async throws in
        let crowd = try await Crowd(200, port: server.port, saying: text)
        let most = 16 + 4 * System.coreCount
        try await until("no more than \(most) of the crowd are left") { crowd.open <= most }
        #expect(try await server.get("/openapi.json").status == 200)
        #expect(try await server.get("/livez").status == 200)
        await crowd.leave()
      }
    }
  }

  @Test("more connections than descriptors allow for are not taken, and a probe comes through")
  func sockets() async throws {
    try await TestServer.run(
      configure: {
        $0.sockets = 48
        $0.connectionsPerAddress = 0
        $0.firstRequestSeconds = 3600
      }
    ) { server async throws in
      let crowd = try await Crowd(300, port: server.port)
      for _ in 0..<20 { #expect(try await server.get("/livez").status == 200) }
      try await until("the crowd has shrunk to what is allowed") { crowd.open <= 48 }
      await crowd.leave()
    }
  }

  @Test("who asks and does not read the answers, and who sends half a body, lose their place")
  func stalled() async throws {
    for text in [
      String(repeating: Self.keepAlive, count: 400),
      "POST /v1/cluster/leader HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{",
    ] {
      try await TestServer.run(
        httpConnections: 1,
        configure: {
          $0.stalledSeconds = 1
          $0.addressRequestsPerSecond = 0
        }
      ) { server async throws in
        let crowd = try await Crowd(1, port: server.port, saying: text, reading: false)
        try await until("the place is given back") { try await server.get("/openapi.json").status == 200 }
        await crowd.leave()
      }
    }
  }

  @Test("the rate of an address outlives its connections, holds for handshakes as well, and not for probes")
  func rate() async throws {
    try await TestServer.run(
      configure: {
        $0.addressRequestsPerSecond = 1
        $0.addressRequestBurst = 10
      }
    ) { server async throws in
      // Sixty at a time: tokens come back while a slow machine works on it, one a second.
      func sixty(_ isRefused: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
          for _ in 0..<60 { group.addTask { try await isRefused() } }
          return try await group.reduce(false) { $0 || $1 }
        }
      }
      try await until("a request is refused") {
        try await sixty { try await server.get("/openapi.json").status == 429 }
      }
      try await until("a handshake is refused") {
        try await sixty {
          let received = try await RawClient.exchange(port: server.port, [RawClient.handshake()]) {
            $0.contains("\r\n\r\n")
          }
          return !received.contains(" 101 ")
        }
      }
      for _ in 0..<60 { #expect(try await server.get("/livez").status == 200) }
    }
  }

  @Test(
    "what two readers could understand in two ways is refused on the wire, with words",
    arguments: [
      "GET //metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET /livez?%74oken=x HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n",
      "POST /v1/cluster/leader HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      "POST /v1/cluster/leader HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      "GET /v1/connect?%74oken=x HTTP/1.1\r\nHost: a\r\n\r\n", "\u{5}\u{3}\u{1}\u{2}",
      "GET /livez HTTP/9.9\r\n\r\n",
      "GET /livez HTTP/1.1\nHost: a\n\n", "GET /v1/connect HTTP/1.1\r\nHost: a/b\r\n\r\n",
    ])
  func odd(request: String) async throws {
    try await TestServer.run { server async throws in
      let answer = try RawClient.parse(
        try await RawClient.exchange(port: server.port, [request]) { _ in false })
      #expect(answer.status == 400, "\(answer)")
      #expect(answer.headers["content-type"] == "application/problem+json")
      #expect(answer.headers["connection"] == "close")
    }
  }
}
