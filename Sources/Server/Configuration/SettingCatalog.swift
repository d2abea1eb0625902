import API

/// Every key that there is, in the order of the documentation.
package enum SettingCatalog {
  package static let cluster = Setting(
    key: "cluster", kind: .text(allowed: nil), fallback: "switchboard",
    meaning: "Name of the cluster; nodes of another one are refused.")
  package static let nodeID = Setting(
    key: "node.id", kind: .integer(1...65535, zeroIsOff: false), required: true,
    meaning: "Number of this node, one of the members; never given to another node.")
  package static let nodeName = Setting(
    key: "node.name", kind: .text(allowed: nil),
    meaning: "Name of this node; by default the one in `members`, or `node` and the number.")
  package static let members = Setting(
    key: "members",
    kind: .objects(
      form: "a list of {id, name, peer \"host:port\", client \"http://host:port\"}; outside of the file "
        + "ID=PEER=CLIENT,... like 1=127.0.0.1:9101=http://127.0.0.1:8101"),
    required: true, meaning: "All nodes of the cluster, this one included.")

  package static let relativePaths = Setting(
    key: "relative_paths", kind: .text(allowed: ["start", "file"]), fallback: "start",
    meaning: "Where relative paths of the file begin: where the node was started, or at the file's own folder.")

  package static let clientHost = Setting(
    key: "client.host", kind: .text(allowed: nil), fallback: "127.0.0.1",
    meaning: "Address on which clients and HTTP are served.")
  package static let clientPort = Setting(
    key: "client.port", kind: .port, fallback: "8101", meaning: "Port for clients and HTTP.")
  package static let clientCertificate = Setting(
    key: "client.tls.certificate", kind: .path,
    meaning: "PEM file with the certificate that clients are shown, and those between it and its authority.")
  package static let clientKey = Setting(
    key: "client.tls.key", kind: .path, meaning: "PEM file with the certificate's private key. Both or none.")
  package static let clientPlaintext = Setting(
    key: "client.allow_plaintext", kind: .boolean, fallback: "false",
    meaning:
      "Whether clients may speak without TLS to an address that is not loopback; for a network behind a proxy.")
  package static let threads = Setting(
    key: "client.threads", kind: .integer(0...256, zeroIsOff: false),
    meaning: "Event loops for clients and HTTP, by default half of the cores; 0: they share Raft's thread.")
  package static let heartbeat = Setting(
    key: "client.heartbeat_ms", kind: .milliseconds(500...600_000), fallback: "15000",
    meaning: "How often clients are pinged; two missed answers close the connection.")
  package static let origins = Setting(
    key: "client.allowed_origins", kind: .textList, fallback: "",
    meaning:
      "Whose pages may connect and ask: origins like `https://shop.example`, `https://*.shop.example`; `*`: all."
  )
  package static let openStatus = Setting(
    key: "client.open_status", kind: .boolean, fallback: "true",
    meaning: "Whether cluster status and metrics are answered without a token.")

  package static let trustedProxies = Setting(
    key: "client.trusted_proxies", kind: .textList, fallback: "",
    meaning: "Addresses and networks of proxies, like `10.0.0.7` and `10.0.0.0/8`, that say for whom they ask.")
  package static let forwardedHeader = Setting(
    key: "client.forwarded_header", kind: .text(allowed: TrustedProxies.Header.allCases.map(\.rawValue)),
    fallback: "any", meaning: "The header in which they say it; with `any` both may, and must agree.")
  package static let proxyProtocol = Setting(
    key: "client.proxy_protocol", kind: .boolean, fallback: "false",
    meaning: "Whether each connection of a trusted proxy begins with a PROXY header, of version 1 or 2.")

  package static let highestPriority = Setting(
    key: "client.highest_priority", kind: .integer(0...1_000_000, zeroIsOff: false), fallback: "0",
    meaning: "The highest priority that a customer may choose whose token has no `priority`.")
  package static let agentSkills = Setting(
    key: "client.agent_skills", kind: .textList, fallback: "*",
    meaning: "Skills that an agent may choose whose token has no `skills`; `*` allows all.")
  package static let agentCapacity = Setting(
    key: "client.agent_capacity", kind: .integer(0...100_000, zeroIsOff: false), fallback: "1000",
    meaning: "Chats at a time that an agent may choose whose token has no `capacity`.")

  package static let peerHost = Setting(
    key: "peer.host", kind: .text(allowed: nil), fallback: "127.0.0.1",
    meaning: "Address on which peers connect.")
  package static let peerPort = Setting(
    key: "peer.port", kind: .port, fallback: "9101", meaning: "Port for peers.")
  package static let peerCertificate = Setting(
    key: "peer.tls.certificate", kind: .path,
    meaning: "PEM file with this node's certificate; its name (CN, SAN) is the node's. All three or none.")
  package static let peerKey = Setting(
    key: "peer.tls.key", kind: .path, meaning: "PEM file with the certificate's private key.")
  package static let peerCA = Setting(
    key: "peer.tls.ca", kind: .path, meaning: "PEM file with the authority that signs all nodes' certificates.")

  package static let peerPlaintext = Setting(
    key: "peer.allow_plaintext", kind: .boolean, fallback: "false",
    meaning:
      "Whether peers may connect without TLS on an address that is not loopback; who reaches the port is one.")

  package static let gossipEnabled = Setting(
    key: "gossip.enabled", kind: .boolean, fallback: "true",
    meaning: "Whether the node gossips over UDP at the peer port; it needs a key, too.")
  package static let gossipKeys = Setting(
    key: "gossip.keys",
    kind: .objects(form: "a list of {id 0 to 255, file \"PATH\"} or {id, secret \"64 hexadecimal digits\"}"),
    isSecret: true,
    meaning: "Secrets that seal gossip. The first one seals, all of them open; without any there is no gossip.")
  package static let gossipKeyFile = Setting(
    key: "gossip.key_file", kind: .path,
    meaning: "The file of a single secret with the number 0, instead of `gossip.keys`.")

  package static let dataDirectory = Setting(
    key: "data.directory", kind: .path, required: true,
    meaning: "Where the log and the snapshots are; one directory per node.")
  package static let segmentBytes = Setting(
    key: "storage.segment_bytes", kind: .bytes(1_048_576...1_073_741_824, zeroIsOff: false), fallback: "64MiB",
    meaning: "Size of a segment of the write-ahead log.")

  package static let jwtSecrets = Setting(
    key: "jwt.secrets",
    kind: .objects(form: "a list of {id, file \"PATH\"} or {id, secret \"TEXT\"}, 32 bytes or more each"),
    isSecret: true,
    meaning: "Shared secrets of tokens (HS256). The first one signs, all of them verify.")
  package static let jwtSecret = Setting(
    key: "jwt.secret", kind: .text(allowed: nil), isSecret: true,
    meaning: "A single secret without an id, instead of `jwt.secrets`.")
  package static let jwtSecretFile = Setting(
    key: "jwt.secret_file", kind: .path,
    meaning: "The file of a single secret without an id, instead of `jwt.secrets`.")

  package static let jwtIssuers = Setting(
    key: "jwt.issuers", kind: .textList, fallback: "",
    meaning: "A token's `iss` has to be one of these; without any it is not looked at.")
  package static let jwtAudiences = Setting(
    key: "jwt.audiences", kind: .textList, fallback: "",
    meaning: "A token's `aud` has to name one of these; without any it is not looked at.")
  package static let jwtLongest = Setting(
    key: "jwt.max_lifetime", kind: .milliseconds(60_000...3_153_600_000_000), fallback: "720h",
    meaning: "How far from now the end of a token may be; longer ones are refused.")

  package static let jwtWarning = Setting(
    key: "jwt.expiry_warning", kind: .milliseconds(0...3_600_000), fallback: "60s",
    meaning: "How long before its token ends a connection is told so, to send a new one; 0: it is not told.")

  package static let frameBytes = Setting(
    key: "limits.frame_bytes", kind: .bytes(1024...16_777_216, zeroIsOff: true), fallback: "64KiB",
    meaning: "Longest frame of a client. Without a limit the largest that a node can take, 16 MiB.")
  package static let bodyBytes = Setting(
    key: "limits.body_bytes", kind: .bytes(1...1_048_576, zeroIsOff: true), fallback: "16KiB",
    meaning: "Longest text of a message. Without a limit the frame's.")
  package static let ratePerConnection = Setting(
    key: "limits.rate_per_connection", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "20",
    meaning: "Requests a second of one connection, on average.")
  package static let burst = Setting(
    key: "limits.burst", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "40",
    meaning: "Requests that a connection may make at once after a pause; 0 turns its rate off, too.")
  package static let ratePerAddress = Setting(
    key: "limits.rate_per_address", kind: .integer(1...10_000_000, zeroIsOff: true), fallback: "200",
    meaning: "Requests a second of all connections of one address.")
  package static let burstPerAddress = Setting(
    key: "limits.burst_per_address", kind: .integer(1...10_000_000, zeroIsOff: true), fallback: "400",
    meaning: "Requests that an address may make at once after a pause; 0 turns its rate off, too.")
  package static let connectionsPerAddress = Setting(
    key: "limits.connections_per_address", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "256",
    meaning: "Connections of one address.")
  package static let httpConnections = Setting(
    key: "limits.http_connections", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "2048",
    meaning: "HTTP connections at a time. Without a limit an eighth of what the file descriptors allow.")
  package static let httpConnectionsPerAddress = Setting(
    key: "limits.http_connections_per_address", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "64",
    meaning: "HTTP connections of one address.")
  package static let sessionsPerConnection = Setting(
    key: "limits.sessions_per_connection", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "64",
    meaning: "Sessions that one connection opens, joins and resumes; for agents their capacity counts.")
  package static let openRequests = Setting(
    key: "limits.open_requests", kind: .integer(1...100_000, zeroIsOff: true), fallback: "256",
    meaning: "Requests of one connection that may wait for their answer.")
  package static let errorsInARow = Setting(
    key: "limits.errors_in_a_row", kind: .integer(1...10_000, zeroIsOff: true), fallback: "10",
    meaning: "Bad requests one after the other before a connection is closed with 4510.")
  package static let outboundBytes = Setting(
    key: "limits.outbound_bytes", kind: .bytes(16_384...1_073_741_824, zeroIsOff: true), fallback: "1MiB",
    meaning: "What may wait for one slow reader before it is closed with 4008.")
  package static let connectionsPerSecond = Setting(
    key: "limits.connections_per_second", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "5000",
    meaning: "New connections of clients a second; as many may come at once after a pause.")
  package static let maxConnections = Setting(
    key: "limits.max_connections", kind: .integer(1...10_000_000, zeroIsOff: true), fallback: "20000",
    meaning: "Connections of clients to this node. Without a limit what the file descriptors allow.")

  package static let sessionsPerCustomer = Setting(
    key: "limits.sessions_per_customer", kind: .integer(1...1_000_000, zeroIsOff: true), fallback: "100",
    meaning: "Open sessions of one customer. The same on all nodes.")
  package static let opensPerHour = Setting(
    key: "limits.opens_per_hour", kind: .integer(1...10_000_000, zeroIsOff: true), fallback: "600",
    meaning: "Sessions that one customer opens in an hour of the clock. The same on all nodes.")
  package static let customerBytesPerHour = Setting(
    key: "limits.customer_bytes_per_hour", kind: .bytes(65_536...1_099_511_627_776, zeroIsOff: true),
    fallback: "256MiB",
    meaning: "What one customer says in an hour of the clock, attributes included. The same on all nodes.")
  package static let messagesPerSession = Setting(
    key: "limits.messages_per_session", kind: .integer(1...1_000_000_000, zeroIsOff: true), fallback: "1000000",
    meaning: "Messages of one session. The same on all nodes.")
  package static let sessionBytes = Setting(
    key: "limits.session_bytes", kind: .bytes(65_536...1_073_741_824, zeroIsOff: true), fallback: "64MiB",
    meaning: "All messages of one session with their ids. The same on all nodes.")
  package static let memoryBytes = Setting(
    key: "limits.memory_bytes", kind: .bytes(1_048_576...1_125_899_906_842_624, zeroIsOff: true),
    meaning: "Memory of the process above which it takes nothing new, by default 80 % of what there is.")

  package static let agentGrace = Setting(
    key: "desk.agent_grace_ms", kind: .milliseconds(0...86_400_000), fallback: "30000",
    meaning: "How long an agent who is gone, or says offline, keeps its chats before they go to others.")

  package static let queueGrace = Setting(
    key: "desk.queue_grace_ms", kind: .milliseconds(0...86_400_000), fallback: "120000",
    meaning:
      "How long a customer who is gone keeps the place in the queue, being passed over; 0: served in turn all the same."
  )
  package static let openGrace = Setting(
    key: "desk.abandoned_ms", kind: .milliseconds(0...31_536_000_000), fallback: "86400000",
    meaning: "A session whose customer has been gone for so long is closed; 0: never.")

  package static let archive = Setting(
    key: "history.archive", kind: .boolean, fallback: "true",
    meaning:
      "Whether this node keeps an archive in `archive` of the data directory: what is over is searched and listed there."
  )

  package static let linger = Setting(
    key: "history.linger_ms", kind: .milliseconds(1_000...604_800_000), fallback: "600000",
    meaning:
      "A session that has been closed for so long leaves the memory of the nodes; it is read from the archive then, and is not "
      + "rated any more.")

  package static let keepMonths = Setting(
    key: "history.keep_months", kind: .integer(1...1_200, zeroIsOff: true), fallback: "0",
    meaning:
      "Whole months (UTC) behind the present one that archives keep; what is older is dropped on all nodes, as the leader's "
      + "configuration says, so say the same on all. 0: everything is kept. From level 7 on.")

  package static let clockTolerance = Setting(
    key: "clock.tolerance_ms", kind: .milliseconds(100...86_400_000), fallback: "1000",
    meaning:
      "A node whose clock is further than this from more than half of the others' is a problem in the status.")

  package static let tick = Setting(
    key: "raft.tick_ms", kind: .milliseconds(1...1000), fallback: "10", meaning: "The step of Raft's clock.")
  package static let electionTicks = Setting(
    key: "raft.election_ticks", kind: .integer(3...1000, zeroIsOff: false), fallback: "60",
    meaning: "A follower that hears nothing for one to two times so many ticks asks for an election.")
  package static let heartbeatTicks = Setting(
    key: "raft.heartbeat_ticks", kind: .integer(1...300, zeroIsOff: false), fallback: "10",
    meaning: "Ticks between the leader's heartbeats; at most a third of `raft.election_ticks`.")
  package static let snapshotEntries = Setting(
    key: "raft.snapshot_entries", kind: .integer(100...100_000_000, zeroIsOff: false), fallback: "200000",
    meaning: "A snapshot is made after so many entries.")
  package static let snapshotBytes = Setting(
    key: "raft.snapshot_bytes", kind: .bytes(65_536...17_179_869_184, zeroIsOff: false), fallback: "64MiB",
    meaning: "A snapshot is made after so many bytes of the log.")

  package static let leaseReads = Setting(
    key: "raft.lease_reads", kind: .boolean, fallback: "false",
    meaning: "Reads within the leader's lease ask nobody; trusts that clocks run alike. The same on all nodes.")
  package static let traceFile = Setting(
    key: "raft.trace_file", kind: .path,
    meaning: "File that every transition of Raft is appended to, a line of JSON each; for outside checkers.")

  package static let faults = Setting(
    key: "development.faults", kind: .boolean, fallback: "false",
    meaning:
      "Whether an admin may cut this node off, set its clock and disturb its disk, for tests. Never in production."
  )

  package static let logLevel = Setting(
    key: "log.level",
    kind: .text(allowed: ["trace", "debug", "info", "notice", "warning", "error", "critical"]),
    fallback: "info",
    meaning: "How much is logged, to standard error. Changed while the node runs by SIGHUP.")

  package static let logForm = Setting(
    key: "log.format", kind: .text(allowed: LogForm.allCases.map(\.rawValue)), fallback: "text",
    meaning: "How a line of the log looks: for people, or for programs.")

  package static let all: [Setting] = [
    cluster, nodeID, nodeName, members, relativePaths, clientHost, clientPort, clientCertificate, clientKey,
    clientPlaintext, threads, heartbeat, origins, openStatus, trustedProxies, forwardedHeader, proxyProtocol,
    highestPriority, agentSkills, agentCapacity,
    peerHost,
    peerPort, peerCertificate, peerKey, peerCA, peerPlaintext, gossipEnabled, gossipKeys, gossipKeyFile,
    dataDirectory,
    segmentBytes, jwtSecrets, jwtSecret,
    jwtSecretFile, jwtIssuers, jwtAudiences, jwtLongest, jwtWarning,
    frameBytes, bodyBytes, ratePerConnection, burst, ratePerAddress, burstPerAddress,
    connectionsPerAddress, httpConnections, httpConnectionsPerAddress, sessionsPerConnection, openRequests,
    errorsInARow, outboundBytes, maxConnections,
    connectionsPerSecond, sessionsPerCustomer, opensPerHour, customerBytesPerHour, messagesPerSession,
    sessionBytes, memoryBytes,
    agentGrace, queueGrace, openGrace, archive, linger, keepMonths, clockTolerance,
    tick, electionTicks, heartbeatTicks, snapshotEntries,
    snapshotBytes, leaseReads, traceFile, faults, logLevel, logForm,
  ]

  /// The known key that is most like this one; nil when none is near enough to be meant.
  package static func nearest(to key: String, among keys: [String] = all.map(\.key)) -> String? {
    let wanted = key.lowercased()
    let ranked = keys.map { (distance: editDistance(wanted, $0), key: $0) }
      .min { ($0.distance, $0.key) < ($1.distance, $1.key) }
    if let ranked, ranked.distance <= max(2, wanted.count / 3) { return ranked.key }
    // The right word in the wrong object.
    let leaf = wanted.split(separator: ".").last.map(String.init) ?? wanted
    return keys.first { $0.hasSuffix("." + leaf) }
  }

  /// Levenshtein's distance by the usual two rows.
  static func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let substituted = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
