internal import SwiftASN1
internal import X509

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What a certificate is for: a name or an address.
package enum CertificateHost: Hashable, Sendable {
  case name(String)
  /// 4 bytes of IPv4, 16 of IPv6.
  case address([UInt8])

  /// - Parameter text: an address of IPv4 or IPv6 without brackets; anything else is a name.
  package init(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET6, text, &bytes) == 1 {
      self = .address(bytes)
    } else if inet_pton(AF_INET, text, &bytes) == 1 {
      self = .address(Array(bytes[..<4]))
    } else {
      self = .name(text.lowercased())
    }
  }

  /// Whether text like `300.1.1.1` is meant as an address, and is none.
  package var isMistakenAddress: Bool {
    guard case .name(let text) = self else { return false }
    return text.contains(":") || !text.isEmpty && text.utf8.allSatisfy { (46...57).contains($0) && $0 != 47 }
  }

  var generalName: GeneralName {
    switch self {
    case .name(let text): .dnsName(text)
    case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
    }
  }
}
