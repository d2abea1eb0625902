import API
import Certificates
import Foundation
import Gateway
import Host
package import Logging
import NIOCore
import NIOPosix
import Peering
import Protocol
import ServiceLifecycle
import UnixSignals

/// One node: everything put together, in the order in which it starts; it stops in the opposite order.
package enum ServerProcess {
  package static let version = "0.10.0"

  /// Serves until SIGTERM or SIGINT, or until the node cannot go on.
  ///
  /// - Throws: what keeps the node from starting (damaged or foreign data, a port that is taken), or why it stopped
  ///   itself; the process is to end with a failure then.
  package static func run(
    configuration given: ServerConfiguration, reloading: Reloading, logger: Logger
  ) async throws {
    let (configuration, sockets, probes, conditions) = try fitted(given, logger)
    let replicaThread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    // On a small machine the clients share the replica's thread: two wake-ups less for each message.
    let clientThreads =
      configuration.threads == 0
      ? replicaThread : MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
    let (failures, failed) = AsyncStream.makeStream(of: ReplicaFailure.self)
    var options = try ReplicaOptions(configuration)
    options.conditions = conditions
    let clientCredentials = try configuration.credentials(for: .client)
    let peerCredentials = try configuration.credentials(for: .peer)
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
      secrets: configuration.jwtSecrets.map { TokenSecret(id: $0.id, secret: $0.bytes) },
      rules: TokenRules(configuration.tokens), clock: options.clock)
    let tokenVerifier = TokenVerifier(tokens)
    let gateway = GatewayLoops(
      group: clientThreads, cluster: replica, verifier: tokenVerifier, settings: GatewaySettings(configuration),
      timeOfDay: options.clock)
    let name = replica.thisNode.name
    let nodeOperator = NodeOperator(replica: replica, gateway: gateway)
    let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
    let watchdog = WatchdogService(notifier: notifier, logger: logger) { [replica] in
      // Clients' threads first: what the node's own says is then the newest.
      for loop in clientThreads.makeIterator() { try? await loop.submit {}.get() }
      return await replica.ticks()
    }
    var httpOptions = HTTPOptions(configuration)
    httpOptions.sockets = sockets
    httpOptions.probes = probes
    httpOptions.lostLogLines = { reloading.lostLogLines }
    var certificates: [CertificateWatch.Item] = []
    if let clientCredentials {
      let tls = try ServerTLS(clientCredentials)
      httpOptions.tls = tls
      certificates.append(
        CertificateWatch.Item(use: .client, credentials: clientCredentials) { try tls.replace($0) })
    }
    if let peerCredentials {
      certificates.append(
        CertificateWatch.Item(use: .peer, credentials: peerCredentials) { [replica] in
          await replica.renew(try PeerSecurity($0))
        })
    }
    let certificateService = CertificateService(
      CertificateWatch(certificates, board: options.certificates, clock: options.clock, logger: logger))
    let frontend = HTTPFrontend(
      cluster: replica, control: nodeOperator, tokens: tokens, loops: clientThreads,
      entrance: WebSocketEntrance(gateway),
      figures: { gateway.figures() }, options: httpOptions, logger: logger
    ) { address in
      logger.notice("ready for clients", metadata: ["node": "\(name)", "address": "\(address)"])
      notifier.say("READY=1\nSTATUS=\(name) serves clients at \(address)", logger)
    }
    var services = ServiceGroupConfiguration(
      services: [
        // A node that was removed ends like one that is told to.
        ServiceGroupConfiguration.ServiceConfiguration(
          service: ReplicaService(replica: replica, failures: failures),
          successTerminationBehavior: .gracefullyShutdownGroup),
        ServiceGroupConfiguration.ServiceConfiguration(
          service: ReloadService {
            reloading.apply(logger)
            certificateService.lookNow()
          }),
        ServiceGroupConfiguration.ServiceConfiguration(service: certificateService),
        ServiceGroupConfiguration.ServiceConfiguration(service: watchdog),
        ServiceGroupConfiguration.ServiceConfiguration(service: tokenVerifier),
        ServiceGroupConfiguration.ServiceConfiguration(service: frontend),
        ServiceGroupConfiguration.ServiceConfiguration(
          service: DrainService(node: nodeOperator) { notifier.say("STOPPING=1", logger) }),
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

extension ServerProcess {
  /// With the limits of clients as the system's file descriptors allow them.
  /// - Returns: the configuration, how many connections of clients of all kinds there may be, how many of them are kept for
  ///   probes, and what the other nodes are told of it.
  private static func fitted(
    _ given: ServerConfiguration, _ logger: Logger
  ) throws -> (ServerConfiguration, sockets: Int, probes: Int, conditions: NodeConditions) {
    let budget = DescriptorBudget(
      limit: DescriptorLimit.raise(), loops: given.threads + 1, members: given.members.count)
    guard budget.isEnough else {
      throw ConfigurationError([
        ConfigurationProblem(
          key: "open files", value: "\(budget.limit)",
          problem:
            "the system lets this process open too few files: it needs \(budget.least) at the least, and one more "
            + "for each client (`ulimit -n`, LimitNOFILE= of systemd)")
      ])
    }
    var configuration = given
    let wanted = given.limits.maxConnections
    let most = budget.webSockets(wanted: wanted)
    configuration.limits.maxConnections = most
    configuration.limits.httpConnections = budget.httpConnections(wanted: given.limits.httpConnections)
    let http = configuration.limits.httpConnections
    let sockets = budget.sockets(webSockets: most, http: http)
    let figures: Logger.Metadata = [
      "open_files": "\(budget.limit)", "kept_for_the_node": "\(budget.reserve)", "clients": "\(most)",
      "http_connections": "\(http)",
    ]
    if most < wanted || http < given.limits.httpConnections {
      logger.warning(
        "fewer clients than limits.max_connections or limits.http_connections are taken: the system lets this process open too few files",
        metadata: figures)
    } else {
      logger.info("file descriptors are shared out", metadata: figures)
    }
    return (
      configuration, sockets, budget.probes(sockets: sockets, webSockets: most, http: http),
      budget.isLow(webSockets: wanted, http: given.limits.httpConnections) ? .limitsLow : []
    )
  }
}

/// The node's part in the cluster, for as long as the process lives.
struct ReplicaService: Service {
  let replica: Replica
  let failures: AsyncStream<ReplicaFailure>

  func run() async throws {
    try await replica.start()
    for await failure in failures.cancelOnGracefulShutdown() {
      if failure.isRemoval { break }
      throw failure
    }
    try await replica.stop()
  }
}
