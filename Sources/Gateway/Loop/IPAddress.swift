package import NIOCore

/// An address of IPv4 or IPv6. One of IPv4 that comes mapped into IPv6 is that of IPv4.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// Four of them, or sixteen.
  package let bytes: [UInt8]

  /// - Parameter bytes: four or sixteen.
  package init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    switch bytes.count {
    case 4: self.bytes = bytes
    case 16:
      let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
      self.bytes = isMapped ? Array(bytes[12...]) : bytes
    default: return nil
    }
  }

  /// - Returns: nil for a socket without an address.
  package init?(_ address: SocketAddress?) {
    switch address {
    case .none, .unixDomainSocket: return nil
    // Behind the family and the port stand four bytes of IPv4, and behind the flow sixteen of IPv6 (RFC 3493).
    case .v4(let address): self.init(withUnsafeBytes(of: address.address) { Array($0[4..<8]) })
    case .v6(let address): self.init(withUnsafeBytes(of: address.address) { Array($0[8..<24]) })
    }
  }

  /// As RFC 4291 and the four numbers of IPv4 are written; no names, no zones, no ports.
  package init?(text: some StringProtocol) {
    guard (2...45).contains(text.utf8.count),
      text.utf8.allSatisfy({ Self.isHexadecimal($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }),
      let address = try? SocketAddress(ipAddress: String(text), port: 0)
    else { return nil }
    self.init(address)
  }

  package var isIPv4: Bool { bytes.count == 4 }

  package var description: String {
    if isIPv4 { return bytes.map { "\($0)" }.joined(separator: ".") }
    let address = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0)
    return address?.ipAddress ?? "?"
  }

  /// Whose limits count: an address of IPv4 stands for itself. Of IPv6 the first 64 bits count: who has one address there
  /// has all behind them.
  package var group: String {
    if isIPv4 { return description }
    let words = stride(from: 0, to: 8, by: 2).map { place in
      String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
    }
    return words.joined(separator: ":") + "::/64"
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}

/// Addresses with the same first bits, as `10.0.0.0/8`, `2001:db8::/32`, or a single one.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
  package struct Problem: Error, Hashable {
    /// Behind the name of the network.
    package var text: String
  }

  private let first: IPAddress
  private let bits: Int

  package init(_ text: String) throws(Problem) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = IPAddress(text: parts[0]) else {
      throw Problem(text: "is no address and no network; allowed: like 10.0.0.7, 10.0.0.0/8, 2001:db8::/32")
    }
    let most = first.bytes.count * 8
    var bits = most
    if parts.count == 2 {
      let digits = parts[1]
      guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
        let given = Int(digits)
      else { throw Problem(text: "has no number of bits behind its slash") }
      // Of an address of IPv4 that is written mapped into IPv6.
      bits = first.isIPv4 && parts[0].contains(":") ? given - 96 : given
      guard (0...most).contains(bits) else {
        throw Problem(text: "has \(given) bits behind its slash; allowed: up to \(most)")
      }
    }
    var masked = first.bytes
    for place in masked.indices {
      let kept = min(max(bits - place * 8, 0), 8)
      masked[place] &= kept == 0 ? 0 : 0xff << UInt8(8 - kept)
    }
    guard masked == first.bytes, let address = IPAddress(masked) else {
      let name = IPAddress(masked).map { "\($0)/\(bits)" } ?? "?"
      throw Problem(text: "is an address inside of \(name); write that, or the address alone")
    }
    self.first = address
    self.bits = bits
  }

  package func contains(_ address: IPAddress) -> Bool {
    guard address.bytes.count == first.bytes.count else { return false }
    let whole = bits / 8
    guard address.bytes[..<whole] == first.bytes[..<whole] else { return false }
    let rest = bits % 8
    guard rest > 0 else { return true }
    let mask: UInt8 = 0xff << UInt8(8 - rest)
    return address.bytes[whole] & mask == first.bytes[whole] & mask
  }

  /// Whether it is everybody.
  package var isEverything: Bool { bits == 0 }

  package var description: String { bits == first.bytes.count * 8 ? "\(first)" : "\(first)/\(bits)" }
}
