import API
import Foundation
import Gateway

extension ServerConfiguration {
  /// Reads the configuration: flags before the environment before the file before the defaults.
  /// - Parameters:
  ///   - file: path of the JSON file; nil: everything comes from elsewhere.
  ///   - flags: values by dotted key, as texts.
  ///   - environment: the process's, or a test's.
  ///   - cores: how many the machine has, for the default of `client.threads`.
  ///   - memory: bytes that the process may have, for the default of `limits.memory_bytes`; 0: unknown.
  /// - Throws: `ConfigurationError` with every problem that there is.
  package static func load(
    file: String?, flags: [String: String] = [:],
    environment: [String: String] = ProcessInfo.processInfo.environment,
    cores: Int = ProcessInfo.processInfo.activeProcessorCount, memory: Int = MachineMemory.bytes()
  ) throws(ConfigurationError) -> LoadedConfiguration {
    var parsed: ConfigurationFile?
    if let file { parsed = try ConfigurationFile(path: file) }
    let sources = SettingSources(flags: flags, environment: environment, file: parsed)
    var reader = SettingReader(sources: sources)
    for key in flags.keys.sorted() where !SettingCatalog.all.contains(where: { $0.key == key }) {
      let hint = SettingCatalog.nearest(to: key).map { "; did you mean \"\($0)\"?" } ?? ""
      reader.problems.append(
        ConfigurationProblem(key: key, source: "flag --set", problem: "is not a known key" + hint))
    }
    let configuration = read(&reader, cores: cores, memory: memory)
    guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
    var warnings = SizeRelations(configuration).warnings
    warnings += sources.unknownVariables(except: LoadedConfiguration.variablesOfScripts).map { name in
      let known = SettingCatalog.all.map(\.environmentName)
      let hint = known.min { SettingCatalog.editDistance(name, $0) < SettingCatalog.editDistance(name, $1) }
      return "environment \(name) has no effect" + (hint.map { "; the nearest known name is \($0)" } ?? "")
    }
    warnings += sources.settingsLinkedOver.map {
      "environment \($0.environmentName) is what Kubernetes says of a Service, and no setting: it has no effect. Give "
        + "\($0.key) in the file or as a flag, or turn the variables off with enableServiceLinks: false"
    }
    return LoadedConfiguration(
      configuration: configuration, sources: sources, warnings: warnings + cautions(configuration, reader))
  }

  /// What is allowed, and dangerous.
  private static func cautions(_ configuration: ServerConfiguration, _ reader: SettingReader) -> [String] {
    var cautions = reader.secretFiles.compactMap(SecretFile.caution)
    let isPlain = configuration.peerTLS == nil && !AddressForm.isLoopback(configuration.peerListen.host)
    if isPlain, configuration.allowsPlaintextPeers {
      cautions.append(
        "peers connect without TLS at \(configuration.peerListen), as peer.allow_plaintext says: whoever reaches that "
          + "port can write any message into any history")
    }
    if let everybody = configuration.proxies.networks.first(where: \.isEverything) {
      cautions.append(
        "client.trusted_proxies trusts \(everybody), which is everybody: any client can choose the address that its "
          + "limits count for; name the proxies alone")
    }
    if configuration.clientTLS == nil, !AddressForm.isLoopback(configuration.clientListen.host),
      configuration.allowsPlaintextClients
    {
      cautions.append(
        "clients speak without TLS to \(configuration.clientListen), as client.allow_plaintext says: whoever is between "
          + "reads what they say, and their tokens")
    }
    return cautions
  }

