/// How the client reads the code of a close frame.
enum CloseCode {
  /// Codes 4500-4999 say that another try would end the same way; all others are worth one.
  static func isFinal(_ code: Int) -> Bool { (4500...4999).contains(code) }

  /// The codes of an `error` after which the same request may be sent again.
  static func isTemporary(error code: String) -> Bool {
    code == "busy" || code == "no_quorum" || code == "rate_limited" || code == "upgrading"
  }
}
