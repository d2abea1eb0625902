package import API
import Desk
import Gateway
import Host
import Kernel
import NIOCore
import Node
import Peering
import Protocol
import Raft
import Storage

/// From the one configuration to what each part wants to know.
extension ReplicaOptions {
  init(_ configuration: ServerConfiguration) throws {
    let members = configuration.members.map {
      MemberAddress(id: $0.id, name: $0.name, peerAddress: $0.peer, clientURL: $0.client)
    }
    guard let thisNode = members.first(where: { $0.id == configuration.nodeID }) else {
      throw ConfigurationError([
        ConfigurationProblem(
          key: "node.id", value: "\(configuration.nodeID)", problem: "is not among the members")
      ])
    }
    let peers = try configuration.members.map { member in
      let (host, port) = try HostAndPort.split(member.peer, key: "members")
      return PeerAddress(id: NodeID(member.id), host: host, port: port)
    }
    let peering = PeeringConfiguration(
      cluster: configuration.cluster, thisNode: NodeID(configuration.nodeID),
      listenHost: configuration.peerListen.host, listenPort: configuration.peerListen.port, peers: peers,
      tls: configuration.peerTLS.map {
        PeerTLS(certificateChainFile: $0.certificate, privateKeyFile: $0.key, authorityFile: $0.ca)
      }, allowsPlaintext: configuration.allowsPlaintextPeers)
    var node = NodeConfiguration(
      cluster: configuration.cluster, thisNode: thisNode, members: members,
      seed: UInt64.random(in: .min ... .max))
    node.version = ServerProcess.version
    node.tickMilliseconds = configuration.raft.tickMilliseconds
    node.electionTicks = configuration.raft.electionTicks
    node.heartbeatTicks = configuration.raft.heartbeatTicks
    node.snapshotEntries = configuration.raft.snapshotEntries
    node.snapshotBytes = configuration.raft.snapshotBytes
    node.leaseReads = configuration.raft.leaseReads
    node.agentGrace = configuration.agentGraceMilliseconds
    node.queueGrace = configuration.queueGraceMilliseconds
    node.openGrace = configuration.openGraceMilliseconds
    node.linger = configuration.lingerMilliseconds
    node.keepMonths = configuration.keepMonths
    // From level 6 on what is over is in archives alone: a node without one keeps the cluster below that.
    if !configuration.keepsArchive { node.level = min(node.level, .fifth) }
    node.clockTolerance = configuration.clockToleranceMilliseconds
    node.cores = System.coreCount
    let limits = configuration.limits
    node.caps.openSessions = limits.sessionsPerCustomer
    node.caps.opensPerHour = limits.opensPerHour
    node.caps.bytesPerHour = limits.customerBytesPerHour
    node.caps.sessionMessages = limits.messagesPerSession
    node.caps.sessionBytes = limits.sessionBytes
    node.memoryBytes = limits.memoryBytes
    self.init(node: node, peering: peering, dataDirectory: configuration.dataDirectory)
    traceFile = configuration.raft.traceFile
    if configuration.allowsFaults { store.faults = DiskFaults() }
    gossipKeys = try configuration.gossip.keyRing
    if configuration.keepsArchive { archiveDirectory = configuration.dataDirectory + "/archive" }
    store.segmentBytes = UInt64(configuration.storage.segmentBytes)
  }
}

extension ServerConfiguration.Gossip {
  /// nil: no gossip.
  fileprivate var keyRing: GossipKeyRing? {
    get throws {
      guard isEnabled, !keys.isEmpty else { return nil }
      return try GossipKeyRing(keys.map { try GossipKeyRing.Key(id: $0.id, secret: $0.bytes) })
    }
  }
}

extension GatewaySettings {
  init(_ configuration: ServerConfiguration) {
    self.init()
    let given = configuration.limits
    limits.frameBytes = given.frameBytes
    limits.bodyBytes = given.bodyBytes
    limits.requestsPerSecond = given.ratePerConnection
    limits.requestBurst = given.burst
    limits.addressRequestsPerSecond = given.ratePerAddress
    limits.addressRequestBurst = given.burstPerAddress
    limits.openRequests = given.openRequests
    limits.errorsInARow = given.errorsInARow
    limits.connections = given.maxConnections
    limits.connectionsPerSecond = given.connectionsPerSecond
    limits.connectionsPerAddress = given.connectionsPerAddress
    limits.sessionsPerConnection = given.sessionsPerConnection
    limits.outboundBytes = given.outboundBytes
    times.heartbeat = configuration.heartbeatMilliseconds
    times.tokenWarning = configuration.tokens.warningMilliseconds
    choices.priority = Int32(clamping: configuration.choices.highestPriority)
    choices.skills = configuration.choices.agentSkills
    choices.capacity = UInt32(clamping: configuration.choices.agentCapacity)
    choices.zones = SystemZones()
  }
}

extension TokenRules {
  package init(_ tokens: ServerConfiguration.Tokens) {
    self.init(
      issuers: tokens.issuers, audiences: tokens.audiences,
      longestSeconds: Double(tokens.longestMilliseconds) / 1000)
  }
}

extension HTTPOptions {
  init(_ configuration: ServerConfiguration) {
    self.init()
    host = configuration.clientListen.host
    port = configuration.clientListen.port
    allowedOrigins = configuration.allowedOrigins
    openStatus = configuration.openStatus
    let proxies = configuration.proxies
    self.proxies = TrustedProxies(
      proxies.networks, header: proxies.header, speakProxyProtocol: proxies.speakProxyProtocol)
    version = ServerProcess.version
    let limits = configuration.limits
    httpConnections = limits.httpConnections
    httpConnectionsPerAddress = limits.httpConnectionsPerAddress
    connectionsPerAddress = limits.connectionsPerAddress
    addressRequestsPerSecond = limits.ratePerAddress
    addressRequestBurst = limits.burstPerAddress
    let gateway = GatewaySettings(configuration)
    operations.bodyBytes = gateway.limits.bodyBytes
    operations.idLength = gateway.limits.idLength
    operations.choices = gateway.choices
  }
}

enum HostAndPort {
  /// The last colon divides, so an IPv6 address stands in brackets.
  static func split(_ text: String, key: String) throws(ConfigurationError) -> (host: String, port: Int) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65535).contains(port), colon > text.startIndex
    else {
      throw ConfigurationError([
        ConfigurationProblem(key: key, value: text, problem: "is not host:port")
      ])
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return (host, port)
  }
}
