internal import NIOCore
package import NIOSSL
internal import Synchronization

/// What clients are served with. New connections take what is newest; those that live keep what they began with.
package final class ServerTLS: Sendable {
  /// With forward secrecy and authenticated encryption, all of them; what TLS 1.3 has is good anyway.
  static let ciphers: [NIOTLSCipher] = [
    .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  private let context: Mutex<NIOSSLContext>

  package init(_ credentials: Credentials) throws(CredentialProblem) {
    context = Mutex(try Self.context(credentials))
  }

  /// From any thread.
  package func replace(_ credentials: Credentials) throws(CredentialProblem) {
    let newer = try Self.context(credentials)
    context.withLock { $0 = newer }
  }

  package func makeHandler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context.withLock { $0 }) }

  private static func context(_ credentials: Credentials) throws(CredentialProblem) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: credentials.chain.map { .certificate($0) }, privateKey: .privateKey(credentials.key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = ciphers
    configuration.applicationProtocols = ["http/1.1"]
    // Whoever does not say goodbye is not waited for.
    configuration.shutdownTimeout = .seconds(1)
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw CredentialProblem(.certificate, credentials.files.certificate, "cannot be used: \(error)")
    }
  }
}
