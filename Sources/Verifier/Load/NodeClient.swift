package import AsyncHTTPClient
package import Certificates
import NIOCore
import NIOSSL
import Synchronization

/// The HTTP client of a program: one for each file of authorities, for as long as the process lives. A command has one.
package enum NodeClient {
  private static let clients = Mutex<[String: HTTPClient]>([:])

  /// - Parameter file: with the authorities that are believed; nil: the one of the environment, or without it what the
  ///   system trusts.
  package static func trusting(_ file: String?) throws(CredentialProblem) -> HTTPClient {
    guard let file = file ?? ClientTrust.fileOfEnvironment else { return .shared }
    if let known = clients.withLock({ $0[file] }) { return known }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = .certificates(try ClientTrust.authorities(file))
    var configuration = HTTPClient.Configuration.singletonConfiguration
    configuration.tlsConfiguration = tls
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let first = clients.withLock { clients in
      let first = clients[file] ?? client
      clients[file] = first
      return first
    }
    // Somebody else was faster: what has made no connection can go at once.
    if first !== client { _ = client.shutdown() }
    return first
  }
}
