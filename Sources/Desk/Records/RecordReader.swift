internal import Kernel

/// Walks over the fields of a record's bytes, in ascending order.
struct RecordReader {
  private var bytes: ByteReader
  private var next: UInt64?
  private var last: UInt64 = 0

  init(_ bytes: [UInt8]) { self.bytes = ByteReader(bytes) }

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

  func expectEnd() throws(DecodingFailure) {
    if let next { throw .invalid("a record has field \(next), which is not known") }
    guard bytes.isAtEnd else {
      throw .invalid("\(bytes.remaining) bytes are left over behind the fields of a record")
    }
  }
}
