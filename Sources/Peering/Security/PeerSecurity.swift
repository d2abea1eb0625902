package import Certificates
internal import NIOCore
internal import NIOSSL
internal import Raft

/// TLS 1.3 with certificates on both sides, all signed by the authority of the cluster.
package struct PeerSecurity: Sendable {
  private let dialing: NIOSSLContext
  private let accepting: NIOSSLContext

  /// Reads the files; blocks meanwhile.
  /// - Throws: `PeeringError.badCredentials` which names the file.
  init(_ files: PeerTLS) throws {
    do throws(CredentialProblem) {
      try self.init(try Credentials(files.credentialFiles))
    } catch {
      throw PeeringError.badCredentials("peers cannot be spoken with: \(error)")
    }
  }

  /// - Parameter credentials: with an authority.
  package init(_ credentials: Credentials) throws(CredentialProblem) {
    var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
      certificateChain: credentials.chain.map { .certificate($0) }, privateKey: .privateKey(credentials.key),
      trustRoots: .certificates(credentials.authorities))
    configuration.minimumTLSVersion = .tlsv13
    configuration.shutdownTimeout = .seconds(1)
    do {
      accepting = try NIOSSLContext(configuration: configuration)
      configuration.certificateVerification = .fullVerification
      dialing = try NIOSSLContext(configuration: configuration)
    } catch {
      throw credentials.problem("cannot be used: \(error)")
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
