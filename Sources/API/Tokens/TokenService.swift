internal import Desk
internal import Foundation
internal import JWTKit
package import Protocol
package import Wire

/// A shared secret (HS256) with the name that tokens call it by in `kid`.
package struct TokenSecret: Sendable, CustomStringConvertible {
  package var id: String?
  package var secret: [UInt8]
  package init(id: String?, secret: [UInt8]) {
    self.id = id
    self.secret = secret
  }
  /// Secrets are never printed.
  package var description: String { "TokenSecret(id: \(id ?? "none"))" }
}

package struct TokenConfigurationProblem: Error, CustomStringConvertible, Sendable {
  package var description: String
}

/// Signs and verifies tokens (JWT, RFC 7519) with the configured keys. A value without mutable state: any thread may
/// verify. JWTKit holds the keys and does the cryptography; what a token may look like is decided here, strictly:
/// the algorithm is the one of the key and never the one that the token asks for.
package struct TokenService: Sendable {
  /// One key, of whatever algorithm: further ones (ES256, RS256, a JWKS) only need another initializer.
  private struct Key: Sendable {
    var id: String?
    var algorithm: any JWTAlgorithm
  }

  private let keys: [Key]
  /// Seconds that clocks may differ.
  private let leeway: Double
  private let clock: WallClock
  private let rules: TokenRules

  /// The first secret signs; all of them verify: to change a secret, add the new one in front, and take the old one
  /// away when its last token has expired.
  /// - Throws: `TokenConfigurationProblem` when there is none, or one is shorter than 32 bytes (RFC 7518 section 3.2),
  ///   or two have one id.
  package init(
    secrets: [TokenSecret], rules: TokenRules = TokenRules(), leewaySeconds: Double = 5,
    clock: WallClock = WallClock()
  ) async throws {
    guard !secrets.isEmpty else {
      throw TokenConfigurationProblem(
        description: "no secret for tokens is configured: give at least one of 32 bytes or more")
    }
    let collection = JWTKeyCollection()
    var keys: [Key] = []
    for (place, secret) in secrets.enumerated() {
      let name = secret.id.map { "\"\($0)\"" } ?? "number \(place + 1)"
      guard secret.secret.count >= 32 else {
        throw TokenConfigurationProblem(
          description: "the token secret \(name) has \(secret.secret.count) bytes; HS256 needs 32 or more")
      }
      guard !keys.contains(where: { $0.id == secret.id }) else {
        throw TokenConfigurationProblem(description: "two token secrets have the same id: \(name)")
      }
      // Keys are named by their place inside the collection, so that one without an id is never mixed up with the
      // collection's idea of a default.
      let place = JWKIdentifier(string: "\(place)")
      await collection.add(hmac: HMACKey(from: secret.secret), digestAlgorithm: .sha256, kid: place)
      keys.append(Key(id: secret.id, algorithm: try await collection.getKey(for: place)))
    }
    self.keys = keys
    leeway = leewaySeconds
    self.clock = clock
    self.rules = rules
  }

  /// - Parameter now: seconds since 1970; nil: as the clock has it.
  package func verify(
    _ token: some StringProtocol, now: Double? = nil
  ) throws(TokenProblem) -> Claims {
    let now = now ?? Double(clock.milliseconds()) / 1000
    let bytes = Array(token.utf8)
    guard !bytes.isEmpty else { throw .missing }
    guard bytes.count <= TokenLimits.tokenBytes else { throw .tooLong(bytes: bytes.count) }
    let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed("a token has three parts with dots between them") }
    guard let headerJSON = Base64URL.decode(parts[0]) else { throw .malformed("its header is not base64url") }
    guard let header = try? JSONDecoder().decode(Header.self, from: Data(headerJSON)) else {
      throw .malformed("its header is not a JSON object with \"alg\"")
    }
    // RFC 7515 section 4.1.11: what must be understood and is not makes the token invalid.
    guard header.crit == nil else {
      throw .malformed("its header demands extensions (\"crit\") that are not known")
    }
    guard let signature = Base64URL.decode(parts[2]) else { throw .malformed("its signature is not base64url") }
    try check(signature, of: bytes[..<parts[1].endIndex], header: header)
    guard let payloadJSON = Base64URL.decode(parts[1]) else { throw .malformed("its claims are not base64url") }
    let payload: TokenPayload
    do {
      payload = try JSONDecoder().decode(TokenPayload.self, from: Data(payloadJSON))
    } catch let DecodingError.typeMismatch(_, context) {
      throw .claim(name: Self.path(context), problem: "has the wrong type")
    } catch let DecodingError.keyNotFound(key, context) {
      throw .claim(name: Self.path(context), problem: "lacks \"\(key.stringValue)\"")
    } catch {
      throw .malformed("its claims are not a JSON object")
    }
    return try payload.claims(at: now, leeway: leeway, rules: rules)
  }

  /// A token of these claims, signed with the first key.
  package func sign(_ claims: Claims, issuedAt: Double = Date().timeIntervalSince1970) throws -> String {
    var payload = TokenPayload()
    payload.sub = claims.person.id
    payload.role = claims.person.role.name
    payload.name = claims.person.name
    payload.exp = Double(claims.expiresAtMilliseconds) / 1000
    payload.iss = rules.issuers.first
    payload.aud = rules.audiences.first.map { .init([$0]) }
    payload.iat = issuedAt.rounded(.down)
    payload.skills = claims.skills?.map { .init(skill: $0.skill, weight: Double($0.weight) / 1000) }
    payload.capacity = claims.capacity.map(Double.init)
    payload.priority = claims.priority.map(Double.init)
    payload.desk = claims.desk?.text
    // What the verifier would refuse is not worth signing.
    _ = try payload.claims(at: issuedAt, leeway: leeway, rules: rules)
    let key = keys[0]
    var header = JWTHeader()
    header.alg = key.algorithm.name
    header.typ = "JWT"
    if let id = key.id { header.kid = id }
    return try Self.assemble(header: header, payload: payload, key: key.algorithm)
  }

  private static func assemble(
    header: JWTHeader, payload: TokenPayload, key: some JWTAlgorithm
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let input =
      Base64URL.encode(try encoder.encode(header)) + "." + Base64URL.encode(try encoder.encode(payload))
    return input + "." + Base64URL.encode(try key.sign(Array(input.utf8)))
  }

  private func check(
    _ signature: [UInt8], of signed: ArraySlice<UInt8>, header: Header
  ) throws(TokenProblem) {
    var candidates = keys[...]
    if let id = header.kid {
      candidates = candidates.filter { $0.id == id }[...]
      guard !candidates.isEmpty else { throw .unknownKey(String(id.prefix(64))) }
    }
    candidates = candidates.filter { $0.algorithm.name == header.alg }[...]
    guard !candidates.isEmpty else { throw .algorithm(String(header.alg.prefix(16))) }
    for key in candidates {
      if (try? key.algorithm.verify(signature, signs: signed)) == true { return }
    }
    throw .signature
  }

  private struct Header: Decodable {
    var alg: String
    var kid: String?
    var crit: [String]?
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.first?.stringValue ?? "claims"
  }
}