  private static func read(_ reader: inout SettingReader, cores: Int, memory: Int) -> ServerConfiguration {
    typealias Keys = SettingCatalog
    let id = UInt64(reader.integer(Keys.nodeID))
    let members = MemberList().read(&reader)
    let name = reader.name(Keys.nodeName)
    // What it says has been done where the file was read; whether it is one of its values is asked here.
    _ = reader.name(Keys.relativePaths)
    var configuration = ServerConfiguration(
      cluster: reader.name(Keys.cluster) ?? "",
      nodeID: id, nodeName: name ?? members.first { $0.id == id }?.name ?? "node\(id)", members: members,
      clientListen: ListenAddress(host: reader.host(Keys.clientHost), port: reader.integer(Keys.clientPort)),
      clientTLS: clientTLS(&reader), allowsPlaintextClients: reader.boolean(Keys.clientPlaintext),
      peerListen: ListenAddress(host: reader.host(Keys.peerHost), port: reader.integer(Keys.peerPort)),
      dataDirectory: reader.path(Keys.dataDirectory) ?? "", peerTLS: peerTLS(&reader),
      allowsPlaintextPeers: reader.boolean(Keys.peerPlaintext),
      gossip: Gossip(isEnabled: reader.boolean(Keys.gossipEnabled), keys: GossipKeyList().read(&reader)),
      jwtSecrets: SecretList().read(&reader),
      tokens: Tokens(
        issuers: reader.list(Keys.jwtIssuers), audiences: reader.list(Keys.jwtAudiences),
        longestMilliseconds: reader.integer(Keys.jwtLongest),
        warningMilliseconds: reader.integer(Keys.jwtWarning)),
      limits: limits(&reader, memory: memory),
      raft: RaftTiming(
        tickMilliseconds: reader.integer(Keys.tick), electionTicks: reader.integer(Keys.electionTicks),
        heartbeatTicks: reader.integer(Keys.heartbeatTicks),
        snapshotEntries: reader.integer(Keys.snapshotEntries),
        snapshotBytes: reader.integer(Keys.snapshotBytes),
        leaseReads: reader.boolean(Keys.leaseReads), traceFile: reader.path(Keys.traceFile)
      ),
      storage: Storage(segmentBytes: reader.integer(Keys.segmentBytes)),
      keepsArchive: reader.boolean(Keys.archive), lingerMilliseconds: reader.integer(Keys.linger),
      keepMonths: reader.integer(Keys.keepMonths),
      threads: reader.optionalInteger(Keys.threads) ?? min(256, max(1, cores / 2)),
      allowedOrigins: origins(&reader), openStatus: reader.boolean(Keys.openStatus),
      proxies: proxies(&reader), choices: choices(&reader), allowsFaults: reader.boolean(Keys.faults),
      agentGraceMilliseconds: reader.integer(Keys.agentGrace),
      queueGraceMilliseconds: reader.integer(Keys.queueGrace),
      openGraceMilliseconds: reader.integer(Keys.openGrace),
      clockToleranceMilliseconds: reader.integer(Keys.clockTolerance),
      heartbeatMilliseconds: reader.integer(Keys.heartbeat), logLevel: reader.name(Keys.logLevel) ?? "info",
      logForm: reader.name(Keys.logForm) ?? "text")
    check(&configuration, &reader)
    return configuration
  }

  /// What concerns several keys at once.
  private static func check(_ configuration: inout ServerConfiguration, _ reader: inout SettingReader) {
    typealias Keys = SettingCatalog
    let members = configuration.members
    if configuration.nodeID > 0, !members.isEmpty {
      if let member = members.first(where: { $0.id == configuration.nodeID }) {
        if member.name != configuration.nodeName {
          reader.report(
            Keys.nodeName, reader.sources.text(Keys.nodeName),
            "but `members` calls node \(member.id) \"\(member.name)\"; both must say the same")
        }
      } else {
        reader.report(
          Keys.nodeID, reader.sources.text(Keys.nodeID),
          "is none of the members, which are \(members.map { "\($0.id)" }.joined(separator: ", "))")
      }
    }
    if configuration.raft.heartbeatTicks * 3 > configuration.raft.electionTicks {
      reader.report(
        Keys.heartbeatTicks, reader.sources.text(Keys.heartbeatTicks),
        "is too large for raft.election_ticks = \(configuration.raft.electionTicks); allowed: at most a third of it"
      )
    }
    let listen = (configuration.clientListen, configuration.peerListen)
    if listen.0.port == listen.1.port, listen.0.host == listen.1.host {
      reader.report(
        Keys.peerPort, reader.sources.text(Keys.peerPort), "is client.port, too; they must differ")
    }
    if configuration.peerTLS == nil, !configuration.allowsPlaintextPeers,
      !AddressForm.isLoopback(configuration.peerListen.host)
    {
      reader.report(
        Keys.peerHost, reader.sources.text(Keys.peerHost),
        "is reached by others, and peers without TLS are whoever reaches the port: they could write any message into "
          + "any history. Give peer.tls.certificate, key and ca; or, where nobody but the nodes reaches this network, "
          + "say peer.allow_plaintext = true")
    }
    if configuration.clientTLS == nil, !configuration.allowsPlaintextClients,
      !AddressForm.isLoopback(configuration.clientListen.host)
    {
      reader.report(
        Keys.clientHost, reader.sources.text(Keys.clientHost),
        "is reached by others, and without TLS whoever is between reads what clients say, and their tokens. Give "
          + "client.tls.certificate and client.tls.key; or, where a proxy with TLS stands before the node, say "
          + "client.allow_plaintext = true")
    }
    for (setting, problem) in SizeRelations(configuration).problems {
      reader.report(setting, reader.sources.text(setting), problem)
    }
    let limits = configuration.limits
    if limits.burst == 0 { configuration.limits.ratePerConnection = 0 }
    if limits.burstPerAddress == 0 { configuration.limits.ratePerAddress = 0 }
  }

