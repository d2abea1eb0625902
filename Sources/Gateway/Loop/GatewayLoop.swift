import Desk
import Kernel
package import NIOCore
package import Protocol
import Synchronization
import Wire

/// All client connections of one event loop. What they want is gathered over a turn of the loop: one submission
/// to the replica, one write and one flush for each connection. One timer serves them all.
///
/// Unchecked: everything but the mailbox and the published figures is touched on `eventLoop` alone.
package final class GatewayLoop: DeliverySink, VerdictSink, @unchecked Sendable {
  private struct Mailbox {
    var deliveries: [Delivery] = []
    var verdicts: [(connection: ConnectionID, verdict: Verdict)] = []
    var isEmpty: Bool { deliveries.isEmpty && verdicts.isEmpty }
  }

  package let eventLoop: any EventLoop
  /// The `sink` of the connections' ids.
  package let index: UInt16
  private let stride: UInt64
  private let cluster: any Cluster
  private let verifier: any TokenVerifying
  private let admission: Admission
  private let rules: ConnectionRules
  private let timeOfDay: WallClock
  private let mailbox = Mutex(Mailbox())
  private let published = Mutex(GatewayFigures())
  private let open = Atomic<Int>(0)

  // On the event loop.
  private var connections: [UInt64: WebSocketConnectionHandler] = [:]
  private var addresses: AddressShares
  private var serial: UInt64 = 0
  private var output = ConnectionOutput()
  private var marked: [WebSocketConnectionHandler] = []
  private var isTurnPlanned = false
  private var buffers = BufferPool()
  private var wheel: TimerWheel
  private var wallOffset: UInt64
  private var timer: RepeatedTask?
  private var emptied: EventLoopPromise<Void>?

  /// - Parameter stride: how many loops there are, so that numbers are unique among all of them.
  init(
    eventLoop: any EventLoop, index: UInt16, stride: Int, cluster: any Cluster, verifier: any TokenVerifying,
    admission: Admission, rules: ConnectionRules, timeOfDay: WallClock
  ) {
    self.timeOfDay = timeOfDay
    self.eventLoop = eventLoop
    self.index = index
    self.stride = UInt64(stride)
    self.cluster = cluster
    self.verifier = verifier
    self.admission = admission
    self.rules = rules
    let now = Self.clock()
    addresses = AddressShares(
      rate: rules.limits.addressRequestsPerSecond, burst: rules.limits.addressRequestBurst)
    wheel = TimerWheel(step: .milliseconds(rules.times.tick), now: now)
    wallOffset = timeOfDay.milliseconds() &- now.milliseconds
  }

  /// Starts the timer. To be called once, before the first connection.
  func start() {
    cluster.attach(self, as: index)
    eventLoop.execute { [self] in
      let period = TimeAmount.milliseconds(Int64(rules.times.tick))
      timer = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { [weak self] _ in
        self?.tick()
      }
    }
  }

  /// Stops the timer; connections that are left are closed by their channels.
  func stop() {
    eventLoop.execute { [self] in
      timer?.cancel()
      timer = nil
    }
  }

  static func clock() -> Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

  private func moment() -> Moment {
    let now = Self.clock()
    return Moment(instant: now, wall: now.milliseconds &+ wallOffset)
  }

  package var openConnections: Int { open.load(ordering: .relaxed) }

  /// As of the last tick of the timer. From any thread.
  package func figures() -> GatewayFigures { published.withLock { $0 } }

  // MARK: Connections

  /// A handler for a new connection, which registers itself when it is added to its pipeline.
  func makeHandler(bearer: String?, address: String) throws(Admission.Refusal) -> WebSocketConnectionHandler {
    eventLoop.preconditionInEventLoop()
    try admission.enter(address)
    let now = moment()
    serial += 1
    let id = ConnectionID(sink: index, number: (serial - 1) * stride + UInt64(index) + 1)
    let share = addresses.enter(address, now: now.instant)
    return WebSocketConnectionHandler(
      loop: self, share: share, machine: ServerConnection(id: id, bearer: bearer, rules: rules, now: now))
  }

  /// For a handler that never came into a pipeline.
  func discard(_ handler: WebSocketConnectionHandler) {
    leave(handler.share)
  }

  private func leave(_ share: AddressShare) {
    admission.leave(share.address)
    addresses.leave(share, now: Self.clock())
  }

  func register(_ handler: WebSocketConnectionHandler) {
    connections[handler.machine.id.number] = handler
    output.figures.accepted += 1
    output.figures.connections = connections.count
    open.store(connections.count, ordering: .relaxed)
    plan(handler)
  }

  func unregister(_ handler: WebSocketConnectionHandler) {
    connections[handler.machine.id.number] = nil
    output.figures.connections = connections.count
    open.store(connections.count, ordering: .relaxed)
    leave(handler.share)
    handler.machine.disconnected(into: &output)
    if !output.requests.isEmpty { planTurn() }
    if connections.isEmpty, let emptied {
      self.emptied = nil
      emptied.succeed()
    }
  }

  // MARK: From the clients

  func receive(_ bytes: ByteBuffer, on handler: WebSocketConnectionHandler) {
    guard handler.machine.isListening else { return }
    var bytes = bytes
    let isKept = handler.partial != nil
    if var kept = handler.partial.take() {
      kept.writeBuffer(&bytes)
      bytes = kept
    }
    work(on: handler, now: moment()) { handler, now, output in
      takeFrames(&bytes, on: handler, now: now, into: &output)
    }
    guard handler.machine.isListening, bytes.readableBytes > 0 else { return }
    if isKept {
      bytes.discardReadBytes()
      handler.partial = bytes
    } else {
      // A copy, so that the channel can use its own buffer again.
      handler.partial = ByteBuffer(bytes: bytes.readableBytesView)
    }
  }

  private func takeFrames(
    _ bytes: inout ByteBuffer, on handler: WebSocketConnectionHandler, now: Moment,
    into output: inout ConnectionOutput
  ) {
    let taken = bytes.withUnsafeReadableBytes {
      handler.machine.receive($0, now: now, addressBudget: &handler.share.budget, into: &output)
    }
    bytes.moveReaderIndex(forwardBy: taken)
  }

  /// Lets a connection's machine do something, and plans what it wants done.
  private func work(
    on handler: WebSocketConnectionHandler, now: Moment,
    _ body: (WebSocketConnectionHandler, Moment, inout ConnectionOutput) -> Void
  ) {
    output.frames = handler.outbox.take() ?? buffers.takeFrames()
    body(handler, now, &output)
    if !output.frames.isEmpty {
      handler.outbox = output.frames
      mark(handler)
    } else {
      buffers.give(output.frames)
    }
    output.frames = FrameBuffer()
    if let ending = output.ending {
      output.ending = nil
      handler.ending = ending
      mark(handler)
    }
    if !output.requests.isEmpty { planTurn() }
    plan(handler)
    if let token = output.token {
      output.token = nil
      verifier.verify(token, for: handler.machine.id, sink: self)
    }
  }

  private func mark(_ handler: WebSocketConnectionHandler) {
    guard !handler.isMarked else { return }
    handler.isMarked = true
    marked.append(handler)
    planTurn()
  }

  // MARK: The end of a turn

  private func planTurn() {
    guard !isTurnPlanned else { return }
    isTurnPlanned = true
    eventLoop.execute { [self] in endTurn() }
  }

  private func endTurn() {
    isTurnPlanned = false
    submit()
    // Writing may close channels, which may mark others: they get a turn of their own.
    let handlers = marked
    marked = []
    for handler in handlers {
      handler.isMarked = false
      if let sent = send(handler) { buffers.give(sent) }
    }
    if marked.isEmpty, marked.capacity < handlers.capacity {
      marked = handlers
      marked.removeAll(keepingCapacity: handlers.capacity <= 1024)
    }
  }

  private func submit() {
    guard !output.requests.isEmpty else { return }
    let batch = output.requests
    output.requests = []
    cluster.submit(batch)
  }

  private func send(_ handler: WebSocketConnectionHandler) -> ByteBuffer? {
    let limit = rules.limits.outboundBytes
    // What was written in earlier turns counts, not this one: a page that was asked for is no slow reader.
    if limit > 0, handler.machine.isOpen, handler.waitingBytes > limit {
      handler.outbox = nil
      var close = ConnectionOutput(frames: buffers.takeFrames())
      handler.machine.close(.slowOrSilent, "the outbound buffer is full", now: moment(), into: &close)
      handler.outbox = close.frames
      handler.ending = close.ending
      output.figures.closes.merge(close.figures.closes, uniquingKeysWith: +)
      output.figures.framesOut += close.figures.framesOut
      plan(handler)
    }
    guard let outbox = handler.outbox.take() else { return handler.send(nil) }
    output.figures.bytesOut += UInt64(outbox.count)
    let buffer = buffers.buffer(with: outbox)
    buffers.give(outbox)
    return handler.send(buffer)
  }

  // MARK: From other threads

  package func deliver(_ batch: [Delivery]) {
    post { $0.deliveries.isEmpty ? $0.deliveries = batch : $0.deliveries.append(contentsOf: batch) }
  }

  package func tell(_ verdict: Verdict, for connection: ConnectionID) {
    post { $0.verdicts.append((connection, verdict)) }
  }

  /// One wake-up for all that comes until the loop has looked.
  private func post(_ change: (inout Mailbox) -> Void) {
    let isFirst = mailbox.withLock { mailbox in
      let wasEmpty = mailbox.isEmpty
      change(&mailbox)
      return wasEmpty && !mailbox.isEmpty
    }
    if isFirst { eventLoop.execute { [self] in takeMail() } }
  }

  private func takeMail() {
    let mail = mailbox.withLock { mailbox in
      let mail = mailbox
      mailbox = Mailbox()
      return mail
    }
    let now = moment()
    for (connection, verdict) in mail.verdicts { decide(verdict, connection, now: now) }
    for delivery in mail.deliveries { take(delivery, now: now) }
    if isTurnPlanned { endTurn() }
  }

  private func decide(_ verdict: Verdict, _ connection: ConnectionID, now: Moment) {
    guard let handler = connections[connection.number] else { return }
    work(on: handler, now: now) { handler, now, output in
      handler.machine.decide(
        verdict, node: cluster.thisNode.name, members: cluster.members, now: now, into: &output)
    }
    // What the client sent behind its hello.
    if handler.partial != nil { receive(ByteBuffer(), on: handler) }
    handler.resumeReading()
  }

  private func take(_ delivery: Delivery, now: Moment) {
    switch delivery {
    case .reply(let connection, let tag, let reply):
      guard let handler = connections[connection.number] else { return }
      work(on: handler, now: now) { handler, now, output in
        handler.machine.reply(tag, reply, now: now, into: &output)
      }
    case .message(let session, let message, let followers):
      if followers.count == 1 {
        guard let handler = connections[followers[0].number] else { return }
        work(on: handler, now: now) { handler, now, output in
          handler.machine.send(session, message, now: now, into: &output)
        }
      } else {
        fanOut(session, message, to: followers, now: now)
      }
    case .event(let session, let event, let followers):
      var encoded = EncodedEvent(session, event, at: now.wall, room: buffers.takeFrames())
      for follower in followers {
        guard let handler = connections[follower.number] else { continue }
        work(on: handler, now: now) { handler, now, output in
          handler.machine.event(&encoded, into: &output)
        }
      }
      buffers.give(encoded.room)
    case .goaway(let connection, let reason, let node, let delay):
      guard let handler = connections[connection.number] else { return }
      goaway(handler, reason: reason, node: node, url: url(of: node), delay: delay, now: now)
    case .disperse(let reason, let spread):
      sendAway(reason: reason, nodes: [], spreadMilliseconds: spread, now: now)
    }
  }

  /// One message for many, encoded once for each form that they speak. Its bytes are copied into what each connection sends this turn: for
  /// messages of this size that costs less than a write of its own in each channel.
  private func fanOut(
    _ session: SessionID, _ message: Transcribed, to followers: [ConnectionID], now: Moment
  ) {
    var encoded = EncodedMessage(session, message, at: now.wall, room: buffers.takeFrames())
    for follower in followers {
      guard let handler = connections[follower.number] else { continue }
      work(on: handler, now: now) { handler, now, output in
        handler.machine.deliver(&encoded, now: now, into: &output)
      }
    }
    buffers.give(encoded.room)
  }

  private func goaway(
    _ handler: WebSocketConnectionHandler, reason: String, node: String?, url: String?, delay: Int, now: Moment
  ) {
    work(on: handler, now: now) { handler, now, output in
      handler.machine.goaway(
        reason: reason, node: node, url: url, afterMilliseconds: delay, now: now, into: &output)
    }
  }

  /// A node that has come since the client's welcome is unknown to it by name.
  private func url(of node: String?) -> String? {
    node.flatMap { name in cluster.members.first { $0.name == name }?.clientURL }
  }

  private func sendAway(reason: String, nodes: [String], spreadMilliseconds: Int, now: Moment) {
    let urls = nodes.map { url(of: $0) }
    for (place, handler) in connections.values.enumerated() {
      let choice = nodes.isEmpty ? nil : place % nodes.count
      goaway(
        handler, reason: reason, node: choice.map { nodes[$0] }, url: choice.flatMap { urls[$0] },
        delay: Int.random(in: 0...max(0, spreadMilliseconds)), now: now)
    }
  }

  // MARK: Time

  private func plan(_ handler: WebSocketConnectionHandler) {
    let deadline = handler.machine.deadline
    guard deadline < .distantFuture else { return }
    let slot = wheel.slot(of: deadline)
    guard slot < handler.slot else { return }
    handler.slot = slot
    wheel.add(handler.machine.id.number, slot: slot)
  }

  private func tick() {
    let instant = Self.clock()
    wallOffset = timeOfDay.milliseconds() &- instant.milliseconds
    let now = Moment(instant: instant, wall: instant.milliseconds &+ wallOffset)
    for (slot, numbers) in wheel.advance(now: instant) {
      for number in numbers {
        guard let handler = connections[number], handler.slot == slot else { continue }
        handler.slot = .max
        if handler.machine.deadline <= instant {
          work(on: handler, now: now) { handler, now, output in
            handler.machine.tick(now: now, into: &output)
          }
        } else {
          plan(handler)
        }
      }
    }
    if output.unmasked.count > 64 * 1024 { output.unmasked = [] }
    published.withLock { $0 = output.figures }
    if isTurnPlanned { endTurn() }
  }

  // MARK: Shutting down

  /// Tells every connection to move on, each after a delay of its own, and closes it then with 1001.
  /// - Parameters:
  ///   - nodes: the names of nodes to move to, given out in turn; empty: the client chooses.
  ///   - spreadMilliseconds: the delays lie between 0 and this, so that not all clients come back at once.
  /// - Returns: succeeds when the last connection of this loop is gone; each is given the delay and the time of a
  ///   closing handshake.
  package func drain(
    reason: String, nodes: [String], spreadMilliseconds: Int
  ) -> EventLoopFuture<Void> {
    let done = eventLoop.makePromise(of: Void.self)
    eventLoop.execute { [self] in
      sendAway(reason: reason, nodes: nodes, spreadMilliseconds: spreadMilliseconds, now: moment())
      if connections.isEmpty {
        done.succeed()
      } else if let emptied {
        emptied.futureResult.cascade(to: done)
      } else {
        emptied = done
      }
    }
    return done.futureResult
  }
}

extension Optional {
  /// Moves the value out, so that nobody else holds it.
  fileprivate mutating func take() -> Wrapped? {
    let value = self
    self = nil
    return value
  }
}
