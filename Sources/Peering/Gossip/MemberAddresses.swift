internal import Gossip
internal import NIOCore
internal import Raft

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Where the members' packets go. Addresses are taken at once; host names need the system's resolver, which may take
/// its time, so they are looked up elsewhere and handed in.
struct MemberAddresses {
  private struct Place {
    let peer: PeerAddress
    var address: SocketAddress?
    let isName: Bool
    /// The system refuses to send there; not tried before.
    var setAsideUntil: UInt64 = 0
  }

  private var places: [MemberID: Place] = [:]
  /// Of the socket: what is looked up has to fit it.
  private(set) var family: NIOBSDSocket.ProtocolFamily?

  /// - Parameter family: the socket's; nil while there is none.
  mutating func use(_ family: NIOBSDSocket.ProtocolFamily?) {
    guard family != self.family else { return }
    self.family = family
    replace(with: places.values.map(\.peer))
  }

  /// In the order of their ids.
  var members: [MemberID] { places.keys.sorted { $0.rawValue < $1.rawValue } }

  mutating func replace(with peers: [PeerAddress]) {
    let old = places
    places = [:]
    for peer in peers {
      let id = MemberID(peer.id.rawValue)
      let numeric = family.flatMap { Self.lookUp(peer, $0, onlyNumeric: true) }
      // A name keeps what was found for it until something else is found.
      let known = old[id].flatMap { $0.peer == peer ? $0.address : nil }
      places[id] = Place(
        peer: peer, address: numeric ?? (known?.protocol == family ? known : nil), isName: numeric == nil)
    }
  }

  /// nil: not known, or set aside.
  func address(of member: MemberID, now: UInt64) -> SocketAddress? {
    guard let place = places[member], place.setAsideUntil <= now else { return nil }
    return place.address
  }

  mutating func setAside(_ member: MemberID, until: UInt64) { places[member]?.setAsideUntil = until }

  /// Members that are reached by a name.
  var named: [PeerAddress] {
    guard family != nil else { return [] }
    return places.values.filter(\.isName).map(\.peer).sorted { $0.id < $1.id }
  }

  mutating func found(_ address: SocketAddress, for peer: PeerAddress) {
    let id = MemberID(peer.id.rawValue)
    guard places[id]?.peer == peer, address.protocol == family else { return }
    places[id]?.address = address
  }

  /// Asks the system's resolver, which blocks unless `onlyNumeric`.
  ///
  /// - Returns: an address that a socket of that family can send to: one of IPv6 gets an IPv4 address mapped.
  static func lookUp(
    _ peer: PeerAddress, _ family: NIOBSDSocket.ProtocolFamily, onlyNumeric: Bool
  ) -> SocketAddress? {
    var wanted = addrinfo()
    wanted.ai_family = family == .inet6 ? AF_INET6 : AF_INET
    wanted.ai_flags = (onlyNumeric ? AI_NUMERICHOST : 0) | (family == .inet6 ? AI_V4MAPPED : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(peer.host, String(peer.port), &wanted, &list) == 0, let first = list else { return nil }
    defer { freeaddrinfo(first) }
    guard let address = first.pointee.ai_addr else { return nil }
    switch first.pointee.ai_family {
    case AF_INET:
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
    case AF_INET6:
      return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
    default: return nil
    }
  }
}
