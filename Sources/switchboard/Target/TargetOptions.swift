import ArgumentParser
import Foundation

/// Which cluster is asked, and as whom.
struct TargetOptions: ParsableArguments {
  @Option(
    help: """
      A node; may be given several times: the first that answers is taken. By default those of the context, or of \
      scripts/cluster.
      """)
  var url: [String] = []

  @Option(
    help: ArgumentHelp(
      "The context that names cluster, token and authority; see 'context --help'.", valueName: "name"),
    completion: .custom { _, _, _ in (try? ContextFile().read())?.names ?? [] })
  var context: String?

  @Option(help: "Your token. Without one, here or in the context, it is signed with the development secret.")
  var token: String?

  @Option(help: ArgumentHelp("The file with your token.", valueName: "file"), completion: .file())
  var tokenFile: String?

  @OptionGroup var secret: SecretOptions
  @OptionGroup var trust: TrustOptions

  func validate() throws {
    guard token == nil || tokenFile == nil else {
      throw ValidationError("Give one of --token and --token-file")
    }
    if let context, context.isEmpty { throw ValidationError("--context is empty") }
  }

  /// - Throws: `CommandFailure`.
  func target() throws -> ClusterTarget {
    let sources = TargetSources(
      urls: url, token: token, tokenFile: tokenFile, authorities: trust.ca, context: context,
      environment: ProcessInfo.processInfo.environment, contexts: { try ContextFile().read() })
    var target = try sources.target()
    // To name a secret is to want a token that is signed with it.
    if secret.isGiven, token == nil, tokenFile == nil { target.token = nil }
    return target
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
