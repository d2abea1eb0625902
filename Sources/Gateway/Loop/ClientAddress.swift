package import NIOCore

/// Whose limits a connection counts for.
package enum ClientAddress {
  /// An address of IPv4 stands for itself, also when it comes mapped into IPv6. Of IPv6 the first 64 bits count: who has
  /// one address there has all behind them.
  package static func group(of address: SocketAddress?) -> String {
    switch address {
    case .v4, .none, .unixDomainSocket: address?.ipAddress ?? "local"
    case .v6(let address):
      // The sixteen bytes of the address, behind its family, the port and the flow (RFC 3493, section 3.3).
      withUnsafeBytes(of: address.address) { bytes in
        let bytes = Array(bytes[8..<24])
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        return isMapped ? bytes[12...].map { "\($0)" }.joined(separator: ".") : network(bytes[..<8])
      }
    }
  }

  private static func network(_ bytes: ArraySlice<UInt8>) -> String {
    let words = stride(from: 0, to: 8, by: 2).map { place in
      String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
    }
    return words.joined(separator: ":") + "::/64"
  }
}
