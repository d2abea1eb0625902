/// Sums that are the same in every process (those of `Hashable` are not).
enum Digest {
  static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  /// FNV-1a (Fowler, Noll, Vo) over the bytes.
  static func of(_ bytes: [UInt8], from start: UInt64 = Digest.start) -> UInt64 {
    var sum = start
    bytes.withUnsafeBufferPointer { for byte in $0 { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 } }
    return sum
  }

  static func of(_ text: String, from start: UInt64 = Digest.start) -> UInt64 {
    var sum = start
    for byte in text.utf8 { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return sum
  }

  static func mix(_ sum: UInt64, _ value: UInt64) -> UInt64 {
    var mixed = sum ^ value &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ (mixed >> 32)
  }
}
