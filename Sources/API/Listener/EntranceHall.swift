import Desk
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Protocol

/// A request over HTTP that has come as a whole, and waits to be answered.
struct Visitor: Sendable {
  var head: HTTPRequestHead
  var body: ByteBuffer
  /// Whose limits it counts for.
  var address: String
  /// Where the answer goes; one request of a connection at a time.
  var channel: any Channel
}

/// What the front doors of all connections share.
final class EntranceHall: Sendable {
  /// What belongs to one event loop.
  struct Watches {
    var handshakes: HandshakeDeadlines
    var requests: RequestDeadlines
  }

  let check: UpgradeCheck
  let crossOrigin: CrossOrigin
  let entrance: WebSocketEntrance
  let logger: Logger
  let plainPort: PlainPort
  let handshakeComplaints: HandshakeComplaints
  let slots: HTTPSlots
  let sockets: SocketBudget
  let proxies: TrustedProxies
  /// About proxies that do not speak as they should.
  let complaints = Complaints()
  private let visitors: AsyncStream<Visitor>.Continuation
  private let watches: [ObjectIdentifier: NIOLoopBoundBox<Watches?>]
  private let handshakes: HandshakeDeadlines.Bounds
  private let requests: RequestDeadlines.Bounds

  init(
    loops: any EventLoopGroup, check: UpgradeCheck, entrance: WebSocketEntrance, slots: HTTPSlots,
    sockets: SocketBudget, proxies: TrustedProxies, handshakes: HandshakeDeadlines.Bounds,
    requests: RequestDeadlines.Bounds,
    visitors: AsyncStream<Visitor>.Continuation, logger: Logger
  ) {
    self.visitors = visitors
    self.check = check
    crossOrigin = CrossOrigin(rules: check.origins)
    self.entrance = entrance
    self.logger = logger
    plainPort = PlainPort(logger: logger)
    handshakeComplaints = HandshakeComplaints(logger: logger)
    self.slots = slots
    self.sockets = sockets
    self.proxies = proxies
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

  /// One for which there is no room is given little time to ask for something. On the channel's loop.
  func await(unserved door: FrontDoor, on loop: any EventLoop) {
    loop.assumeIsolated().scheduleTask(in: .seconds(1)) { door.expire() }
    makeRoom()
  }

  /// Closes the connection if it stays silent. On the channel's loop.
  func await(_ door: FrontDoor, on loop: any EventLoop) {
    watches(on: loop)?.handshakes.add(door, isCrowded: sockets.isCrowded)
  }

  /// It is known now for whom the connection is, which counts from now on. On the channel's loop.
  func identified(_ door: FrontDoor, on loop: any EventLoop) { watches(on: loop)?.handshakes.identified(door) }

  /// Bytes of an incomplete request are kept, or are so no longer. On the channel's loop.
  func holds(_ more: Int, on loop: any EventLoop) {
    if more != 0 { watches(on: loop)?.handshakes.holds(more) }
  }

  /// Of the loop on which it is called.
  func requestDeadlines(on loop: any EventLoop) -> RequestDeadlines? { watches(on: loop)?.requests }

  /// Ends one connection of each loop that has not shown what it wants. From any thread.
  func makeRoom() {
    for box in watches.values {
      box.eventLoop.execute { box.value?.handshakes.expireOldest() }
    }
  }

  /// Somebody will come and answer it.
  /// - Throws: when the node is being shut down.
  func announce(_ visitor: Visitor) throws(HTTPSlots.Refusal) {
    guard case .enqueued = visitors.yield(visitor) else { throw .full }
  }

  /// Every HTTP connection ends with the answer that is under way; then no visitor comes any more. From any thread.
  func closeUp() {
    let heard = watches.values.map { box in
      box.eventLoop.submit { self.watches(on: box.eventLoop)?.requests.closeUp() }
    }
    guard let loop = watches.values.first?.eventLoop else { return visitors.finish() }
    EventLoopFuture.andAllComplete(heard, on: loop).whenComplete { _ in self.visitors.finish() }
  }

  /// Gives the connection to the gateway. On the channel's loop.
  /// - Returns: what answers the handshake; the caller writes it.
  /// - Throws: the problem to answer with.
  func admit(
    _ request: HandshakeRequest, from address: String, on channel: any Channel
  ) throws(ProblemDetails) -> ByteBuffer {
    let accepted = try check.decide(request)
    guard let answer = HandshakeResponse.accepted(accepted, on: channel) else { throw .internalError }
    do {
      try entrance.install(channel, accepted.bearer, address)
    } catch let failure as Failure {
      throw ProblemDetails(failure)
    } catch {
      logger.warning("a WebSocket could not be set up", metadata: ["error": "\(error)"])
      throw .internalError
    }
    return answer
  }

  /// For a WebSocket: what arrives at once is small, memory of idle connections is what counts, and the end of the
  /// client's side is the end of the connection.
  func tune(_ channel: any Channel) {
    guard let options = channel.syncOptions else { return }
    try? options.setOption(.allowRemoteHalfClosure, value: false)
    try? options.setOption(
      .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 16_384))
  }
}
