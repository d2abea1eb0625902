import API
import Gateway
package import Logging
import NIOCore
import NIOPosix
import Protocol
import Replica
import ServiceLifecycle
import UnixSignals

/// One node: everything put together, in the order in which it starts; it stops in the opposite order.
package enum ServerProcess {
  package static let version = "0.2.0"

  /// Serves until SIGTERM or SIGINT, or until the node cannot go on.
  ///
  /// - Throws: what keeps the node from starting (damaged or foreign data, a port that is taken), or why it stopped
  ///   itself; the process is to end with a failure then.
  package static func run(configuration: ServerConfiguration, logger: Logger) async throws {
    let replicaThread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    // On a small machine the clients share the replica's thread: two wake-ups less for each message.
    let clientThreads =
      configuration.threads == 0
      ? replicaThread : MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
    let (failures, failed) = AsyncStream.makeStream(of: ReplicaFailure.self)
    let options = try ReplicaOptions(configuration)
    let replica = try Replica(
      options: options, group: replicaThread, logger: logger
    ) { failure in
      failed.yield(failure)
      failed.finish()
    }
    if configuration.gossip.isEnabled, configuration.gossip.keys.isEmpty {
      logger.notice(
        "this node does not gossip: it has no key; give all nodes the same with gossip.keys or gossip.key_file")
    }
    let tokens = try await TokenService(
      secrets: configuration.jwtSecrets.map { TokenSecret(id: $0.id, secret: $0.bytes) }, clock: options.clock)
    let tokenDesk = TokenDesk(tokens)
    let gateway = GatewayLoops(
      group: clientThreads, cluster: replica, verifier: tokenDesk, settings: GatewaySettings(configuration),
      timeOfDay: options.clock)
    let name = replica.thisNode.name
    let nodeOperator = NodeOperator(replica: replica, gateway: gateway)
    let frontend = HTTPFrontend(
      cluster: replica, control: nodeOperator, tokens: tokens, loops: clientThreads,
      entrance: WebSocketEntrance(gateway),
      figures: { gateway.figures() }, options: HTTPOptions(configuration), logger: logger
    ) { address in
      logger.notice("ready for clients", metadata: ["node": "\(name)", "address": "\(address)"])
    }
    var services = ServiceGroupConfiguration(
      services: [
        // A node that was removed ends like one that is told to.
        ServiceGroupConfiguration.ServiceConfiguration(
          service: ReplicaService(replica: replica, failures: failures),
          successTerminationBehavior: .gracefullyShutdownGroup),
        ServiceGroupConfiguration.ServiceConfiguration(service: tokenDesk),
        ServiceGroupConfiguration.ServiceConfiguration(service: frontend),
        ServiceGroupConfiguration.ServiceConfiguration(
          service: DrainService(node: nodeOperator)),
      ],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    // No request of anybody may hold the process for ever.
    services.maximumGracefulShutdownDuration = .seconds(20)
    let group = ServiceGroup(configuration: services)
    do {
      try await group.run()
    } catch {
      gateway.stop()
      throw error
    }
    gateway.stop()
    if configuration.threads > 0 { try await clientThreads.shutdownGracefully() }
    try await replicaThread.shutdownGracefully()
  }
}

/// The node's part in the cluster, for as long as the process lives.
struct ReplicaService: Service {
  let replica: Replica
  let failures: AsyncStream<ReplicaFailure>

  func run() async throws {
    try await replica.start()
    for await failure in failures.cancelOnGracefulShutdown() {
      if case .removed = failure { break }
      throw failure
    }
    try await replica.stop()
  }
}
