/// The address of a node's client port.
package struct NodeURL: Sendable, Hashable {
  package var host: String
  package var port: Int
  /// Through TLS.
  package var isSecure = false
  /// Below which a proxy serves the node; empty, or with a slash in front and none at its end.
  package var path = ""

  package static let endpoint = "/v1/connect"

  /// - Parameter text: `ws://host:port`, `http://host:port` or `host:port`, or `wss://` and `https://` for TLS, with or
  ///   without a path, to which the endpoint itself may belong. Without a port the one that belongs to the scheme is meant.
  ///   An IPv6 address stands in brackets.
  /// - Throws: `ClientError.badURL`.
  package init(_ text: String) throws(ClientError) {
    var rest = Substring(text)
    if let scheme = rest.range(of: "://") {
      switch rest[..<scheme.lowerBound].lowercased() {
      case "ws", "http": break
      case "wss", "https": isSecure = true
      default: throw ClientError.badURL(text)
      }
      rest = rest[scheme.upperBound...]
    }
    if let slash = rest.firstIndex(of: "/") {
      path = MemberAddress.trimmedURL(String(rest[slash...]))
      if path.hasSuffix(Self.endpoint) { path = String(path.dropLast(Self.endpoint.count)) }
      guard MemberAddress.isPath(path[...]) else { throw ClientError.badURL(text) }
      rest = rest[..<slash]
    }
    var host = rest
    var port = Substring(isSecure ? "443" : "80")
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      host = rest[rest.index(after: rest.startIndex)..<end]
      let behind = rest[rest.index(after: end)...]
      if behind.hasPrefix(":") { port = behind.dropFirst() }
    } else if let colon = rest.lastIndex(of: ":") {
      host = rest[..<colon]
      port = rest[rest.index(after: colon)...]
    }
    // It goes into the Host header, and may come from a server.
    let isPlain = host.utf8.count <= 255 && host.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    guard isPlain, !host.isEmpty, let number = Int(port), (1...65535).contains(number) else {
      throw ClientError.badURL(text)
    }
    self.host = String(host)
    self.port = number
  }

  /// What a `Host` header says.
  package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// What a handshake asks for.
  package var target: String { path + Self.endpoint }

  static func same(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    guard let left = try? NodeURL(left), let right = try? NodeURL(right) else { return false }
    return left == right
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
