/// Why bytes from outside could not be read.
package enum DecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes end before the value does.
  case truncated
  /// A length or count above what is allowed here.
  case tooLarge(limit: Int)
  /// The bytes are there, but they mean nothing; says what was expected.
  case invalid(String)

  package var description: String {
    switch self {
    case .truncated: "the bytes end in the middle of a value"
    case .tooLarge(let limit): "a length or count is above the limit of \(limit)"
    case .invalid(let what): what
    }
  }
}
