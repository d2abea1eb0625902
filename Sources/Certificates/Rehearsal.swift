internal import NIOCore
internal import NIOEmbedded
internal import NIOSSL
internal import NIOTLS
internal import SwiftASN1
internal import X509

/// Whether a node would be taken by its peers, tried before there are any: it connects to itself, in memory, as one that
/// dials and one that accepts.
package enum Rehearsal {
  /// - Parameters:
  ///   - name: for which the certificate has to be.
  ///   - seconds: since 1970; time itself is `Credentials.timeProblem`'s to judge.
  /// - Returns: why peers would refuse these credentials; nil when they would not.
  package static func problem(of credentials: Credentials, named name: String) -> CredentialProblem? {
    if let problem = authorityProblem(credentials) { return problem }
    let facts = credentials.facts
    guard facts.names.contains(name) else {
      return credentials.problem(
        "is for " + (facts.names.isEmpty ? "no name" : facts.names.joined(separator: ", "))
          + ": peers ask for the DNS name \(name) among its alternative names (subjectAltName=DNS:\(name))")
    }
    if let missing = missingUse(credentials, client: true) {
      return credentials.problem(
        "is not for \(missing): nodes are both; its extendedKeyUsage needs serverAuth and clientAuth")
    }
    guard !handshakeSucceeds(credentials, name) else { return nil }
    return credentials.problem(
      "is not signed by an authority in \(credentials.files.authority ?? ""): give the authority that signed it, or put "
        + "the certificates in between behind it")
  }

  /// Clients ask for less.
  package static func serverProblem(of credentials: Credentials) -> CredentialProblem? {
    guard missingUse(credentials, client: false) != nil else { return nil }
    return credentials.problem("is not for servers: its extendedKeyUsage needs serverAuth")
  }

  private static func authorityProblem(_ credentials: Credentials) -> CredentialProblem? {
    for (place, authority) in credentials.authorities.enumerated() {
      guard let parsed = parse(authority), parsed.version != .v1 else { continue }
      if case .isCertificateAuthority? = try? parsed.extensions.basicConstraints { continue }
      return CredentialProblem(
        .authority, credentials.files.authority ?? "",
        "is no authority's certificate" + (place == 0 ? "" : " (certificate \(place + 1) of the file)")
          + ": it may sign nobody (basicConstraints has no CA:TRUE). Give the certificate of the authority that signed "
          + "those of the nodes")
    }
    return nil
  }

  private static func missingUse(_ credentials: Credentials, client: Bool) -> String? {
    guard let own = parse(credentials.chain[0]), let uses = try? own.extensions.extendedKeyUsage else {
      return nil
    }
    if uses.contains(.any) { return nil }
    if !uses.contains(.serverAuth) { return "servers" }
    if client, !uses.contains(.clientAuth) { return "clients" }
    return nil
  }

  private static func parse(_ certificate: NIOSSLCertificate) -> Certificate? {
    (try? certificate.toDERBytes()).flatMap { try? Certificate(derEncoded: $0) }
  }

  private static func handshakeSucceeds(_ credentials: Credentials, _ name: String) -> Bool {
    var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
      certificateChain: credentials.chain.map { .certificate($0) }, privateKey: .privateKey(credentials.key),
      trustRoots: .certificates(credentials.authorities))
    configuration.minimumTLSVersion = .tlsv13
    do {
      let accepting = try NIOSSLContext(configuration: configuration)
      configuration.certificateVerification = .fullVerification
      let dialing = try NIOSSLContext(configuration: configuration)
      let (server, client) = (Ear(), Ear())
      let accepted = EmbeddedChannel(handlers: [NIOSSLServerHandler(context: accepting), server])
      let dialed = EmbeddedChannel(
        handlers: [try NIOSSLClientHandler(context: dialing, serverHostname: name), client])
      defer {
        // A goodbye of TLS is waited for until its time is over, and nobody answers: time is what moves here.
        for channel in [accepted, dialed] {
          channel.close(promise: nil)
          channel.embeddedEventLoop.advanceTime(by: .minutes(1))
        }
      }
      let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
      accepted.connect(to: address, promise: nil)
      dialed.connect(to: address, promise: nil)
      // Each turn carries what the last one gave; a handshake has a few of them.
      for _ in 0..<16 {
        while let bytes = try dialed.readOutbound(as: ByteBuffer.self) { try accepted.writeInbound(bytes) }
        while let bytes = try accepted.readOutbound(as: ByteBuffer.self) { try dialed.writeInbound(bytes) }
      }
      return server.isDone && client.isDone
    } catch {
      return false
    }
  }

  private final class Ear: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var isDone = false

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { isDone = true }
      context.fireUserInboundEventTriggered(event)
    }
  }
}
