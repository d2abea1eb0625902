internal import Kernel

/// A value of so and so many bytes that stands for something and says nothing of it: a mark, a link of a chain. In text it is
/// hexadecimal digits, in lower case.
package protocol FixedBytes: Hashable, Sendable, CustomStringConvertible {
  static var byteCount: Int { get }
  var bytes: [UInt8] { get }
  /// - Returns: nil: not as many bytes as it has.
  init?(bytes: [UInt8])
}

extension FixedBytes {
  package var description: String { Hexadecimal.text(of: bytes) }

  /// - Returns: nil: it is none.
  package init?(_ text: String) {
    guard text.utf8.count == 2 * Self.byteCount, let bytes = Hexadecimal.bytes(of: text) else { return nil }
    self.init(bytes: bytes)
  }
}

extension FieldType where Value: FixedBytes {
  /// - Parameter name: with its article, for errors.
  static func fixedBytes(_ name: String, sample: @escaping @Sendable (inout SeededGenerator) -> Value) -> Self {
    FieldType(
      schema: #""type": "string", "pattern": "^[0-9a-f]{\#(2 * Value.byteCount)}$""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text), let found = Value(word) else {
          throw .malformed("must be \(name): \(2 * Value.byteCount) hexadecimal digits")
        }
        return found
      },
      write: { $1.write(json: $0.description) },
      form: BinaryForm(
        "\(Value.byteCount) bytes", encode: { $1.write(raw: $0.bytes) },
        decode: { (reader) throws(DecodingFailure) in
          guard let found = Value(bytes: try reader.readRaw(count: Value.byteCount)) else {
            throw .invalid("\(name) has the wrong length")
          }
          return found
        }),
      check: { $0 }, sample: sample)
  }
}
