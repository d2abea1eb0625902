internal import NIOCore
internal import NIOHTTP1

/// The handlers of a connection that speaks HTTP, and their going when a handshake makes a WebSocket of it.
enum HTTPPipeline {
  typealias Decoder = ByteToMessageHandler<HTTPRequestDecoder>

  /// On the channel's loop. The slot is given back when the connection is HTTP no longer.
  static func add(to channel: any Channel, from caller: Caller, slot: HTTPSlots.Slot, hall: EntranceHall)
    throws
  {
    guard let deadlines = hall.requestDeadlines(on: channel.eventLoop) else { throw ChannelError.eof }
    let pipeline = channel.pipeline.syncOperations
    let encoder = HTTPResponseEncoder()
    let client = { (head: HTTPRequestHead) in hall.proxies.client(of: caller, ForwardingFields(head.headers)) }
    let reader = RequestReader(hall: hall, slot: slot, client: client)
    let gate = RequestGate(
      address: caller.group, client: caller.isProxy ? client : nil, slots: hall.slots, deadlines: deadlines,
      isReserved: slot.isReserved,
      crossOrigin: hall.crossOrigin, renewDecoder: { renewDecoder(of: channel) },
      upgrade: { handshake throws(ProblemDetails) in
        let address = hall.proxies.client(of: caller, handshake.forwarding)
        let answer = try hall.admit(handshake, from: address, on: channel)
        become(answer, encoder: encoder, reader: reader, on: channel, hall: hall)
      })
    try pipeline.addHandlers([encoder, decoder(), gate, reader])
  }

  private static func decoder() -> Decoder {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 16 * 1024
    limits.maxHeaderListSize = 32 * 1024
    limits.maxHeaderFieldCount = 100
    return Decoder(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
  }

  /// The one that has stopped hands what it holds to the one behind it, and goes.
  private static func renewDecoder(of channel: any Channel) {
    let pipeline = channel.pipeline.syncOperations
    do {
      let old = try pipeline.handler(type: Decoder.self)
      try pipeline.addHandler(decoder(), position: .after(old))
      pipeline.removeHandler(old, promise: nil)
    } catch {
      channel.close(promise: nil)
    }
  }

  /// The gateway's handler stands behind the others already. The decoder goes last: it hands on what the client has sent
  /// behind its handshake.
  private static func become(
    _ answer: ByteBuffer, encoder: HTTPResponseEncoder, reader: RequestReader, on channel: any Channel,
    hall: EntranceHall
  ) {
    let pipeline = channel.pipeline.syncOperations
    do {
      // Behind the encoder, which takes no bytes.
      try pipeline.context(handler: encoder).writeAndFlush(NIOAny(answer), promise: nil)
      guard channel.isActive else { return }
      hall.tune(channel)
      let decoder = try pipeline.handler(type: Decoder.self)
      let gate = try pipeline.handler(type: RequestGate.self)
      pipeline.removeHandler(reader, promise: nil)
      pipeline.removeHandler(gate, promise: nil)
      pipeline.removeHandler(encoder, promise: nil)
      pipeline.removeHandler(decoder, promise: nil)
      // The gate has held reads back while the answer before was under way.
      channel.read()
    } catch {
      channel.close(promise: nil)
    }
  }
}
