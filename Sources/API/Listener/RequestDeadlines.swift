internal import NIOCore

/// The HTTP connections of one loop, looked at together a few times a second: one timer for all of them.
final class RequestDeadlines {
  struct Bounds: Sendable {
    /// From the head of a request to the end of its body.
    var body = TimeAmount.seconds(10)
    /// How long a client may take no byte of an answer.
    var stalled = TimeAmount.seconds(10)
    /// From the begin of an answer to its last byte.
    var answer = TimeAmount.seconds(120)
    /// How long a connection may be open between two requests.
    var idle = TimeAmount.seconds(60)
    /// How long a client that has its last answer may keep its side open.
    var farewell = TimeAmount.seconds(2)
    var step = TimeAmount.milliseconds(250)
  }

  let bounds: Bounds
  private let loop: any EventLoop
  private var gates: [ObjectIdentifier: RequestGate] = [:]
  private var timer: RepeatedTask?
  private var isClosingUp = false

  init(loop: any EventLoop, bounds: Bounds) {
    self.loop = loop
    self.bounds = bounds
  }

  func add(_ gate: RequestGate) {
    gates[ObjectIdentifier(gate)] = gate
    if isClosingUp { gate.closeUp() }
    guard timer == nil else { return }
    let bound = NIOLoopBound(self, eventLoop: loop)
    timer = loop.scheduleRepeatedTask(initialDelay: bounds.step, delay: bounds.step) { _ in
      bound.value.look(now: .now())
    }
  }

  func remove(_ gate: RequestGate) {
    gates[ObjectIdentifier(gate)] = nil
    guard gates.isEmpty else { return }
    timer?.cancel()
    timer = nil
  }

  /// The node is being shut down: connections end with the answer that is under way.
  func closeUp() {
    isClosingUp = true
    for gate in Array(gates.values) { gate.closeUp() }
  }

  private func look(now: NIODeadline) {
    for gate in Array(gates.values) { gate.look(now: now) }
  }
}
