package import Gateway

/// The proxies whose word counts about who asks. Nobody else's does: what strangers say in those headers is passed over.
package struct TrustedProxies: Sendable {
  /// Which header a proxy tells it in.
  package enum Header: String, Sendable, CaseIterable {
    /// Whichever is there. With both, one of them may be the client's own that the proxy has passed on: unless they agree,
    /// neither is believed.
    case any
    case forwardedFor = "x-forwarded-for"
    case forwarded
  }

  private let networks: [IPNetwork]
  private let header: Header
  /// Whether their connections begin with a PROXY header, before TLS and everything else.
  let speakProxyProtocol: Bool

  package init(_ networks: [IPNetwork] = [], header: Header = .any, speakProxyProtocol: Bool = false) {
    self.networks = networks
    self.header = header
    self.speakProxyProtocol = speakProxyProtocol
  }

  func contains(_ address: IPAddress?) -> Bool {
    guard let address, !networks.isEmpty else { return false }
    return networks.contains { $0.contains(address) }
  }

  func caller(at address: IPAddress?) -> Caller { Caller(address: address, isProxy: contains(address)) }

  /// Whose limits a request counts for: from the right, the first one that is no trusted proxy. Everything left of it may be
  /// anybody's invention.
  func client(of caller: Caller, _ fields: ForwardingFields) -> String {
    guard caller.isProxy else { return caller.group }
    var told: [String] = []
    if header != .forwarded, !fields.forwardedFor.isEmpty {
      told.append(walk(from: caller, ForwardedHop.list(of: fields.forwardedFor)))
    }
    if header != .forwardedFor, !fields.forwarded.isEmpty {
      told.append(walk(from: caller, ForwardedHop.standard(of: fields.forwarded)))
    }
    guard let first = told.first, told.allSatisfy({ $0 == first }) else { return caller.group }
    return first
  }

  private func walk(from caller: Caller, _ hops: [ForwardedHop]) -> String {
    var last = caller.group
    for hop in hops.reversed() {
      switch hop {
      case .unknown: return last
      // A word for a client that the proxy keeps for itself: nobody else's begins with "_".
      case .name(let name): return name
      case .address(let address):
        last = address.group
        guard contains(address) else { return last }
      }
    }
    return last
  }
}
