internal import Logging
internal import NIOCore
internal import Synchronization

/// A connection that turned out to speak HTTP, and waits to be served.
struct Visitor: Sendable {
  var channel: any Channel
  var door: NIOLoopBound<FrontDoor>
}

/// What the front doors of all connections share.
final class EntranceHall: Sendable {
  let check: UpgradeCheck
  let entrance: WebSocketEntrance
  let logger: Logger
  private let visitors: AsyncStream<Visitor>.Continuation
  private let deadlines: [ObjectIdentifier: NIOLoopBoundBox<HandshakeDeadlines?>]
  private let allowance: TimeAmount
  private let visitorLimit: Int
  /// HTTP connections announced and not gone yet.
  private let inside = Atomic<Int>(0)

  /// - Parameter allowance: how long a new connection may take to show what it wants.
  init(
    loops: any EventLoopGroup, check: UpgradeCheck, entrance: WebSocketEntrance, allowance: TimeAmount,
    visitors: AsyncStream<Visitor>.Continuation, visitorLimit: Int, logger: Logger
  ) {
    self.visitorLimit = visitorLimit
    self.visitors = visitors
    self.check = check
    self.entrance = entrance
    self.logger = logger
    self.allowance = allowance
    var deadlines: [ObjectIdentifier: NIOLoopBoundBox<HandshakeDeadlines?>] = [:]
    for loop in loops.makeIterator() {
      deadlines[ObjectIdentifier(loop)] = .makeEmptyBox(valueType: HandshakeDeadlines.self, eventLoop: loop)
    }
    self.deadlines = deadlines
  }

  /// Closes the connection if it stays silent. On the channel's loop.
  func await(_ door: FrontDoor, on loop: any EventLoop) {
    guard let box = deadlines[ObjectIdentifier(loop)] else { return }
    let waiting = box.value ?? HandshakeDeadlines(loop: loop, allowance: allowance)
    box.value = waiting
    waiting.add(door)
  }

  /// - Returns: whether somebody will come for it: not when too many HTTP connections are open.
  func announce(_ visitor: Visitor) -> Bool {
    guard inside.add(1, ordering: .relaxed).newValue <= visitorLimit, case .enqueued = visitors.yield(visitor)
    else {
      inside.subtract(1, ordering: .relaxed)
      return false
    }
    return true
  }

  /// A visitor that was announced has gone.
  func dismiss() { inside.subtract(1, ordering: .relaxed) }

  /// For a WebSocket: what arrives at once is small, memory of idle connections is what counts, and the end of the
  /// client's side is the end of the connection.
  func tune(_ channel: any Channel) {
    guard let options = channel.syncOptions else { return }
    try? options.setOption(.allowRemoteHalfClosure, value: false)
    try? options.setOption(
      .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 16_384))
  }
}
