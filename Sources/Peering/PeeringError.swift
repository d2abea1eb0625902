/// Why the network of a node cannot start.
package enum PeeringError: Error, Hashable, Sendable, CustomStringConvertible {
  case badConfiguration(String)
  /// A file for TLS between peers is missing, unreadable or does not fit the others.
  case badCredentials(String)
  case cannotListen(String)
  /// `close` was called before the start had ended.
  case closed

  package var description: String {
    switch self {
    case .badConfiguration(let what), .badCredentials(let what), .cannotListen(let what): what
    case .closed: "the peer network was closed"
    }
  }
}
