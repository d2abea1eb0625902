internal import NIOCore

/// Connections at the peer port that have not greeted yet. There is room for so many, and whoever comes gets in: the one
/// that has been silent longest gives way. Those from a member's address, and those that have shown a certificate of
/// the cluster, do not give way to others; so no crowd keeps a member out that comes back.
struct Strangers<Guest: AnyObject> {
  enum Admission {
    case admitted(inPlaceOf: Guest?)
    case refused
  }

  private struct Stranger {
    let guest: Guest
    let address: String
    let isMembers: Bool
  }

  /// In all.
  private let most: Int
  /// From one address that is no member's.
  private let perAddress: Int
  /// Oldest first.
  private var waiting: [Stranger] = []

  init(most: Int = 64, perAddress: Int = 16) {
    self.most = most
    self.perAddress = perAddress
  }

  var guests: [Guest] { waiting.map(\.guest) }

  /// - Parameters:
  ///   - isMembers: whether a member is known to be at that address.
  ///   - isProven: whether a guest has shown a certificate of the cluster; asked only when there is no room.
  /// - Returns: whether it gets in, and who has to go for it; that one is no longer in the list.
  mutating func admit(
    _ guest: Guest, from address: String, isMembers: Bool, isProven: (Guest) -> Bool
  ) -> Admission {
    let stranger = Stranger(guest: guest, address: address, isMembers: isMembers)
    let ofAddress = waiting.count { $0.address == address }
    var victim: Int?
    if !isMembers, ofAddress >= perAddress {
      victim = waiting.firstIndex { $0.address == address && !isProven($0.guest) }
      if victim == nil { return .refused }
    } else if waiting.count >= most {
      victim = waiting.firstIndex { !$0.isMembers && !isProven($0.guest) }
      if victim == nil, isMembers { victim = waiting.firstIndex { !isProven($0.guest) } }
      if victim == nil { return .refused }
    }
    let evicted = victim.map { waiting.remove(at: $0).guest }
    waiting.append(stranger)
    return .admitted(inPlaceOf: evicted)
  }

  mutating func remove(_ guest: Guest) { waiting.removeAll { $0.guest === guest } }
}

extension SocketAddress {
  /// For comparing: IPv4 as itself, also when it comes mapped into IPv6.
  var plainAddress: String? {
    guard let text = ipAddress else { return nil }
    return text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
  }

  /// Whose limits a stranger counts for: of IPv6 all that have the first 64 bits in common.
  var strangerGroup: String {
    guard case .v6(let address) = self, let plain = plainAddress, !plain.contains(".") else {
      return plainAddress ?? ""
    }
    // The address stands behind its family, the port and the flow (RFC 3493, section 3.3).
    return withUnsafeBytes(of: address.address) { bytes in
      bytes[8..<16].map { String($0, radix: 16) }.joined(separator: ":")
    }
  }
}
