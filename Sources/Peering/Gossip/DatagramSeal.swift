internal import Crypto
package import Gossip

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Closes gossip datagrams so that only nodes of the cluster can read them, change them, or send any: AES-256-GCM with
/// a drawn nonce of 96 bits.
///
///     format (1 byte) | key id (1) | sender (8, big endian) | nonce (12) | sealed datagram | tag (16)
///
/// What is in front of the nonce, and the cluster's name, are authenticated with it. The key is not the shared secret
/// but derived from it for one cluster and one sender (HKDF-SHA256): a key may see 2^32 drawn nonces (NIST SP 800-38D,
/// section 8.3), which all nodes together would reach within weeks, and one node alone, at 50 datagrams a second, in
/// more than two years. Replace the secret before that.
///
/// A datagram that is replayed opens, and is meant to do no harm, so nothing is remembered to refuse it. What it says
/// is ordered by incarnations and sequence numbers that only its subject raises, so what is old is ignored by all who
/// know better, and corrected by them where it is not. Answers go to the address that the cluster has of the
/// sender, never to where the packet came from, and a replayed answer names a question that is no longer open. A node
/// that was removed is refused by its number. And gossip is advice: no replay can move a session.
package struct DatagramSeal: Sendable {
  /// Bytes that are added to a datagram.
  package static let overhead = headBytes + nonceBytes + tagBytes
  private static let format: UInt8 = 1
  private static let headBytes = 10
  private static let nonceBytes = 12
  private static let tagBytes = 16

  private let ring: GossipKeyRing
  private let cluster: [UInt8]

  package init(ring: GossipKeyRing, cluster: String) {
    self.ring = ring
    self.cluster = Array(cluster.utf8)
  }

  /// - Throws: what the cryptographic library throws; it does not for any input that is known.
  package func seal(_ datagram: [UInt8], from sender: MemberID) throws -> [UInt8] {
    let key = ring.keys[0]
    var head: [UInt8] = [Self.format, key.id]
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      head.append(UInt8(truncatingIfNeeded: sender.rawValue >> shift))
    }
    let box = try AES.GCM.seal(
      datagram, using: derived(key, for: head), nonce: AES.GCM.Nonce(), authenticating: head + cluster)
    return head + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
  }

  /// - Returns: nil when it was not sealed with a key of the ring for this cluster, or is not as it was sealed. The
  ///   sender is proved only as a holder of the shared secret who says so.
  package func open(_ packet: [UInt8]) -> (datagram: [UInt8], sender: MemberID)? {
    guard packet.count >= Self.overhead, packet[0] == Self.format, let key = ring.key(packet[1]) else {
      return nil
    }
    let head = Array(packet[..<Self.headBytes])
    let sender = head[2...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard sender != 0,
      let box = try? AES.GCM.SealedBox(combined: packet[Self.headBytes...]),
      let opened = try? AES.GCM.open(box, using: derived(key, for: head), authenticating: head + cluster)
    else { return nil }
    return (Array(opened), MemberID(sender))
  }

  private func derived(_ key: GossipKeyRing.Key, for head: [UInt8]) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: key.secret, salt: cluster, info: Array("switchboard gossip ".utf8) + head[2...],
      outputByteCount: 32)
  }
}
