package import Certificates
internal import Hummingbird
package import Logging
package import NIOCore
package import Protocol
internal import ServiceLifecycle

package struct HTTPOptions: Sendable {
  package var host = "127.0.0.1"
  /// 0: any that is free; `onListening` tells which.
  package var port = 8100
  /// Connections that the kernel keeps until they are accepted; it has a limit of its own (net.core.somaxconn).
  package var backlog = 8192
  /// Whose pages may connect and ask (`OriginPattern`), for instance `https://desk.example.com`.
  package var allowedOrigins: [String] = []
  /// Whether status and metrics may be read without a token.
  package var openStatus = false
  /// How long a new connection may take for its first request.
  package var firstRequestSeconds = 10
  /// HTTP connections at a time; WebSockets have a limit of their own, which is the gateway's.
  package var httpConnections = 2048
  /// HTTP connections of one address; 0: no limit.
  package var httpConnectionsPerAddress = 64
  /// Connections of one address that have not shown yet what they want; 0: no limit.
  package var connectionsPerAddress = 256
  /// Connections of all kinds: those beyond are answered 503 and end.
  package var sockets = 32_768
  /// Places that only probes of the node's health get.
  package var probes = 32
  /// Requests a second of one address, handshakes of WebSockets included; 0: no limit.
  package var addressRequestsPerSecond = 200
  /// Requests that an address may make at once after a pause.
  package var addressRequestBurst = 400
  /// How long a client may take no byte of an answer, and may take for the body of a request.
  package var stalledSeconds = 10
  /// How long an HTTP connection may be idle between requests.
  package var idleSeconds = 60
  /// Committed entries that the node may be behind and still be ready.
  package var readyLag: UInt64 = 10_000
  /// Bytes that have to be free on the log's disk for the node to be ready.
  package var readyDiskFreeBytes: UInt64 = 256 << 20
  /// What operations over HTTP are bounded by, as frames are.
  package var operations = OperationLimits()
  /// Whose word counts about who asks.
  package var proxies = TrustedProxies()
  package var version = "0"
  /// Lines of the log that nobody took, since the process began.
  package var lostLogLines: @Sendable () -> Int = { 0 }
  /// What clients are served with; nil: they speak plainly.
  package var tls: ServerTLS?
  /// How many handshakes of TLS may be under way on one event loop. Each costs some 50 KB; beyond, the oldest gives way.
  package var tlsHandshakes = 2048
  package init() {}
}

extension HTTPOptions {
  var portLimits: ClientPortLimits {
    var limits = ClientPortLimits()
    limits.sockets = sockets
    limits.slots.connections = httpConnections
    limits.slots.reserved = probes
    limits.slots.perAddress = httpConnectionsPerAddress
    limits.slots.requestsPerSecond = addressRequestsPerSecond
    limits.slots.requestBurst = addressRequestBurst
    limits.handshakes.allowance = .seconds(Int64(firstRequestSeconds))
    limits.handshakes.perAddress = connectionsPerAddress
    if tls != nil { limits.handshakes.connections = tlsHandshakes }
    limits.requests.body = .seconds(Int64(stalledSeconds))
    limits.requests.idle = .seconds(Int64(idleSeconds))
    limits.requests.stalled = .seconds(Int64(stalledSeconds))
    return limits
  }
}

/// The HTTP interface of a node and the handshake of its WebSockets, which are the gateway's afterwards.
package struct HTTPFrontend: Service {
  private let port: ClientPort
  private let events: EventBoard

  /// - Parameters:
  ///   - loops: those of the gateway: a connection stays on the loop that accepted it.
  ///   - entrance: where WebSockets go.
  ///   - control: what admins may change.
  ///   - figures: the gateway's counters, all loops together.
  ///   - readiness: further checks of `/readyz`.
  ///   - onListening: called once, with the bound address.
  package init(
    cluster: any Cluster, control: any ClusterControl, tokens: TokenService, loops: any EventLoopGroup,
    entrance: WebSocketEntrance,
    figures: @escaping @Sendable () -> GatewayFigures,
    readiness: @escaping @Sendable () async -> [ReadinessCheck] = { [] }, options: HTTPOptions, logger: Logger,
    onListening: @escaping @Sendable (SocketAddress) async -> Void = { _ in }
  ) {
    events = EventBoard(cluster: cluster, life: String(UInt64.random(in: 1...(.max)), radix: 36))
    let routes = Self.routes(
      cluster: cluster, control: control, events: events,
      // The gateway's loops have the numbers from 0 on.
      requests: HTTPRequests(
        cluster: cluster, number: UInt16(clamping: loops.makeIterator().reduce(0) { count, _ in count + 1 })),
      figures: figures, readiness: readiness, options: options)
    let responder = Responder(router: Self.router(routes, tokens).buildResponder(), logger: logger)
    port = ClientPort(
      host: options.host, port: options.port, backlog: options.backlog, loops: loops,
      check: UpgradeCheck(origins: OriginRules(options.allowedOrigins)),
      entrance: entrance,
      limits: options.portLimits, proxies: options.proxies, tls: options.tls,
      responder: responder,
      logger: logger, onListening: onListening)
  }

  /// Until the service is shut down: then nobody is accepted any more and begun requests are finished. WebSockets are
  /// ended by `GatewayLoops.drain`, before.
  /// - Throws: when the address cannot be bound.
  package func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [events] in try? await events.run() }
        defer { group.cancelAll() }
        try await port.run()
      }
    } onGracefulShutdown: { [events] in
      // A stream would be an answer under way for long.
      events.close()
    }
  }

  static func routes(
    cluster: any Cluster, control: any ClusterControl, events: EventBoard, requests: HTTPRequests,
    figures: @escaping @Sendable () -> GatewayFigures,
    readiness: @escaping @Sendable () async -> [ReadinessCheck], options: HTTPOptions
  ) -> [any RouteSet] {
    [
      ClusterRoutes(cluster: cluster, openStatus: options.openStatus),
      ControlRoutes(control: control), DevelopmentRoutes(control: control), EventRoutes(board: events),
      QueryRoutes(requests: requests, limits: options.operations), SessionRoutes(cluster: cluster),
      OperationRoutes(requests: requests, limits: options.operations),
      MetricsRoutes(
        cluster: cluster, gateway: figures, version: options.version, openStatus: options.openStatus,
        lostLogLines: options.lostLogLines),
      HealthRoutes(
        readiness: Readiness(
          cluster: cluster, lag: options.readyLag, diskFreeBytes: options.readyDiskFreeBytes, others: readiness)
      ),
      DescriptionRoutes(),
    ]
  }

  private static func router(_ sets: [any RouteSet], _ tokens: TokenService) -> Router<APIContext> {
    let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
    var table = RouteTable()
    for set in sets {
      for path in set.paths { table.add(path, methods: set.methods(of: path)) }
    }
    router.add(middleware: ProblemMiddleware(table: table))
    for set in sets where !set.needsIdentity { set.add(to: router) }
    router.add(middleware: AuthenticationMiddleware(tokens: tokens))
    for set in sets where set.needsIdentity { set.add(to: router) }
    return router
  }
}
