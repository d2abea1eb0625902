internal import Kernel

/// One link of an audit's chain: a SHA-256 over the link before it and an entry.
package struct AuditHash: FixedBytes {
  package static let byteCount = 32
  package let bytes: [UInt8]

  /// - Returns: nil: not as many bytes as it has.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  private init(digestOf text: [UInt8]) { bytes = SHA256.digest(text) }

  /// Where the chain of a desk begins.
  package init(beginningOf desk: DeskNumber) {
    let number = desk.rawValue
    self.init(
      digestOf: Array("switchboard audit 1\0".utf8) + [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
  }

  /// The link behind this one.
  /// - Parameter entry: its bytes, as `AuditEntry.encoded` gives them.
  package func followed(by entry: [UInt8]) -> AuditHash { AuditHash(digestOf: bytes + entry) }
}

extension FieldType where Value == AuditHash {
  package static var auditHash: Self {
    .fixedBytes("a SHA-256") { AuditHash(beginningOf: DeskNumber(UInt16($0.next() % 1_000))) }
  }
}
