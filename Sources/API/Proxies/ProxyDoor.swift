internal import Gateway
internal import Logging
internal import NIOCore

/// Stands before everything else, TLS too, on a connection of a proxy that speaks the PROXY protocol: reads its header,
/// says at the front door whose connection it is, and goes. The time for the first request holds for it as well.
final class ProxyDoor: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let hall: EntranceHall
  private let door: FrontDoor
  private var held: ByteBuffer?
  /// Bytes of it, as they were told to the hall.
  private var heldBytes = 0
  private var isOver = false

  init(hall: EntranceHall, door: FrontDoor) {
    self.hall = hall
    self.door = door
  }

  func handlerRemoved(context: ChannelHandlerContext) { keep(nil, context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    // What is behind a header that ended the connection is nobody's; what is behind a good one is read on the way out.
    guard !isOver else { return }
    if var held {
      self.held = nil
      held.writeBuffer(&bytes)
      bytes = held
    }
    switch ProxyPreamble.parse(bytes.readableBytesView) {
    case .incomplete: keep(bytes, context)
    case .named(let address, let length): go(hall.proxies.caller(at: address), bytes, length, context)
    case .unnamed(let length): go(door.caller, bytes, length, context)
    case .malformed(let reason):
      isOver = true
      keep(nil, context)
      hall.complaints.say(
        hall.logger, "a proxy's connection is closed: client.proxy_protocol asks for a PROXY header",
        ["address": "\(door.caller.group)", "problem": "\(reason)"])
      context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // A look whether the port is open, and no more.
    if case ChannelEvent.inputClosed = event { return context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  private func keep(_ bytes: ByteBuffer?, _ context: ChannelHandlerContext) {
    let more = (bytes?.readableBytes ?? 0) - heldBytes
    heldBytes += more
    held = bytes
    hall.holds(more, on: context.eventLoop)
  }

  private func go(_ caller: Caller, _ bytes: ByteBuffer, _ length: Int, _ context: ChannelHandlerContext) {
    isOver = true
    keep(nil, context)
    door.identify(caller)
    hall.identified(door, on: context.eventLoop)
    var bytes = bytes
    bytes.moveReaderIndex(forwardBy: length)
    if bytes.readableBytes > 0 {
      context.fireChannelRead(wrapInboundOut(bytes))
      context.fireChannelReadComplete()
    }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
