import API
import Logging
import NIOCore
import NIOPosix
import Protocol
import ServiceLifecycle
import Testing

@Suite("The end of the client port")
struct ShutdownTests {
  @Test(
    "a graceful shutdown ends idle HTTP connections and those that never said anything, and the port is closed")
  func graceful() async throws {
    var options = HTTPOptions()
    options.port = 0
    options.firstRequestSeconds = 1
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let (addresses, announce) = AsyncStream.makeStream(of: SocketAddress.self)
    let entrance = RecordingEntrance()
    let frontend = HTTPFrontend(
      cluster: ScriptedCluster(), control: ScriptedCluster(),
      tokens: try await TokenService(secrets: [TestServer.secret]),
      loops: MultiThreadedEventLoopGroup.singleton, entrance: entrance.entrance, figures: { GatewayFigures() },
      options: options, logger: logger, onListening: { announce.yield($0) })
    let verifier = TokenVerifier(try await TokenService(secrets: [TestServer.secret]))
    let services = ServiceGroup(services: [frontend, verifier], logger: logger)
    try await withThrowingTaskGroup { group in
      group.addTask { try await services.run() }
      guard let port = await addresses.first(where: { _ in true })?.port else { throw NoAnswer(received: "") }
      let (answers, answer) = AsyncStream.makeStream(of: String.self)
      group.addTask {
        // Stays open until the server ends it: at the time limit it would throw.
        let request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
        let received = try await RawClient.exchange(port: port, [request]) { text in
          answer.yield(text)
          return false
        }
        #expect(received.contains("ok\n"))
      }
      group.addTask {
        let received = try await RawClient.exchange(port: port, ["GET /v1/conn"]) { _ in false }
        #expect(received == "")
      }
      _ = await answers.first { $0.hasSuffix("ok\n") }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
      await #expect(throws: (any Error).self) {
        try await RawClient.exchange(port: port, ["GET /livez HTTP/1.1\r\n"]) { _ in false }
      }
    }
  }
}