  private static func limits(_ reader: inout SettingReader, memory: Int) -> Limits {
    typealias Keys = SettingCatalog
    return Limits(
      frameBytes: reader.integer(Keys.frameBytes), bodyBytes: reader.integer(Keys.bodyBytes),
      ratePerConnection: reader.integer(Keys.ratePerConnection), burst: reader.integer(Keys.burst),
      ratePerAddress: reader.integer(Keys.ratePerAddress),
      burstPerAddress: reader.integer(Keys.burstPerAddress),
      connectionsPerAddress: reader.integer(Keys.connectionsPerAddress),
      httpConnections: reader.integer(Keys.httpConnections),
      httpConnectionsPerAddress: reader.integer(Keys.httpConnectionsPerAddress),
      sessionsPerConnection: reader.integer(Keys.sessionsPerConnection),
      openRequests: reader.integer(Keys.openRequests), errorsInARow: reader.integer(Keys.errorsInARow),
      outboundBytes: reader.integer(Keys.outboundBytes), maxConnections: reader.integer(Keys.maxConnections),
      connectionsPerSecond: reader.integer(Keys.connectionsPerSecond),
      sessionsPerCustomer: reader.integer(Keys.sessionsPerCustomer),
      opensPerHour: reader.integer(Keys.opensPerHour),
      customerBytesPerHour: reader.integer(Keys.customerBytesPerHour),
      messagesPerSession: reader.integer(Keys.messagesPerSession),
      sessionBytes: reader.integer(Keys.sessionBytes),
      memoryBytes: reader.optionalInteger(Keys.memoryBytes) ?? memory / 5 * 4)
  }

  /// Both files or none.
  private static func clientTLS(_ reader: inout SettingReader) -> ClientTLS? {
    let settings = [SettingCatalog.clientCertificate, SettingCatalog.clientKey]
    let paths = files(settings, "client.tls needs certificate and key, or none of them", &reader)
    if let key = paths[1] { reader.secretFiles.append(key) }
    guard let certificate = paths[0], let key = paths[1] else { return nil }
    return ClientTLS(certificate: certificate, key: key)
  }

  /// All of them or none: half a TLS is a mistake, never a wish.
  private static func files(
    _ settings: [Setting], _ rule: String, _ reader: inout SettingReader
  ) -> [String?] {
    let paths = settings.map { reader.path($0) }
    guard paths.contains(where: { $0 != nil }) else { return paths }
    for (setting, path) in zip(settings, paths) {
      if let path {
        if !FileManager.default.isReadableFile(atPath: path) {
          reader.report(setting, reader.sources.text(setting), "cannot be read: \(FileProblem.reason(path))")
        }
      } else {
        reader.report(setting, nil, "is missing; \(rule)")
      }
    }
    return paths
  }

  private static func peerTLS(_ reader: inout SettingReader) -> PeerTLS? {
    let settings = [SettingCatalog.peerCertificate, SettingCatalog.peerKey, SettingCatalog.peerCA]
    let paths = files(settings, "peer.tls needs certificate, key and ca, or none of them", &reader)
    if let key = paths[1] { reader.secretFiles.append(key) }
    guard paths.contains(where: { $0 != nil }) else { return nil }
    return PeerTLS(certificate: paths[0] ?? "", key: paths[1] ?? "", ca: paths[2] ?? "")
  }

  private static func choices(_ reader: inout SettingReader) -> ServerConfiguration.Choices {
    let isGiven = reader.sources.text(SettingCatalog.agentSkills) != nil
    let skills = reader.list(SettingCatalog.agentSkills)
    return ServerConfiguration.Choices(
      highestPriority: reader.integer(SettingCatalog.highestPriority),
      agentSkills: !isGiven || skills.contains("*") ? nil : skills,
      agentCapacity: reader.integer(SettingCatalog.agentCapacity))
  }

  private static func proxies(_ reader: inout SettingReader) -> ServerConfiguration.Proxies {
    typealias Keys = SettingCatalog
    var networks: [IPNetwork] = []
    for name in reader.list(Keys.trustedProxies) {
      do throws(IPNetwork.Problem) {
        networks.append(try IPNetwork(name))
      } catch {
        reader.problems.append(
          ConfigurationProblem(
            key: Keys.trustedProxies.key, value: name,
            source: reader.sources.text(Keys.trustedProxies)?.source, problem: error.text))
      }
    }
    let speaks = reader.boolean(Keys.proxyProtocol)
    if speaks, reader.list(Keys.trustedProxies).isEmpty {
      reader.report(
        Keys.proxyProtocol, reader.sources.text(Keys.proxyProtocol),
        "has no effect without client.trusted_proxies: name the addresses of the proxies there")
    }
    return ServerConfiguration.Proxies(
      networks: networks,
      header: TrustedProxies.Header(rawValue: reader.name(Keys.forwardedHeader) ?? "") ?? .any,
      speakProxyProtocol: speaks)
  }

  private static func origins(_ reader: inout SettingReader) -> [String] {
    let setting = SettingCatalog.origins
    let origins = reader.list(setting)
    for origin in origins {
      do throws(OriginPattern.Problem) {
        _ = try OriginPattern(origin)
      } catch {
        reader.problems.append(
          ConfigurationProblem(
            key: setting.key, value: origin, source: reader.sources.text(setting)?.source, problem: error.text))
      }
    }
    return origins
  }
}
