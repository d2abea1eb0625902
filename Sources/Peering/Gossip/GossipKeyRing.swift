internal import Crypto

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The secrets that the nodes of a cluster share for their datagrams. The first one seals, any of them opens; so a
/// secret is replaced without a gap: add the new one at the end everywhere, move it to the front everywhere, take the
/// old one away everywhere.
package struct GossipKeyRing: Sendable {
  /// A secret of 32 bytes with the number by which datagrams name it. The same number must not stand for another
  /// secret as long as the first is in use anywhere.
  package struct Key: Sendable {
    package let id: UInt8
    let secret: SymmetricKey

    /// - Throws: `PeeringError.badCredentials` when there are not exactly 32 bytes.
    package init(id: UInt8, secret: [UInt8]) throws(PeeringError) {
      guard secret.count == 32 else {
        throw .badCredentials("gossip key \(id) has \(secret.count) bytes: it must have 32")
      }
      self.id = id
      self.secret = SymmetricKey(data: secret)
    }
  }

  let keys: [Key]

  /// - Throws: `PeeringError.badCredentials` when there is no key, or two with one number.
  package init(_ keys: [Key]) throws(PeeringError) {
    guard !keys.isEmpty else { throw .badCredentials("the gossip key ring is empty: give it one key or more") }
    for (place, key) in keys.enumerated() where keys[..<place].contains(where: { $0.id == key.id }) {
      throw .badCredentials("the gossip key ring has number \(key.id) twice: number every key differently")
    }
    self.keys = keys
  }

  func key(_ id: UInt8) -> Key? { keys.first { $0.id == id } }
}
