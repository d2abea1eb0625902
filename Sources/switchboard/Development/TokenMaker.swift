import API
import ArgumentParser
import Desk
import Foundation
import Protocol
import Server

/// Which secret signs a token.
struct SecretOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Sign with the first secret of this node's configuration.", valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Sign with the secret in this file. Without it and --config: .run/secret of scripts/cluster.",
      valueName: "file"))
  var secretFile: String?

  var isGiven: Bool { config != nil || secretFile != nil }

  func signer() throws -> TokenSigner {
    if let config {
      do {
        let loaded = try ServerConfiguration.load(file: config)
        let first = loaded.configuration.jwtSecrets.first
        guard let first else { throw CommandFailure("\(config) has no secret for tokens") }
        return TokenSigner(
          secret: TokenSecret(id: first.id, secret: first.bytes), rules: TokenRules(loaded.configuration.tokens)
        )
      } catch let error as ConfigurationError {
        throw CommandFailure(error.description)
      }
    }
    guard let path = secretFile ?? DevelopmentSecret.path() else {
      throw CommandFailure(
        """
        No secret to sign a token with. Start a development cluster with scripts/cluster up, or say where the \
        secret is: --secret-file FILE or --config FILE. Or give a token: --token-file FILE, or one of a context.
        """)
    }
    do {
      return TokenSigner(secret: TokenSecret(id: nil, secret: try SecretFile.read(path)))
    } catch {
      throw CommandFailure(error.description)
    }
  }
}

/// What signs a token, and what the nodes ask of it.
struct TokenSigner {
  var secret: TokenSecret
  /// Without a configuration nothing is known of what the nodes ask for: the token says no more than it must.
  var rules = TokenRules()
}

/// Whom a token speaks for.
struct TokenMaker {
  var role: UserRole
  var subject: String
  var name: String?
  var skills: [SkillWeight]?
  var capacity: UInt32?
  var priority: Int32?
  /// nil: it names none.
  var desk: DeskName?
  var seconds: Double

  func token(with signer: TokenSigner) async throws -> String {
    let expires = Date().timeIntervalSince1970.rounded(.down) + seconds
    let claims = Claims(
      person: Person(id: subject, role: role, name: name ?? subject), desk: desk, skills: skills,
      capacity: capacity, priority: priority, expiresAtMilliseconds: UInt64(expires * 1000))
    do {
      return try await TokenService(secrets: [signer.secret], rules: signer.rules).sign(claims)
    } catch let problem as TokenProblem {
      throw CommandFailure(problem.description)
    } catch let problem as TokenConfigurationProblem {
      throw CommandFailure(problem.description)
    }
  }

  /// - Parameter text: nil: none is named.
  static func desk(_ text: String?) throws -> DeskName? {
    guard let text else { return nil }
    guard let name = DeskName(text) else {
      throw ValidationError("--desk \(text): allowed are \(DeskName.rule)")
    }
    return name
  }

  /// `billing,refunds:2` - a skill and, behind a colon, its weight.
  static func skills(_ texts: [String]) throws -> [SkillWeight] {
    try texts.flatMap { $0.split(separator: ",") }.map { item in
      let parts = item.split(separator: ":", maxSplits: 1)
      let name = String(parts.first ?? "").trimmingCharacters(in: .whitespaces)
      guard !name.isEmpty else { throw ValidationError("a skill has no name: write billing or billing:2") }
      guard parts.count == 2 else { return SkillWeight(skill: name) }
      guard let weight = Double(parts[1]), weight >= 0.001, weight <= TokenLimits.weight else {
        throw ValidationError("\(item): a weight is a number from 0.001 to \(Int(TokenLimits.weight))")
      }
      return SkillWeight(skill: name, weight: UInt32((weight * 1000).rounded()))
    }
  }
}
