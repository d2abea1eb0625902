internal import NIOCore
internal import Synchronization

/// How many connections of clients are open, of whatever kind, against what the system's descriptors allow. The limit
/// is kept before the system has to say no: what it says no to may be a file of the log.
final class SocketBudget: Sendable {
  /// Connections at a time; those beyond are told that there is no room, and end.
  let most: Int
  /// So many are told so at a time; with them nobody is accepted until one has gone.
  static let unserved = 16
  /// Above it a connection that has not shown what it wants goes for each one that comes.
  let crowded: Int
  private let open = Atomic<Int>(0)
  private let isHolding = Atomic<Bool>(false)
  private let isStarved = Atomic<Bool>(false)
  private let gates = Mutex<[AcceptGate]>([])

  init(most: Int) {
    self.most = most
    crowded = most - max(1, min(most / 8, 256))
  }

  var isFull: Bool { open.load(ordering: .relaxed) >= most + Self.unserved }
  /// Whether the connection that was opened last has room.
  var hasRoom: Bool { open.load(ordering: .relaxed) <= most && !isStarved.load(ordering: .relaxed) }

  /// Whether the system itself had nothing left for another connection.
  func setStarved(_ isStarved: Bool) { self.isStarved.store(isStarved, ordering: .relaxed) }
  var isCrowded: Bool { open.load(ordering: .relaxed) > crowded }

  fileprivate func add(_ gate: AcceptGate) { gates.withLock { $0.append(gate) } }

  fileprivate func opened(_ channel: any Channel) {
    open.add(1, ordering: .relaxed)
    channel.closeFuture.whenComplete { [self] _ in
      open.subtract(1, ordering: .relaxed)
      guard isHolding.exchange(false, ordering: .relaxed) else { return }
      for gate in gates.withLock({ $0 }) { gate.resume() }
    }
  }

  fileprivate func hold() { isHolding.store(true, ordering: .relaxed) }
}

/// Stands before the accepting of connections, and waits while there are as many as there may be: those that come
/// meanwhile wait in the kernel's queue, which costs no descriptor and no turn of a loop.
final class AcceptGate: ChannelDuplexHandler, Sendable {
  typealias InboundIn = any Channel
  typealias OutboundIn = Never

  private let budget: SocketBudget
  private let makeRoom: @Sendable () -> Void
  private let loop: any EventLoop
  private let held: NIOLoopBoundBox<ChannelHandlerContext?>

  /// - Parameter makeRoom: asked when there are as many as there may be: to end those that want nothing.
  init(budget: SocketBudget, loop: any EventLoop, makeRoom: @escaping @Sendable () -> Void) {
    self.budget = budget
    self.makeRoom = makeRoom
    self.loop = loop
    held = .makeEmptyBox(valueType: ChannelHandlerContext.self, eventLoop: loop)
    budget.add(self)
  }

  func read(context: ChannelHandlerContext) {
    guard budget.isFull else { return context.read() }
    held.value = context
    budget.hold()
    makeRoom()
    // One may have gone between the two.
    if !budget.isFull { resumeHere() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    budget.opened(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }

  func handlerRemoved(context: ChannelHandlerContext) { held.value = nil }

  fileprivate func resume() { loop.execute { [self] in resumeHere() } }

  private func resumeHere() {
    guard let context = held.value else { return }
    held.value = nil
    // Asked again, not read at once: it may be full again.
    read(context: context)
  }
}
