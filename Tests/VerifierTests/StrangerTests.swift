import NIOCore
import NIOPosix
import Testing

@testable import Verifier

@Suite("Strangers")
struct StrangerTests {
  @Test("come in the numbers that were asked for, again when they are sent away, and go together")
  func gather() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let crowd = StrangerCrowd(
      to: "127.0.0.1", port: port, from: ["127.0.0.1"],
      groups: [
        StrangerCrowd.Group(manner: .silent, count: 5), StrangerCrowd.Group(manner: .halfOpen, count: 3),
        StrangerCrowd.Group(manner: .pipelining, count: 2),
      ])
    await crowd.gather()
    #expect(crowd.connections == 10)
    await crowd.gather()
    #expect(crowd.connections == 10)
    await crowd.disperse()
    await crowd.gather()
    #expect(crowd.connections == 20)
    await crowd.disperse()
    try await server.close()
  }

  @Test("a probe takes a closed connection for no answer")
  func probe() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.close(promise: nil)
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let status = await HealthProbe.ask("/livez", host: "127.0.0.1", port: port, patience: .seconds(30))
    #expect(status == 0)
    try await server.close()
  }
}
