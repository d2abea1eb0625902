import Certificates
import NIOCore
import Protocol

/// Whom a client believes, read when it is needed first: most who speak plainly have no authorities.
struct KnownTrust {
  /// A file in PEM; nil: that of the environment, or what the system trusts.
  let authorities: String?
  private var trust: ClientTrust?

  init(authorities: String?, _ trust: ClientTrust? = nil) {
    (self.authorities, self.trust) = (authorities, trust)
  }

  /// - Returns: nil: the address is without TLS.
  mutating func trust(for url: NodeURL) throws(ClientError) -> ClientTrust? {
    guard url.isSecure else { return nil }
    if let trust { return trust }
    do throws(CredentialProblem) {
      let known = try ClientTrust.standard(authorities)
      trust = known
      return known
    } catch {
      throw .badTrust(error.description)
    }
  }
}

/// Why a connection has failed, in words.
enum ConnectionFailure {
  static func words(for error: any Error) -> String {
    if let error = error as? ClientError { return error.description }
    if let error = error as? IOError { return error.description }
    if let words = TLSFailure.words(for: error, from: .server) { return words }
    return String(String(describing: error).prefix(200))
  }
}
