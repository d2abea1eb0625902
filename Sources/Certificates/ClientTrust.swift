internal import NIOCore
package import NIOSSL

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Whom a client believes when a node shows its certificate.
package struct ClientTrust: Sendable {
  /// Names a file with authorities, for whoever gives none.
  package static let variable = "SWITCHBOARD_CA_FILE"

  private let context: NIOSSLContext

  /// - Parameter authorities: a file in PEM; nil: those that the system trusts.
  package init(authorities file: String?) throws(CredentialProblem) {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = .seconds(1)
    if let file { configuration.trustRoots = .certificates(try Self.authorities(file)) }
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw CredentialProblem(.authority, file ?? "this system", "cannot be used: \(error)")
    }
  }

  /// - Parameter file: nil: the one of the environment, or without it what the system trusts.
  package static func standard(_ file: String?) throws(CredentialProblem) -> ClientTrust {
    try ClientTrust(authorities: file ?? fileOfEnvironment)
  }

  /// Nil when the variable is not set, or empty.
  package static var fileOfEnvironment: String? {
    guard let text = getenv(variable) else { return nil }
    let file = String(cString: text)
    return file.isEmpty ? nil : file
  }

  /// Those of a file, for clients that are made elsewhere.
  package static func authorities(_ file: String) throws(CredentialProblem) -> [NIOSSLCertificate] {
    let bytes = try CredentialFiles(certificate: file, key: "", authority: file).read(.authority)
    guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
      throw CredentialProblem(.authority, file, "is no certificate in PEM (-----BEGIN CERTIFICATE-----)")
    }
    return found
  }

  /// The certificate of the other side has to be for `host`.
  package func makeHandler(for host: String) throws -> NIOSSLClientHandler {
    // Of an address the certificate has to name that address; SNI knows names alone (RFC 6066, section 3).
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
  }
}
