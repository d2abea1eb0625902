internal import Desk

/// What a node says of a request over HTTP that it does not carry out (RFC 9457), as far as a client looks at it.
struct Problem: Sendable {
  /// Stable, for programs.
  var code: String
  /// For people.
  var detail: String

  static let fields = Fields(
    Self.init(code:detail:), Field(1, "code", { $0.code }, .text(64), "What is wrong, for programs."),
    Field(2, "detail", { $0.detail }, .text(4_096), "What is wrong, and what to do."))
}
