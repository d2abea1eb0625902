import NIOCore
import NIOHTTP1
import NIOPosix

/// A node that answers requests over HTTP as a test tells it to, on a real socket. It ends no answer by itself.
struct FakeStreamNode: Sendable {
  /// What to answer to a request with this `Last-Event-ID`: a status, and the beginning of a body.
  typealias Script = @Sendable (_ last: String?) -> (status: HTTPResponseStatus, body: String)
  private typealias Exchange = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  let url: String
  private let server: NIOAsyncChannel<Exchange, Never>
  private let script: Script

  static func listen(script: @escaping Script) async throws -> FakeStreamNode {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          return try Exchange(wrappingChannelSynchronously: channel)
        }
      }
    let port = server.channel.localAddress?.port ?? 0
    return FakeStreamNode(url: "http://127.0.0.1:\(port)", server: server, script: script)
  }

  /// Serves until the task is cancelled.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await server.executeThenClose { connections in
        for try await connection in connections {
          group.addTask {
            // A connection that breaks is what the tests are about.
            try? await serve(connection)
          }
        }
      }
    }
  }

  private func serve(_ connection: Exchange) async throws {
    try await connection.executeThenClose { requests, answers in
      for try await case .head(let head) in requests {
        let (status, body) = script(head.headers.first(name: "Last-Event-ID"))
        try await answers.write(.head(HTTPResponseHead(version: .http1_1, status: status)))
        try await answers.write(.body(.byteBuffer(ByteBuffer(string: body))))
        if status != .ok { try await answers.write(.end(nil)) }
      }
    }
  }
}
