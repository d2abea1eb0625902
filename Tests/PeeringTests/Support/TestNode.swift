import Logging
import NIOCore
import NIOPosix
import Peering
import Raft
import TestLog
import Testing
import Wire

/// A peer network on a loop of its own, with everything that it has told.
final class TestNode: @unchecked Sendable {
  let id: NodeID
  let loop: any EventLoop
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let log = CapturedLog()
  /// Both are confined to the loop: use `on`.
  private let network: PeerNetwork
  private let events = RecordedEvents()
  private(set) var port = 0

  deinit {
    group.shutdownGracefully { _ in }
  }

  private init(_ configuration: PeeringConfiguration) {
    id = configuration.thisNode
    loop = group.next()
    let log = log
    network = PeerNetwork(
      configuration: configuration, eventLoop: loop, logger: Logger(label: "test") { _ in log })
  }

  /// Listens on a free port of the loopback interface, or on `port`. Has no peers before `meet`.
  static func start(
    _ id: UInt64, cluster: String = "test", port: Int = 0, peers: [PeerAddress] = [], tls: PeerTLS? = nil,
    _ adjust: (inout PeeringConfiguration) -> Void = { _ in }
  ) async throws -> TestNode {
    var configuration = PeeringConfiguration(
      cluster: cluster, thisNode: NodeID(id), listenHost: "127.0.0.1", listenPort: port, peers: peers, tls: tls)
    // The machine that runs the tests may be slow, and only the tests of silence are to see silence.
    configuration.silenceTimeout = .seconds(60)
    configuration.handshakeTimeout = .seconds(60)
    configuration.connectTimeout = .seconds(60)
    configuration.seed = id
    adjust(&configuration)
    let node = TestNode(configuration)
    try await node.loop.flatSubmit { node.network.start(events: node.events) }.get()
    node.port = try await node.on { network, _ in try #require(network.listeningPort) }
    return node
  }

  var address: PeerAddress { PeerAddress(id: id, host: "127.0.0.1", port: port) }

  func on<Result: Sendable>(
    _ body: @escaping @Sendable (PeerNetwork, RecordedEvents) throws -> Result
  ) async throws -> Result {
    try await loop.submit { try body(self.network, self.events) }.get()
  }

  func setPeers(_ peers: [PeerAddress]) async throws {
    try await on { network, _ in network.replacePeers(peers) }
  }

  /// Sends one frame at once.
  @discardableResult
  func send(
    _ type: FrameType, _ payload: [UInt8], to peer: NodeID, lane: Lane = .control
  ) async throws -> Bool {
    try await on { network, _ in
      let taken = network.send(type, to: peer, lane: lane) { $0.writeBytes(payload) }
      network.flush()
      return taken
    }
  }

  /// Waits until the condition holds.
  /// - Throws: `NeverHappened` after two minutes, which no test comes near unless it fails.
  func until(
    _ what: String, _ condition: @escaping @Sendable (PeerNetwork, RecordedEvents) -> Bool
  ) async throws {
    let happened = loop.makePromise(of: Void.self)
    let deadline = NIODeadline.now() + .minutes(2)
    loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
      if condition(self.network, self.events) {
        task.cancel()
        happened.succeed()
      } else if NIODeadline.now() > deadline {
        task.cancel()
        happened.fail(NeverHappened(what: "\(what); node \(self.id) has seen \(self.events.summary)"))
      }
    }
    try await happened.futureResult.get()
  }

  func close() async throws {
    try await loop.flatSubmit { self.network.close() }.get()
  }

  /// Makes the nodes known to one another and waits for all links between them.
  static func meet(_ nodes: [TestNode]) async throws {
    for node in nodes { try await node.setPeers(nodes.map(\.address)) }
    for node in nodes {
      for other in nodes where other !== node { try await node.waitForLinks(to: other.id) }
      try await node.on { _, events in events.forgetEarlyAttempts() }
    }
  }

  func waitForLinks(to peer: NodeID) async throws {
    try await until("both links from \(id) to \(peer)") { _, events in
      Lane.allCases.allSatisfy { events.isUp(peer, $0) }
    }
  }
}

struct NeverHappened: Error {
  var what: String
}
