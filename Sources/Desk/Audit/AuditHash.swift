internal import Kernel

/// One link of an audit's chain: a SHA-256 over the link before it and an entry.
package struct AuditHash: Hashable, Sendable, CustomStringConvertible {
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

  /// 64 hexadecimal digits.
  package var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// - Returns: nil: it is none.
  package init?(_ text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 2 * Self.byteCount,
      digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    func value(_ digit: UInt8) -> UInt8 { digit < 0x40 ? digit - 0x30 : digit - 0x61 + 10 }
    bytes = stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
  }
}

extension FieldType where Value == AuditHash {
  package static var auditHash: Self {
    FieldType(
      schema: #""type": "string", "pattern": "^[0-9a-f]{64}$""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text), let hash = AuditHash(word) else {
          throw .malformed("must be a SHA-256: 64 hexadecimal digits")
        }
        return hash
      },
      write: { $1.write(json: $0.description) },
      form: BinaryForm(
        "32 bytes", encode: { $1.write(raw: $0.bytes) },
        decode: { (reader) throws(DecodingFailure) in
          guard let hash = AuditHash(bytes: try reader.readRaw(count: AuditHash.byteCount)) else {
            throw .invalid("a link of an audit has the wrong length")
          }
          return hash
        }),
      check: { $0 },
      sample: { AuditHash(beginningOf: DeskNumber(UInt16($0.next() % 1_000))) })
  }
}
