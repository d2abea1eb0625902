internal import NIOCore
internal import NIOSSL
internal import Raft

/// TLS 1.3 with certificates on both sides, all signed by the authority of the cluster.
struct PeerSecurity {
  private let dialing: NIOSSLContext
  private let accepting: NIOSSLContext

  /// Reads the files.
  /// - Throws: `PeeringError.badCredentials` which names the file.
  init(_ files: PeerTLS) throws {
    let chain = try Self.load(files.certificateChainFile, "certificate chain") {
      try NIOSSLCertificate.fromPEMFile($0)
    }
    let key = try Self.load(files.privateKeyFile, "private key") {
      try NIOSSLPrivateKey(file: $0, format: .pem)
    }
    let authority = try Self.load(files.authorityFile, "certificate authority") {
      try NIOSSLCertificate.fromPEMFile($0)
    }
    guard !chain.isEmpty else {
      throw PeeringError.badCredentials("\(files.certificateChainFile) holds no certificate")
    }
    guard !authority.isEmpty else {
      throw PeeringError.badCredentials("\(files.authorityFile) holds no certificate")
    }
    var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key),
      trustRoots: .certificates(authority))
    configuration.minimumTLSVersion = .tlsv13
    configuration.shutdownTimeout = .seconds(1)
    do {
      accepting = try NIOSSLContext(configuration: configuration)
      configuration.certificateVerification = .fullVerification
      dialing = try NIOSSLContext(configuration: configuration)
    } catch {
      throw PeeringError.badCredentials(
        "\(files.certificateChainFile) and \(files.privateKeyFile) do not go together: \(error)")
    }
  }

  private static func load<Loaded>(
    _ file: String, _ what: String, _ read: (String) throws -> Loaded
  ) throws -> Loaded {
    do {
      return try read(file)
    } catch {
      throw PeeringError.badCredentials("cannot read the \(what) of peer connections from \(file): \(error)")
    }
  }

  /// For a connection to `peer`: its certificate must name it.
  func makeDialingHandler(to peer: NodeID) throws -> NIOSSLClientHandler {
    try NIOSSLClientHandler(context: dialing, serverHostname: PeerTLS.certificateName(of: peer))
  }

  /// For a connection from somebody, whose certificate must be signed by the authority. Whom it names is compared
  /// with `names(of:)` once it is known who that claims to be.
  func makeAcceptingHandler() -> NIOSSLServerHandler {
    NIOSSLServerHandler(context: accepting)
  }

  /// The DNS names in the certificate that the other side has proved to hold; empty without one.
  static func names(of channel: any Channel) -> [String] {
    guard let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate() else { return [] }
    return certificate._subjectAlternativeNames().compactMap { name in
      guard name.nameType == .dnsName else { return nil }
      return name.contents.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
    }
  }
}
