package import NIOCore

/// Whose limits a connection counts for.
package enum ClientAddress {
  /// - Returns: "local" for a socket without an address.
  package static func group(of address: SocketAddress?) -> String {
    IPAddress(address)?.group ?? "local"
  }
}
