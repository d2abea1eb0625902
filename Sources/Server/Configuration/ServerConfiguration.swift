package import API
package import Gateway

/// Everything a node is told from outside, checked. `docs/configuration.md` describes each key.
package struct ServerConfiguration: Sendable {
  /// Nodes of another cluster are refused by this name.
  package var cluster: String
  /// From 1, unique in the cluster and never given to another node.
  package var nodeID: UInt64
  package var nodeName: String
  /// All nodes, this one included, ascending by id.
  package var members: [Member]
  /// Where clients and HTTP are served.
  package var clientListen: ListenAddress
  /// Clients speak TLS; nil: plain text.
  package var clientTLS: ClientTLS?
  /// Whether they may speak plain text on an address that others reach.
  package var allowsPlaintextClients: Bool
  /// Where peers connect.
  package var peerListen: ListenAddress
  package var dataDirectory: String
  /// Peers prove themselves with certificates (mTLS); nil: they do not, and the network has to be trusted.
  package var peerTLS: PeerTLS?
  /// Whether they may do without on an address that others reach.
  package var allowsPlaintextPeers: Bool
  package var gossip: Gossip
  /// The first one signs, all of them verify.
  package var jwtSecrets: [JWTSecret]
  package var tokens: Tokens
  package var limits: Limits
  package var raft: RaftTiming
  package var storage: Storage
  package var keepsArchive: Bool
  package var lingerMilliseconds: Int
  /// 0: all.
  package var keepMonths: Int
  /// Event loops for clients and HTTP.
  package var threads: Int
  /// Origins that browsers may come from; "*" allows all; none allows only clients without an `Origin`.
  package var allowedOrigins: [String]
  /// Whether `GET /v1/cluster/status` and `/metrics` are answered without a token.
  package var openStatus: Bool
  package var proxies: Proxies
  package var choices: Choices
  /// Whether an admin may cut this node off from others, for tests.
  package var allowsFaults: Bool
  /// How long an agent who is gone keeps its chats.
  package var agentGraceMilliseconds: Int
  /// How long a customer who is gone keeps the place in the queue, and how long any session.
  package var queueGraceMilliseconds: Int
  package var openGraceMilliseconds: Int
  /// How far a node's clock may be from those of the others before the status says so.
  package var clockToleranceMilliseconds: Int
  /// How often the server pings its clients.
  package var heartbeatMilliseconds: Int
  /// `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
  package var logLevel: String
  /// `text`, `logfmt` or `json`.
  package var logForm: String

  /// This node as its members know it.
  package var thisMember: Member? { members.first { $0.id == nodeID } }

  package struct Member: Sendable, Hashable {
    package var id: UInt64
    package var name: String
    /// Where peers connect: host:port.
    package var peer: String
    /// Where clients connect: http://host:port, perhaps with a path, without a slash at its end.
    package var client: String
    package init(id: UInt64, name: String, peer: String, client: String) {
      self.id = id
      self.name = name
      self.peer = peer
      self.client = client
    }
  }

  package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int
    package init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// Paths of PEM files.
  package struct PeerTLS: Sendable, Hashable {
    package var certificate: String
    package var key: String
    package var ca: String
    package init(certificate: String, key: String, ca: String) {
      self.certificate = certificate
      self.key = key
      self.ca = ca
    }
  }

  /// Paths of PEM files.
  package struct ClientTLS: Sendable, Hashable {
    package var certificate: String
    package var key: String
    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  package struct Gossip: Sendable, Hashable {
    package var isEnabled: Bool
    /// The first one seals, all of them open; none: no gossip.
    package var keys: [GossipSecret]
  }

  /// What is asked of tokens beside their signature.
  package struct Tokens: Sendable, Hashable {
    package var issuers: [String]
    package var audiences: [String]
    package var longestMilliseconds: Int
    /// How long before its end a token is warned of.
    package var warningMilliseconds: Int
  }

  /// What clients may ask of a node; 0 turns a limit off.
  package struct Limits: Sendable, Hashable {
    package var frameBytes: Int
    package var bodyBytes: Int
    /// Requests a second of one connection, on average.
    package var ratePerConnection: Int
    /// Requests that one connection may make at once.
    package var burst: Int
    /// Requests a second of all connections of one address.
    package var ratePerAddress: Int
    /// Requests that one address may make at once.
    package var burstPerAddress: Int
    package var connectionsPerAddress: Int
    package var httpConnections: Int
    package var httpConnectionsPerAddress: Int
    package var sessionsPerConnection: Int
    /// Requests of one connection without an answer yet.
    package var openRequests: Int
    /// Bad requests in a row before the connection is closed.
    package var errorsInARow: Int
    /// What may wait in memory for one slow reader.
    package var outboundBytes: Int
    package var maxConnections: Int
    /// New connections a second.
    package var connectionsPerSecond: Int
    /// Open sessions of one customer.
    package var sessionsPerCustomer: Int
    /// Sessions that one customer opens in an hour of the clock.
    package var opensPerHour: Int
    /// What one customer says in an hour of the clock, attributes included.
    package var customerBytesPerHour: Int
    package var messagesPerSession: Int
    package var sessionBytes: Int
    /// Of the process in memory.
    package var memoryBytes: Int
  }

  /// Who may say for whom a connection or a request is.
  package struct Proxies: Sendable, Hashable {
    package var networks: [IPNetwork]
    package var header: TrustedProxies.Header
    package var speakProxyProtocol: Bool
  }

  /// What clients may choose where their token says nothing.
  package struct Choices: Sendable, Hashable {
    package var highestPriority: Int
    /// nil: any.
    package var agentSkills: [String]?
    package var agentCapacity: Int
  }

  package struct RaftTiming: Sendable, Hashable {
    package var tickMilliseconds: Int
    /// A follower that hears nothing for one to two times so many ticks asks for an election.
    package var electionTicks: Int
    package var heartbeatTicks: Int
    /// A snapshot is made when so many entries, or so many bytes, were applied since the last one.
    package var snapshotEntries: Int
    package var snapshotBytes: Int
    package var leaseReads: Bool
    /// nil: no trace.
    package var traceFile: String?
  }

  package struct Storage: Sendable, Hashable {
    /// The size of a segment of the write-ahead log.
    package var segmentBytes: Int
  }
}

/// A shared secret for tokens. Its description never shows it.
package struct JWTSecret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The `kid` of tokens made with it; nil: tokens carry none.
  package var id: String?
  package var bytes: [UInt8]
  /// The file it came from, nil when it stood in the configuration itself.
  package var file: String?
  package init(id: String?, bytes: [UInt8], file: String? = nil) {
    self.id = id
    self.bytes = bytes
    self.file = file
  }
  package var description: String { "\(id ?? "(no id)"): <secret, \(bytes.count) bytes>" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
