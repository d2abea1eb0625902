internal import Crypto
internal import Foundation
internal import SwiftASN1
internal import X509

/// An authority that is made for the nodes of one cluster, and signs their certificates.
package struct CertificateIssuer: Sendable {
  /// A certificate and its key, in PEM.
  package struct Issued: Hashable, Sendable {
    package var certificate: String
    package var key: String
  }

  /// How long certificates are good. Of nodes: what browsers and systems take at the most from an authority of one's own.
  package static let authorityDays: Int64 = 3650
  package static let nodeDays: Int64 = 825

  /// Of the authority. Whoever has its key can become a member of the cluster.
  package let authority: Issued
  private let certificate: Certificate
  private let key: Certificate.PrivateKey
  private let seconds: Int64

  /// - Parameters:
  ///   - name: for people.
  ///   - seconds: since 1970. Certificates are good from a day before, since clocks of machines differ.
  package init(_ name: String, at seconds: Int64) throws {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let subject = try DistinguishedName { CommonName(name) }
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
      notValidBefore: Self.date(seconds, days: -1),
      notValidAfter: Self.date(seconds, days: Self.authorityDays),
      issuer: subject, subject: subject,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: key.publicKey)
      }, issuerPrivateKey: key)
    self.key = key
    self.certificate = certificate
    self.seconds = seconds
    authority = try Self.issued(certificate, key)
  }

  /// A certificate for servers and clients both, as nodes are.
  ///
  /// - Parameter hosts: names and addresses that it is for.
  package func issue(_ name: String, for hosts: [CertificateHost]) throws -> Issued {
    let own = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let issued = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: own.publicKey,
      notValidBefore: Self.date(seconds, days: -1), notValidAfter: Self.date(seconds, days: Self.nodeDays),
      issuer: certificate.subject, subject: try DistinguishedName { CommonName(name) },
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        SubjectAlternativeNames(hosts.map(\.generalName))
        SubjectKeyIdentifier(hash: own.publicKey)
        AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
      }, issuerPrivateKey: key)
    return try Self.issued(issued, own)
  }

  private static func issued(_ certificate: Certificate, _ key: Certificate.PrivateKey) throws -> Issued {
    Issued(
      certificate: try certificate.serializeAsPEM().pemString + "\n",
      key: try key.serializeAsPEM().pemString + "\n")
  }

  private static func date(_ seconds: Int64, days: Int64) -> Date {
    Date(timeIntervalSince1970: Double(seconds + days * 86_400))
  }
}
