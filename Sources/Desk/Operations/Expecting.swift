internal import Kernel

/// What a frame says beside the fields of an operation of a session: the version that the session has to be of. Over HTTP
/// `If-Match` says it.
package struct Expecting: Sendable {
  package var version: SessionVersion?
  package init(version: SessionVersion?) { self.version = version }

  package static let fields = Fields(
    Self.init(version:),
    // No operation has so many fields.
    Field(
      1_000, "expecting", { $0.version }, .optional(.version),
      "The version that the session has to be of, else nothing is done (`precondition_failed`): the 16 digits that the "
        + "`ETag` of its document begins with. From format level 5 on."))

  package var expectation: Expectation { Expectation(versions: version.map { [$0] }) }
}

extension FieldType where Value == SessionVersion {
  static var version: Self {
    FieldType(
      schema: #""type": "string", "pattern": "^[0-9a-f]{16}$""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text), let version = SessionVersion(text: word) else {
          throw .malformed("must be the 16 digits, 0-9 and a-f, that the `ETag` of the session begins with")
        }
        return version
      },
      write: { $1.write(json: $0.text) },
      form: .numbered({ $0.rawValue }, { SessionVersion(rawValue: $0) }), check: { $0 },
      sample: { SessionVersion(rawValue: $0.next()) })
  }
}

extension SessionVersion {
  /// 16 digits.
  package var text: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// - Returns: nil when it is not the text of a version.
  package init?(text: some StringProtocol) {
    guard text.utf8.count == 16,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      let value = UInt64(text, radix: 16)
    else { return nil }
    self.init(rawValue: value)
  }
}
