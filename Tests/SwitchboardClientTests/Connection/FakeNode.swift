import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

@testable import Protocol
@testable import SwitchboardClient

/// A node that says what a test tells it to say, on a real socket.
struct FakeNode: Sendable {
  enum Reply: Sendable {
    case text(String)
    /// A close frame with this code, or the connection's end without a word.
    case close(Int?)
  }
  typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>
  /// What to answer to a frame on the connection of this number, from 1.
  typealias Script = @Sendable (_ connection: Int, _ frame: [String: String]) -> [Reply]

  let url: String
  private let server: NIOAsyncChannel<EventLoopFuture<Frames>, Never>
  private let script: Script

  static func listen(script: @escaping Script) async throws -> FakeNode {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          let upgrader = NIOTypedWebSocketServerUpgrader<Frames>(
            shouldUpgrade: { channel, _ in
              channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": "v2.msg"])
            },
            upgradePipelineHandler: { channel, _ in
              channel.eventLoop.makeCompletedFuture { try Frames(wrappingChannelSynchronously: channel) }
            })
          let configuration = NIOUpgradableHTTPServerPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
              upgraders: [upgrader],
              notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture { try Frames(wrappingChannelSynchronously: channel) }
              }))
          return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: configuration)
        }
      }
    let port = server.channel.localAddress?.port ?? 0
    return FakeNode(url: "ws://127.0.0.1:\(port)", server: server, script: script)
  }

  /// Serves until the task is cancelled.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await server.executeThenClose { connections in
        var number = 0
        for try await upgraded in connections {
          number += 1
          let connection = number
          group.addTask {
            // A connection that breaks is what the tests are about.
            try? await serve(try await upgraded.get(), connection)
          }
        }
      }
    }
  }

  private func serve(_ frames: Frames, _ connection: Int) async throws {
    try await frames.executeThenClose { inbound, outbound in
      for try await frame in inbound {
        guard frame.opcode == .text else {
          if frame.opcode == .connectionClose { return }
          if frame.opcode == .ping {
            try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
          }
          continue
        }
        let text = String(buffer: frame.unmaskedData)
        for reply in script(connection, try Fields.parse(text)) {
          switch reply {
          case .text(let text):
            try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
          case .close(nil):
            return
          case .close(let code?):
            var data = ByteBuffer()
            data.writeInteger(UInt16(code))
            try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
            return
          }
        }
      }
    }
  }
}

/// A frame of the client as texts by name, as far as the tests look at them.
enum Fields {
  static func parse(_ text: String) throws -> [String: String] {
    let frame = try ReceivedFrame(text: text)
    var fields = ["type": frame.type, "raw": text]
    fields["id"] = frame.id
    fields["session"] = frame.session
    fields["body"] = frame.body
    return fields
  }
}

/// What happened, in order, told by several threads.
final class Journal: Sendable {
  private let lines = Mutex<[String]>([])
  func write(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}
