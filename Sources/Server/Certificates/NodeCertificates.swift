import Certificates
import Protocol

/// The files of a node's certificates, as the configuration names them.
extension ServerConfiguration {
  func credentialFiles(for use: CertificateReport.Use) -> CredentialFiles? {
    switch use {
    case .client: clientTLS.map { CredentialFiles(certificate: $0.certificate, key: $0.key) }
    case .peer: peerTLS.map { CredentialFiles(certificate: $0.certificate, key: $0.key, authority: $0.ca) }
    }
  }

  /// - Returns: nil when none are configured.
  /// - Throws: `ConfigurationError` with the key of the file that cannot be used.
  func credentials(for use: CertificateReport.Use) throws(ConfigurationError) -> Credentials? {
    guard let files = credentialFiles(for: use) else { return nil }
    do throws(CredentialProblem) {
      return try Credentials(files)
    } catch {
      throw ConfigurationError([ConfigurationProblem(error, use)])
    }
  }
}

extension ConfigurationProblem {
  init(_ problem: CredentialProblem, _ use: CertificateReport.Use) {
    let name =
      switch problem.part {
      case .certificate: "certificate"
      case .key: "key"
      case .authority: "ca"
      }
    self.init(
      key: "\(use.rawValue).tls.\(name)", value: problem.path, problem: problem.reason)
  }
}
