import ArgumentParser
import Foundation

/// Which cluster is asked, and as whom.
struct TargetOptions: ParsableArguments {
  @Option(
    help:
      "A node; may be given several times: the first that answers is taken. By default those of scripts/cluster."
  )
  var url: [String] = []

  @Option(help: "Your token. Without one it is signed with the development secret.")
  var token: String?

  @OptionGroup var secret: SecretOptions
  @OptionGroup var trust: TrustOptions

  func target() throws -> ClusterTarget {
    ClusterTarget(
      urls: (url.isEmpty ? NodeAddresses.development : url).map(NodeAddresses.http), token: token,
      authorities: trust.ca)
  }

  /// - Parameter maker: whom a token speaks for that has to be made, as none is there.
  func bearer(of target: ClusterTarget, else maker: TokenMaker) async throws -> String {
    if let token = target.token { return token }
    return try await maker.token(with: secret.signer())
  }
}

/// A cluster that is asked.
struct ClusterTarget: Sendable {
  /// At least one, as `NodeAddresses.http` writes them.
  var urls: [String]
  var token: String?
  /// A file; nil: as `NodeClient.trusting`.
  var authorities: String?
}
