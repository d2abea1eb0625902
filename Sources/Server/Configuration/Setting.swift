/// What a key's value may be.
package enum SettingKind: Sendable, Hashable {
  case text(allowed: [String]?)
  case boolean
  /// A count.
  case integer(ClosedRange<Int>, zeroIsOff: Bool)
  /// Bytes: a number, or one with KiB, MiB or GiB behind it.
  case bytes(ClosedRange<Int>, zeroIsOff: Bool)
  /// Milliseconds: a number, or one with ms, s, m or h behind it.
  case milliseconds(ClosedRange<Int>)
  case port
  case path
  case textList
  /// Objects in the file; text of a form of its own elsewhere.
  case objects(form: String)

  package var allowed: String {
    switch self {
    case .text(let allowed?): "one of " + allowed.joined(separator: ", ")
    case .text(nil): "text of 1 to 128 characters: letters, digits, . _ -"
    case .boolean: "true or false"
    case .integer(let range, let off): "a whole number, \(Self.span(range, off))"
    case .bytes(let range, let off):
      "bytes, \(Self.span(range, off, Quantity.bytesText)), as a number or like \"64KiB\", \"1MiB\""
    case .milliseconds(let range):
      "milliseconds, \(Self.span(range, false)), as a number or like \"250ms\", \"15s\""
    case .port: "a port, 1 to 65535"
    case .path: "a path"
    case .textList: "a list of texts; outside of the file separated by commas"
    case .objects(let form): form
    }
  }

  private static func span(
    _ range: ClosedRange<Int>, _ zeroIsOff: Bool, _ text: (Int) -> String = { "\($0)" }
  ) -> String {
    "\(text(range.lowerBound)) to \(text(range.upperBound))" + (zeroIsOff ? ", or 0 for no limit" : "")
  }
}

/// One key of the configuration.
package struct Setting: Sendable, Hashable {
  /// Dotted, as the objects of the file are nested.
  package var key: String
  package var kind: SettingKind
  /// As it would be written; nil: it has to be given, or is optional as its meaning says.
  package var fallback: String?
  package var required = false
  package var isSecret = false
  package var meaning: String

  /// `limits.rate_per_connection` is `SWITCHBOARD_LIMITS_RATE_PER_CONNECTION`.
  package var environmentName: String {
    "SWITCHBOARD_" + key.map { $0 == "." ? "_" : String($0).uppercased() }.joined()
  }
}
