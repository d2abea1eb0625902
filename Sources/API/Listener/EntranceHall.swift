internal import Logging
internal import NIOCore

/// A connection that turned out to speak HTTP, and waits to be served.
struct Visitor: Sendable {
  var channel: any Channel
  var door: NIOLoopBound<FrontDoor>
  var slot: HTTPSlots.Slot
}

/// What the front doors of all connections share.
final class EntranceHall: Sendable {
  /// What belongs to one event loop.
  struct Watches {
    var handshakes: HandshakeDeadlines
    var requests: RequestDeadlines
  }

  let check: UpgradeCheck
  let entrance: WebSocketEntrance
  let logger: Logger
  let slots: HTTPSlots
  let sockets: SocketBudget
  private let visitors: AsyncStream<Visitor>.Continuation
  private let watches: [ObjectIdentifier: NIOLoopBoundBox<Watches?>]
  private let handshakes: HandshakeDeadlines.Bounds
  private let requests: RequestDeadlines.Bounds

  init(
    loops: any EventLoopGroup, check: UpgradeCheck, entrance: WebSocketEntrance, slots: HTTPSlots,
    sockets: SocketBudget, handshakes: HandshakeDeadlines.Bounds, requests: RequestDeadlines.Bounds,
    visitors: AsyncStream<Visitor>.Continuation, logger: Logger
  ) {
    self.visitors = visitors
    self.check = check
    self.entrance = entrance
    self.logger = logger
    self.slots = slots
    self.sockets = sockets
    self.requests = requests
    var watches: [ObjectIdentifier: NIOLoopBoundBox<Watches?>] = [:]
    for loop in loops.makeIterator() {
      watches[ObjectIdentifier(loop)] = .makeEmptyBox(valueType: Watches.self, eventLoop: loop)
    }
    self.watches = watches
    var bounds = handshakes
    // Connections are spread evenly among the loops.
    if bounds.perAddress > 0 { bounds.perAddress = max(4, bounds.perAddress / max(1, watches.count)) }
    self.handshakes = bounds
  }

  /// Of the loop on which it is called.
  private func watches(on loop: any EventLoop) -> Watches? {
    guard let box = watches[ObjectIdentifier(loop)] else { return nil }
    let own =
      box.value
      ?? Watches(
        handshakes: HandshakeDeadlines(loop: loop, bounds: handshakes),
        requests: RequestDeadlines(loop: loop, bounds: requests))
    box.value = own
    return own
  }

  /// Closes the connection if it stays silent. On the channel's loop.
  func await(_ door: FrontDoor, on loop: any EventLoop) {
    watches(on: loop)?.handshakes.add(door, isCrowded: sockets.isCrowded)
  }

  /// Bytes of an incomplete request are kept, or are so no longer. On the channel's loop.
  func holds(_ more: Int, on loop: any EventLoop) {
    if more != 0 { watches(on: loop)?.handshakes.holds(more) }
  }

  /// On the channel's loop.
  func gate(for address: String, slot: HTTPSlots.Slot, on loop: any EventLoop) -> RequestGate? {
    watches(on: loop).map {
      RequestGate(address: address, slots: slots, deadlines: $0.requests, isReserved: slot.isReserved)
    }
  }

  /// Ends one connection of each loop that has not shown what it wants. From any thread.
  func makeRoom() {
    for box in watches.values {
      box.eventLoop.execute { box.value?.handshakes.expireOldest() }
    }
  }

  /// Somebody will come for it.
  /// - Throws: when there are too many.
  func announce(
    _ door: FrontDoor, on channel: any Channel, isProbe: Bool
  ) throws(HTTPSlots.Refusal) {
    let slot = try slots.enter(channel, from: door.address, isProbe: isProbe)
    let visitor = Visitor(
      channel: channel, door: NIOLoopBound(door, eventLoop: channel.eventLoop), slot: slot)
    guard case .enqueued = visitors.yield(visitor) else {
      slots.leave(slot)
      throw .full
    }
  }

  /// A visitor that was announced has gone.
  func dismiss(_ visitor: Visitor) { slots.leave(visitor.slot) }

  /// For a WebSocket: what arrives at once is small, memory of idle connections is what counts, and the end of the
  /// client's side is the end of the connection.
  func tune(_ channel: any Channel) {
    guard let options = channel.syncOptions else { return }
    try? options.setOption(.allowRemoteHalfClosure, value: false)
    try? options.setOption(
      .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 16_384))
  }
}
