/// Who a member is and where it is reached.
package struct MemberAddress: Hashable, Sendable {
  package var id: UInt64
  /// For instance "node1".
  package var name: String
  /// Where peers connect: host:port.
  package var peerAddress: String
  /// Where clients connect: http://host:port.
  package var clientURL: String
  package init(id: UInt64, name: String, peerAddress: String, clientURL: String) {
    self.id = id
    self.name = name
    self.peerAddress = peerAddress
    self.clientURL = clientURL
  }
}

extension MemberAddress {
  /// Its form in the group's configuration: name, peer address and client address, divided by spaces.
  package var text: String { "\(name) \(peerAddress) \(clientURL)" }

  package init?(id: UInt64, text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, !parts.contains("") else { return nil }
    self.init(id: id, name: parts[0], peerAddress: parts[1], clientURL: parts[2])
  }

  /// Where the host ends and the port begins; nil for what is no `host:port`.
  package var peerHostAndPort: (host: String, port: Int)? {
    guard let colon = peerAddress.lastIndex(of: ":"), colon > peerAddress.startIndex,
      let port = Int(peerAddress[peerAddress.index(after: colon)...]), (1...65535).contains(port)
    else { return nil }
    var host = String(peerAddress[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return (host, port)
  }
}
