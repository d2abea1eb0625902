package import Kernel

/// Walks over the fields of a record's bytes, in ascending order.
package struct RecordReader {
  private var bytes: ByteReader
  private var next: UInt64?
  private var last: UInt64 = 0

  package init(_ bytes: [UInt8]) { self.bytes = ByteReader(bytes) }

  /// - Parameter bytes: from where they are read to the end.
  package init(_ bytes: ByteReader) { self.bytes = bytes }

  /// The bytes of a field's value; nil: it has none.
  mutating func field(_ number: UInt16) throws(DecodingFailure) -> ByteReader? {
    if next == nil {
      guard !bytes.isAtEnd else { return nil }
      let number = try bytes.readVarint()
      guard number > last else { throw .invalid("the fields of a record do not ascend (field \(number))") }
      next = number
    }
    guard next == UInt64(number) else { return nil }
    (last, next) = (UInt64(number), nil)
    return ByteReader(try bytes.readBytes(limit: .max))
  }

  /// As `field`, of what a client says: a field before it that is not known is one of a newer client, and passed over.
  mutating func heard(_ number: UInt16) throws(DecodingFailure) -> ByteReader? {
    while true {
      if let value = try field(number) { return value }
      guard let unknown = next, unknown < UInt64(number) else { return nil }
      try passOver(unknown)
    }
  }

  /// What is left is of a newer client, but has to be fields.
  mutating func passOverRest() throws(DecodingFailure) {
    while true {
      // Whatever comes next: no field has this number.
      _ = try field(0)
      guard let unknown = next else { return }
      try passOver(unknown)
    }
  }

  private mutating func passOver(_ number: UInt64) throws(DecodingFailure) {
    let length = try bytes.readCount(limit: .max, minimumElementSize: 1)
    bytes.move(to: bytes.offset + length)
    (last, next) = (number, nil)
  }

  func expectEnd() throws(DecodingFailure) {
    if let next { throw .invalid("a record has field \(next), which is not known") }
    guard bytes.isAtEnd else {
      throw .invalid("\(bytes.remaining) bytes are left over behind the fields of a record")
    }
  }
}
