package import NIOSSL

/// Certificates and a key that were read, belong together, and can be used.
package struct Credentials: Sendable {
  package let files: CredentialFiles
  package let contents: CredentialFiles.Contents
  package let chain: [NIOSSLCertificate]
  package let key: NIOSSLPrivateKey
  package let authorities: [NIOSSLCertificate]

  /// Of the side's own certificate.
  package var facts: CertificateFacts { CertificateFacts(chain[0]) }

  /// Reads the files. Blocks meanwhile.
  package init(_ files: CredentialFiles) throws(CredentialProblem) {
    try self.init(files, try files.read())
  }

  /// - Throws: when one of the files is not what it should be, or the key is not the certificate's. What time says is not
  ///   asked here: see `timeProblem`.
  package init(_ files: CredentialFiles, _ contents: CredentialFiles.Contents) throws(CredentialProblem) {
    self.files = files
    self.contents = contents
    chain = try Self.certificates(contents.certificate, .certificate, files)
    authorities =
      try contents.authority.map { bytes throws(CredentialProblem) in
        try Self.certificates(bytes, .authority, files)
      } ?? []
    do {
      key = try NIOSSLPrivateKey(bytes: contents.key, format: .pem)
    } catch {
      throw CredentialProblem(.key, files.key, Self.keyReason(contents.key))
    }
    do {
      _ = try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
    } catch {
      throw CredentialProblem(
        .key, files.key,
        "does not belong to the certificate in \(files.certificate): give the key with which that certificate was "
          + "asked for; the first certificate of the file has to be the node's own")
    }
  }

  private static func certificates(
    _ bytes: [UInt8], _ part: CredentialFiles.Part, _ files: CredentialFiles
  ) throws(CredentialProblem) -> [NIOSSLCertificate] {
    if let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty {
      return certificates
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let reason =
      text.contains("PRIVATE KEY-----")
      ? "is a private key: give the file with the certificate"
      : text.contains("-----BEGIN CERTIFICATE-----")
        ? "is damaged: it cannot be decoded"
        : "is no certificate in PEM (-----BEGIN CERTIFICATE-----)"
    throw CredentialProblem(part, files.path(of: part), reason)
  }

  private static func keyReason(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("ENCRYPTED") {
      return "is protected by a password, and nobody is there to type it: openssl pkey -in FILE -out NEW"
    }
    if text.contains("-----BEGIN CERTIFICATE-----") { return "is a certificate: give the file with the key" }
    return "is no private key in PEM (-----BEGIN PRIVATE KEY-----)"
  }

  /// With the side's own certificate.
  package func problem(_ reason: String) -> CredentialProblem {
    CredentialProblem(.certificate, files.certificate, reason)
  }

  /// - Parameter seconds: since 1970.
  /// - Returns: what is not yet, or no longer, good; nil when all is.
  package func timeProblem(at seconds: Int64) -> CredentialProblem? {
    for (part, certificates) in [(CredentialFiles.Part.certificate, chain), (.authority, authorities)] {
      for (place, certificate) in certificates.enumerated() {
        let facts = CertificateFacts(certificate)
        let which = place == 0 ? "" : " (certificate \(place + 1) of the file)"
        if facts.notAfter < seconds {
          return CredentialProblem(
            part, files.path(of: part), "has ended at \(dateText(facts.notAfter))\(which): renew it")
        }
        if facts.notBefore > seconds {
          return CredentialProblem(
            part, files.path(of: part),
            "is not good before \(dateText(facts.notBefore))\(which); it is \(dateText(seconds)) by the clock of this "
              + "machine: see whether that is right")
        }
      }
    }
    return nil
  }
}
