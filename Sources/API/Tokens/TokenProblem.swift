/// Why a token was not accepted. The text is for whoever made the token: it never repeats the token, a key, or
/// anything that a guesser could use.
package enum TokenProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case missing
  case tooLong(bytes: Int)
  case malformed(String)
  case algorithm(String)
  case unknownKey(String)
  case signature
  case expired(secondsAgo: Int)
  case notYetValid(inSeconds: Int)
  case claim(name: String, problem: String)
  /// The verifier has too many tokens waiting; nothing is known about this one.
  case overloaded

  package var description: String {
    switch self {
    case .missing:
      "no token: send it as \"Authorization: Bearer TOKEN\""
    case .tooLong(let bytes):
      "the token has \(bytes) bytes; at most \(TokenLimits.tokenBytes) are allowed"
    case .malformed(let what):
      "the token is malformed: \(what)"
    case .algorithm(let name):
      "the token is signed with \"\(name)\", which is not allowed here; use HS256 and a configured key"
    case .unknownKey(let id):
      "the token names the key \"\(id)\", which is not configured here"
    case .signature:
      "the token's signature does not match: it was made with another key, or changed"
    case .expired(let seconds):
      "the token expired \(seconds) s ago; get a new one"
    case .notYetValid(let seconds):
      "the token is not valid before \(seconds) s from now; check the clocks"
    case .claim(let name, let problem):
      "the token's claim \"\(name)\" \(problem)"
    case .overloaded:
      "too many tokens wait for verification; try again in a moment"
    }
  }
}

package enum TokenLimits {
  package static let tokenBytes = 8192
  /// `sub` is an id in the replicated state.
  package static let subjectBytes = 128
  package static let nameBytes = 256
  package static let skills = 64
  package static let skillBytes = 64
  /// As much as `status` can ask for.
  package static let capacity: UInt32 = 100_000
  /// A skill's weight is kept in thousandths; 1 is the usual one.
  package static let weight = 1000.0
}
