import Kernel
import NIOCore
import Protocol

/// The transport of one client connection: bytes in, bytes out, and nothing decided here. The machine decides,
/// the loop gathers.
final class WebSocketConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let loop: GatewayLoop
  let share: AddressShare
  var machine: ServerConnection
  private(set) var context: ChannelHandlerContext?
  /// Frames of this turn.
  var outbox: FrameBuffer?
  /// Bytes of a frame that has not come as a whole.
  var partial: ByteBuffer?
  var ending: ConnectionOutput.Ending?
  /// Whether the loop will come by at the end of its turn.
  var isMarked = false
  /// The slot of the timer wheel in which it stands; `UInt64.max`: in none.
  var slot = UInt64.max
  /// A read that was held back while a token is verified.
  private var isReadHeldBack = false
  private var isRegistered = false

  init(loop: GatewayLoop, share: AddressShare, machine: consuming ServerConnection) {
    self.loop = loop
    self.share = share
    self.machine = machine
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    isRegistered = true
    loop.register(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    unregister()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    unregister()
    context.fireChannelInactive()
  }

  private func unregister() {
    guard isRegistered else { return }
    isRegistered = false
    loop.unregister(self)
    outbox = nil
    partial = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    loop.receive(unwrapInboundIn(data), on: self)
  }

  func read(context: ChannelHandlerContext) {
    if machine.takesFrames {
      context.read()
    } else {
      isReadHeldBack = true
    }
  }

  /// The token is verified: what was held back goes on.
  func resumeReading() {
    guard isReadHeldBack else { return }
    isReadHeldBack = false
    context?.read()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  // MARK: Sending

  /// Bytes that were written before and have not left; asked only when there are many.
  var waitingBytes: Int {
    guard let channel = context?.channel, !channel.isWritable else { return 0 }
    return (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  /// Writes and flushes the frames of this turn at once (nil: there are none), then ends the connection if that is wanted.
  /// - Returns: the buffer that was written, to be used again when the channel has let go of it.
  func send(_ buffer: ByteBuffer?) -> ByteBuffer? {
    guard let context else { return nil }
    let ending = self.ending
    self.ending = nil
    switch ending {
    case nil, .awaitingClose:
      if let buffer { context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
    case .dropped: context.close(promise: nil)
    case .finished, .refused:
      let written = context.eventLoop.makePromise(of: Void.self)
      let mode: CloseMode
      if case .refused = ending { mode = .output } else { mode = .all }
      written.futureResult.assumeIsolated().whenComplete { [self] _ in
        self.context?.close(mode: mode, promise: nil)
      }
      context.writeAndFlush(wrapOutboundOut(buffer ?? ByteBuffer()), promise: written)
    }
    return buffer
  }
}
