internal import NIOSSL

/// Why TLS did not come about, in words for whoever has to mend it: which side was not content, with what, and what to do.
package enum TLSFailure {
  /// Who the other side is.
  package enum Side: Sendable {
    /// This node has dialled that one.
    case dialledNode(String)
    /// Somebody came to the port for nodes.
    case comingNode
    /// Somebody came to the port for clients.
    case comingClient
    /// A client has dialled a node.
    case server
  }

  /// - Returns: nil when the error is not one of TLS.
  package static func words(for error: any Error, from side: Side) -> String? {
    guard let reason = reason(of: error) else { return nil }
    return reason == .other ? "TLS failed: \(String(describing: error).prefix(200))" : words(reason, side)
  }

  /// What is said apart from other failures.
  package enum Reason: CaseIterable, Hashable, Sendable {
    case notBelieved, otherName, none
    case refusedExpired, refusedAuthority, refused, refusedMissing
    case plain, http, version, ended
    /// What the library says has no words here.
    case other
  }

  /// - Returns: nil when the error is not one of TLS.
  package static func reason(of error: any Error) -> Reason? {
    switch error {
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: break
    default: return nil
    }
    let text = String(describing: error)
    return reasons.first { text.contains($0.mark) }?.reason ?? .other
  }

  /// What the library's errors say, the more particular first.
  private static let reasons: [(mark: String, reason: Reason)] = [
    ("ALERT_CERTIFICATE_EXPIRED", .refusedExpired), ("ALERT_UNKNOWN_CA", .refusedAuthority),
    ("ALERT_CERTIFICATE_REQUIRED", .refusedMissing), ("ALERT_NO_CERTIFICATE", .refusedMissing),
    ("ALERT_BAD_CERTIFICATE", .refused), ("ALERT_CERTIFICATE_UNKNOWN", .refused),
    ("ALERT_CERTIFICATE_REVOKED", .refused), ("ALERT_UNSUPPORTED_CERTIFICATE", .refused),
    ("CERTIFICATE_VERIFY_FAILED", .notBelieved), ("unableToValidateCertificate", .notBelieved),
    ("failedToValidateHostname", .otherName), ("FAILED_TO_MATCH", .otherName),
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", .none), ("noCertificateToValidate", .none),
    ("HTTP_REQUEST", .http), ("HTTPS_PROXY_REQUEST", .http),
    ("ALERT_PROTOCOL_VERSION", .version), ("UNSUPPORTED_PROTOCOL", .version), ("NO_SHARED_CIPHER", .version),
    ("NO_SHARED_GROUP", .version), ("WRONG_CURVE", .version), ("NO_COMMON_SIGNATURE_ALGORITHMS", .version),
    ("NO_SUPPORTED_VERSIONS_ENABLED", .version),
    ("WRONG_VERSION_NUMBER", .plain), ("UNEXPECTED_MESSAGE", .plain), ("BAD_PACKET_LENGTH", .plain),
    ("EOF during handshake", .ended),
  ]

  package static func words(_ reason: Reason, _ side: Side) -> String {
    switch side {
    case .dialledNode(let name): "TLS: " + ofDialled(reason, name)
    case .comingNode: "TLS: " + ofComing(reason)
    case .comingClient: ofClient(reason)
    case .server: ofServer(reason)
    }
  }

  private static func ofDialled(_ reason: Reason, _ name: String) -> String {
    switch reason {
    case .notBelieved:
      "this node does not believe the certificate of \(name): it has ended, or its authority is not in this node's peer.tls.ca"
    case .otherName:
      "the certificate that \(name) shows is for another name: give that node one for the DNS name \(name), or mend its address"
    case .none: "\(name) shows no certificate: give it peer.tls.certificate and peer.tls.key"
    case .refusedExpired:
      "\(name) refuses this node's certificate, for it has ended: renew peer.tls.certificate"
    case .refusedAuthority:
      "\(name) refuses this node's certificate: its authority is not in that node's peer.tls.ca"
    case .refused: "\(name) refuses this node's certificate; the log of \(name) says why"
    case .refusedMissing:
      "\(name) wants a certificate of this node: give peer.tls.certificate and peer.tls.key"
    case .plain: "\(name) does not speak TLS at its address: give all nodes peer.tls or none"
    case .http: "\(name) speaks HTTP at its address: it is to be that of its port for nodes"
    case .version: "\(name) and this node know no version of TLS in common"
    case .ended: "\(name) ended the connection within the handshake; the log of \(name) says why"
    case .other: "it failed"
    }
  }

  private static func ofComing(_ reason: Reason) -> String {
    switch reason {
    case .notBelieved:
      "this node does not believe its certificate: it has ended, or its authority is not in this node's peer.tls.ca"
    case .otherName: "its certificate is for another name than its own"
    case .none: "it shows no certificate, and nodes need one: it is no node, or has no peer.tls"
    case .refusedExpired: "it refuses this node's certificate, for it has ended: renew peer.tls.certificate"
    case .refusedAuthority:
      "it refuses this node's certificate: its authority is not in the peer.tls.ca of whoever comes"
    case .refused: "it refuses this node's certificate; its own log says why"
    case .refusedMissing: "it wants a certificate of this node"
    case .plain: "it does not speak TLS, and this port does: give all nodes peer.tls or none"
    case .http: "it speaks HTTP: this port is for nodes, and clients have another"
    case .version: "it and this node know no version of TLS in common"
    case .ended: "it ended the connection within the handshake"
    case .other: "it failed"
    }
  }

  private static func ofServer(_ reason: Reason) -> String {
    switch reason {
    case .notBelieved:
      "its certificate is not believed: it has ended, or its authority is unknown here. Name the authority's file "
        + "with --ca FILE or \(ClientTrust.variable)"
    case .otherName: "its certificate is for another name than the one that was asked for"
    case .plain, .http, .version: "it does not speak TLS at this port; is it http:// there?"
    case .none: "it shows no certificate"
    case .refusedExpired, .refusedAuthority, .refused, .refusedMissing:
      "it wants a certificate of its clients, and is no node of Switchboard: look at the address"
    case .ended: "it ended the connection within the handshake: look at the address, and at its log"
    case .other: "TLS failed"
    }
  }

  private static func ofClient(_ reason: Reason) -> String {
    switch reason {
    case .refusedAuthority:
      "it does not know the authority of this node's certificate: give it that authority (--ca FILE), or put a certificate "
        + "of one that it knows into client.tls.certificate"
    case .refusedExpired:
      "to it, this node's certificate has ended: renew client.tls.certificate, or see whether its clock is right"
    case .refused:
      "it refuses this node's certificate: see whether it knows the authority, and asks for a name that is in it"
    case .plain, .http: "it does not speak TLS, and this port does: it is to use https:// or wss://"
    case .version:
      "it speaks no version of TLS, or no cipher, that this node takes: TLS 1.2 and 1.3 with forward secrecy"
    case .ended: "it ended the connection within the handshake and does not say why; its own log may"
    case .notBelieved, .otherName, .none, .refusedMissing:
      "its certificate is not in order, and none is asked for here"
    case .other: "TLS failed"
    }
  }
}
