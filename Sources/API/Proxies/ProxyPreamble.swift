internal import Gateway
internal import Kernel
internal import NIOCore

/// What HAProxy and its kin say before the bytes of the client, with versions 1 and 2 of the PROXY protocol: whose
/// connection it is. Strict: what is not of the protocol ends the connection.
enum ProxyPreamble {
  enum Parsed: Equatable {
    case incomplete
    /// `length` bytes belong to it; what follows is the client's.
    case named(IPAddress, length: Int)
    /// The proxy speaks for itself, as for a check of health, or does not know.
    case unnamed(length: Int)
    case malformed(String)
  }

  /// The longest line of version 1, its end included.
  private static let lineBytes = 107
  /// The most bytes behind the sixteen first ones of version 2. It says more than addresses: names, certificates.
  static let blockBytes = 4096
  static let longest = 16 + blockBytes

  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
  private static let word = Array("PROXY ".utf8)

  static func parse(_ bytes: ByteBufferView) -> Parsed {
    guard let first = bytes.first else { return .incomplete }
    let start = first == word[0] ? word : signature
    guard zip(bytes, start).allSatisfy({ $0 == $1 }) else {
      return .malformed("the connection does not begin with a PROXY header")
    }
    guard bytes.count >= start.count else { return .incomplete }
    return first == word[0] ? line(bytes) : block(bytes)
  }

  // MARK: Version 1

  private static func line(_ bytes: ByteBufferView) -> Parsed {
    let seen = bytes.prefix(lineBytes)
    guard let end = seen.firstIndex(of: 10) else {
      return bytes.count < lineBytes ? .incomplete : .malformed("the line has no end")
    }
    let length = end - bytes.startIndex + 1
    guard end > bytes.startIndex, bytes[end - 1] == 13 else {
      return .malformed("the line does not end with CR LF")
    }
    guard let text = String(validating: bytes[bytes.startIndex..<end - 1], as: UTF8.self) else {
      return .malformed("the line is no text")
    }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    switch words[1] {
    case "UNKNOWN": return .unnamed(length: length)
    case "TCP4", "TCP6":
      guard words.count == 6, words[4...].allSatisfy(isPort) else {
        return .malformed("the line is not \"PROXY \(words[1]) ADDRESS ADDRESS PORT PORT\"")
      }
      let isIPv4 = words[1] == "TCP4"
      guard words[2...3].allSatisfy({ $0.contains(":") != isIPv4 }), let source = IPAddress(text: words[2]),
        IPAddress(text: words[3]) != nil
      else { return .malformed("the line has no two addresses of \(words[1])") }
      return .named(source, length: length)
    default: return .malformed("the line has neither TCP4, TCP6 nor UNKNOWN")
    }
  }

  private static func isPort(_ text: Substring) -> Bool {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      text.count == 1 || text.first != "0"
    else { return false }
    return Int(text).map { $0 <= 65_535 } ?? false
  }

  // MARK: Version 2

  private static func block(_ bytes: ByteBufferView) -> Parsed {
    guard bytes.count >= 16 else { return .incomplete }
    let start = bytes.startIndex
    let command = bytes[start + 12]
    guard command == 0x20 || command == 0x21 else {
      return .malformed("the version or the command is not known")
    }
    let size = Int(bytes[start + 14]) << 8 | Int(bytes[start + 15])
    guard size <= blockBytes else {
      return .malformed("the header has \(size) bytes behind its beginning; at most \(blockBytes) are taken")
    }
    guard bytes.count >= 16 + size else { return .incomplete }
    let whole = bytes.prefix(16 + size)
    let length = whole.count
    // What it says about itself is not to be read.
    guard command == 0x21 else { return .unnamed(length: length) }
    let family = bytes[start + 13]
    let addresses: Int
    switch family {
    case 0x00: addresses = 0
    case 0x11: addresses = 12
    case 0x21: addresses = 36
    case 0x31: addresses = 216
    default: return .malformed("the family is not that of a stream")
    }
    guard size >= addresses else { return .malformed("the header has no room for its addresses") }
    guard hasGoodExtensions(Array(whole), from: 16 + addresses) else {
      return .malformed("an extension is cut off, or the checksum is wrong")
    }
    switch family {
    case 0x11: return named(bytes[(start + 16)..<(start + 20)], length)
    case 0x21: return named(bytes[(start + 16)..<(start + 32)], length)
    default: return .unnamed(length: length)
    }
  }

  private static func named(_ bytes: ByteBufferView.SubSequence, _ length: Int) -> Parsed {
    IPAddress(bytes).map { .named($0, length: length) } ?? .unnamed(length: length)
  }

  /// Extensions are passed over; a checksum (type 3) has to be right.
  private static func hasGoodExtensions(_ whole: [UInt8], from start: Int) -> Bool {
    var place = start
    while place < whole.count {
      guard place + 3 <= whole.count else { return false }
      let size = Int(whole[place + 1]) << 8 | Int(whole[place + 2])
      let end = place + 3 + size
      guard end <= whole.count else { return false }
      if whole[place] == 3 {
        guard size == 4 else { return false }
        var blank = whole
        var given: UInt32 = 0
        for byte in place + 3..<end {
          given = given << 8 | UInt32(whole[byte])
          blank[byte] = 0
        }
        guard CRC32C.checksum(blank) == given else { return false }
      }
      place = end
    }
    return true
  }
}
