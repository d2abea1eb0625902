/// What the name and the addresses of a member may be, wherever they come from: a file, an operator, the log.
extension MemberAddress {
  /// - Returns: what is wrong, and what is allowed; nil when all is well.
  package var problem: String? {
    if !(1...65535).contains(id) { return "the id \(id) is none: node ids are 1 to 65535" }
    if !Self.isName(name) {
      return "the name of node \(id) must be 1 to \(Self.nameBytes) letters, digits, . _ -"
    }
    if !Self.isHostAndPort(peerAddress) {
      return "the peer address of \(name) must be host:port, like node1.example:9101 or [::1]:9101"
    }
    if !Self.isClientURL(clientURL) {
      return "the client address of \(name) must be \(Self.clientURLForm)"
    }
    return nil
  }

  package static let nameBytes = 128
  /// RFC 1035, section 2.3.4.
  package static let hostBytes = 253

  /// As it may be shown and dialed: what is not allowed in an address that older releases took is left out.
  package var cleaned: MemberAddress {
    var address = self
    if !Self.isName(name) { address.name = "node\(id)" }
    if !Self.isClientURL(clientURL) { address.clientURL = "" }
    return address
  }

  package static func isName(_ text: String) -> Bool {
    (1...nameBytes).contains(text.utf8.count)
      && text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
  }

  /// An address of IPv4 or IPv6, or a host name, without a port.
  package static func isHost(_ text: String) -> Bool {
    (1...hostBytes).contains(text.utf8.count)
      && text.utf8.allSatisfy { isLetterOrDigit($0) || ":.-_".utf8.contains($0) }
  }

  /// `host:port`; an address of IPv6 stands in brackets.
  package static func isHostAndPort(_ text: String) -> Bool {
    guard text.utf8.count <= hostBytes + 8, let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
      return false
    }
    let digits = text.utf8[text.utf8.index(after: colon)...]
    guard (1...5).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
      let port = Int(Substring(digits)), (1...65535).contains(port)
    else { return false }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.utf8.contains(UInt8(ascii: ":")) else { return false }
    } else if host.utf8.contains(UInt8(ascii: ":")) {
      return false
    }
    return isHost(String(host))
  }

  package static let clientURLForm = "http://host[:port][/path] or https://host[:port][/path]"
  package static let pathBytes = 256

  /// `http://host:port`, or https: what clients and browsers are sent to, and nothing that they would run. A proxy in front
  /// of the nodes may serve them at its own port and below a path.
  package static func isClientURL(_ text: String) -> Bool {
    for scheme in ["http://", "https://"] where text.utf8.starts(with: scheme.utf8) {
      let rest = text.dropFirst(scheme.count)
      let slash = rest.firstIndex(of: "/") ?? rest.endIndex
      guard isPath(rest[slash...]) else { return false }
      let authority = String(rest[..<slash])
      return isHostAndPort(authority) || isHostAndPort(authority + ":80")
    }
    return false
  }

  /// Without the slashes at its end, so that a path can be put behind it.
  package static func trimmedURL(_ text: String) -> String {
    var text = text
    while text.utf8.last == UInt8(ascii: "/") { text.removeLast() }
    return text
  }

  /// Segments of a path (RFC 3986, section 3.3), without a question, a fragment, or steps upwards.
  static func isPath(_ text: Substring) -> Bool {
    text.utf8.count <= pathBytes
      && text.utf8.allSatisfy { isLetterOrDigit($0) || "-._~!$&'()*+,;=:@%/".utf8.contains($0) }
      && !text.split(separator: "/").contains { $0 == ".." || $0 == "." }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
