import Gossip
import Logging
import NIOCore
import NIOPosix
import Peering
import Raft
import TestLog

/// A loop that ends with the last one who holds it.
final class TestLoop: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  var loop: any EventLoop { group.next() }

  deinit { group.shutdownGracefully { _ in } }
}

/// A gossip network with a real socket, ticked in real time but with short intervals.
final class GossipTestNode: @unchecked Sendable {
  let id: NodeID
  let port: Int
  let log: CapturedLog
  private let testLoop: TestLoop
  /// Confined to the loop, as is `changes`: use `on`.
  private let network: GossipNetwork
  private let recorded: Changes

  final class Changes { var all: [HealthChange] = [] }

  private init(
    _ id: UInt64, port: Int, _ testLoop: TestLoop, _ network: GossipNetwork, _ changes: Changes,
    _ log: CapturedLog
  ) {
    self.id = NodeID(id)
    self.port = port
    self.testLoop = testLoop
    self.network = network
    self.log = log
    recorded = changes
  }

  /// - Parameter ticking: false: only the test ticks it.
  static func start(
    _ id: UInt64, keys: [GossipKeyRing.Key]? = nil, on testLoop: TestLoop = TestLoop(), port: Int = 0,
    ticking: Bool = true, _ adjust: (inout GossipNetworkConfiguration) -> Void = { _ in }
  ) async throws -> GossipTestNode {
    var node = GossipConfiguration(
      id: MemberID(id), cluster: ClusterCheck(cluster: "test"), seed: id, incarnation: Incarnation(1))
    node.probeInterval = 100
    node.probeTimeout = 40
    node.gossipInterval = 20
    node.hintInterval = 20
    node.exchangeInterval = 100
    node.revivalInterval = 100
    let ring = try GossipKeyRing(keys ?? [try DatagramSealTests.key(1)])
    var configuration = GossipNetworkConfiguration(
      node: node, seal: DatagramSeal(ring: ring, cluster: "test"), listenHost: "127.0.0.1", listenPort: port)
    configuration.bindAgainAfter = 20
    adjust(&configuration)
    let log = CapturedLog()
    let changes = Changes()
    let network = try GossipNetwork(
      configuration: configuration, eventLoop: testLoop.loop, logger: Logger(label: "test") { _ in log }
    ) { changes.all.append($0) }
    let box = Box(network)
    try await testLoop.loop.flatSubmit { box.network.start() }.get()
    let taken = try await testLoop.loop.submit { box.network.listeningPort ?? 0 }.get()
    let made = GossipTestNode(id, port: taken, testLoop, network, changes, log)
    if ticking { made.beginTicking() }
    return made
  }

  private struct Box: Sendable {
    let network: GossipNetwork
    init(_ network: GossipNetwork) { self.network = network }
  }

  private func beginTicking() {
    testLoop.loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { [weak self] task in
      guard let self else { return task.cancel() }
      network.tick()
    }
  }

  var address: PeerAddress { PeerAddress(id: id, host: "127.0.0.1", port: port) }

  func on<Result: Sendable>(
    _ body: @escaping @Sendable (GossipNetwork, [HealthChange]) throws -> Result
  ) async throws -> Result {
    try await testLoop.loop.submit { try body(self.network, self.recorded.all) }.get()
  }

  func setMembers(_ members: [PeerAddress]) async throws {
    try await on { network, _ in network.replaceMembers(members, belongs: true) }
  }

  /// Makes the nodes known to one another.
  static func meet(_ nodes: [GossipTestNode]) async throws {
    for node in nodes { try await node.setMembers(nodes.map(\.address)) }
  }

  func tell(connections: UInt32) async throws {
    try await on { network, _ in network.updateHints(LoadHints(connections: connections)) }
  }

  /// Waits until the condition holds.
  /// - Throws: `NeverHappened` after two minutes, which no test comes near unless it fails.
  func until(
    _ what: String, _ condition: @escaping @Sendable (GossipNetwork, [HealthChange]) -> Bool
  ) async throws {
    let happened = testLoop.loop.makePromise(of: Void.self)
    let deadline = NIODeadline.now() + .minutes(2)
    testLoop.loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
      if condition(self.network, self.recorded.all) {
        task.cancel()
        happened.succeed()
      } else if NIODeadline.now() > deadline {
        task.cancel()
        happened.fail(NeverHappened(what: "\(what); node \(self.id): \(self.network.traffic)"))
      }
    }
    try await happened.futureResult.get()
  }

  func until(_ member: NodeID, has connections: UInt32) async throws {
    try await until("\(member) has \(connections) connections") { network, _ in
      network.status(of: member)?.hints?.hints.connections == connections
    }
  }

  func until(_ member: NodeID, is health: Health) async throws {
    try await until("\(member) is \(health)") { network, _ in network.status(of: member)?.health == health }
  }

  func traffic() async throws -> GossipTraffic { try await on { network, _ in network.traffic } }

  func close() async throws {
    try await testLoop.loop.flatSubmit { self.network.close() }.get()
  }
}
