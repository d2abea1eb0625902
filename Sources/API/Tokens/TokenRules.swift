/// What is asked of a token beside its signature. The same for both doors, WebSocket and HTTP.
package struct TokenRules: Sendable, Hashable {
  /// `iss` has to be one of them; none: it is not looked at. The first is that of tokens that are made here.
  package var issuers: [String]
  /// `aud` has to name one of them; none: it is not looked at. The first is that of tokens that are made here.
  package var audiences: [String]
  /// The furthest end of a token from now, in seconds: nobody can take a token back before.
  package var longestSeconds: Double

  package static let longestByDefault: Double = 30 * 24 * 3600

  package init(
    issuers: [String] = [], audiences: [String] = [], longestSeconds: Double = Self.longestByDefault
  ) {
    self.issuers = issuers
    self.audiences = audiences
    self.longestSeconds = longestSeconds
  }
}
