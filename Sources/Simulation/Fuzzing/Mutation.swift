package import Kernel

/// Bytes that are nearly right: what is right is changed in a few places, so that it is refused late, or taken for something
/// else.
package struct Mutation {
  /// What readers of JSON, of text and of numbers have fallen over.
  private static let odd: [[UInt8]] =
    [
      "null", "\"", "\\", "\\u", "\\ud83d", "{", "}", "[", "]", ":", ",", "1e999", "-0", "18446744073709551616",
      "0.0",
      "\"id\":", "\"session\":\"1\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\u{0}", "\u{7f}", "\u{202e}", "é",
      "在", "😀",
    ].map { Array($0.utf8) } + [
      [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0x7f],
    ]

  /// No input is longer.
  static let mostBytes = 4_096

  /// Changes up to eight places.
  package static func apply(to bytes: inout [UInt8], _ random: inout SeededGenerator) {
    for _ in 0..<(random.next() % 8) {
      let place = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
      switch random.next() % 6 {
      case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 2 where !bytes.isEmpty: bytes.remove(at: place)
      case 3: bytes.insert(contentsOf: odd[Int(random.next() % UInt64(odd.count))], at: place)
      case 4: bytes.removeLast(min(bytes.count, Int(random.next() % 16)))
      default:
        // A piece once more, elsewhere.
        let length = min(bytes.count - place, Int(random.next() % 24))
        let piece = Array(bytes[place..<place + length])
        bytes.insert(contentsOf: piece, at: bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count)))
      }
    }
    if bytes.count > mostBytes { bytes.removeLast(bytes.count - mostBytes) }
  }
}
