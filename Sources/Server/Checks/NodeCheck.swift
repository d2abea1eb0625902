import Certificates
import Foundation
import Protocol

/// What keeps a node from serving though its configuration reads well: found before the start, all at once.
package struct NodeCheck: Sendable {
  /// What makes the node fail, each with what to do.
  package private(set) var problems: [ConfigurationProblem] = []
  /// What is probably not meant.
  package private(set) var warnings: [String] = []
  private let configuration: ServerConfiguration

  /// Reads files and tries ports; changes nothing. Ports are not tried while the node itself has its data directory.
  ///
  /// - Parameters:
  ///   - seconds: since 1970.
  ///   - isRunning: whether the node runs here.
  package init(_ configuration: ServerConfiguration, at seconds: Int64, isRunning: Bool) {
    self.configuration = configuration
    for use in [CertificateReport.Use.client, .peer] { check(use, at: seconds) }
    problems += DirectoryCheck.problems(configuration.dataDirectory)
    if let warning = DirectoryCheck.warning(configuration.dataDirectory) { warnings.append(warning) }
    let reach = ReachCheck(configuration)
    problems += reach.problems
    warnings += reach.warnings
    if !isRunning { problems += PortCheck.problems(configuration) }
  }

  private mutating func check(_ use: CertificateReport.Use, at seconds: Int64) {
    guard let files = configuration.credentialFiles(for: use) else { return }
    let credentials: Credentials
    do throws(CredentialProblem) { credentials = try Credentials(files) } catch {
      problems.append(ConfigurationProblem(error, use))
      return
    }
    if let problem = credentials.timeProblem(at: seconds) {
      problems.append(ConfigurationProblem(problem, use))
    } else {
      let problem =
        switch use {
        case .client: Rehearsal.serverProblem(of: credentials)
        case .peer: Rehearsal.problem(of: credentials, named: "node\(configuration.nodeID)")
        }
      if let problem { problems.append(ConfigurationProblem(problem, use)) }
    }
    let facts = credentials.facts
    let days = facts.daysLeft(at: seconds)
    if (0...CertificateReport.warningDays).contains(days) {
      warnings.append(
        "the certificate in \(files.certificate) ends at \(dateText(facts.notAfter)), in \(days) days: renew it"
      )
    }
    if use == .client { warnings += clientWarnings(facts, files) }
  }

  private func clientWarnings(_ facts: CertificateFacts, _ files: CredentialFiles) -> [String] {
    guard let url = configuration.thisMember?.client, let parts = URLComponents(string: url),
      let host = parts.host?.trimmingCharacters(in: ["[", "]"])
    else { return [] }
    if parts.scheme == "http" {
      return [
        "clients are sent to \(url) (`members`), and this node speaks TLS: write https://, unless a proxy stands there"
      ]
    }
    if !facts.covers(host) {
      return [
        "clients are sent to \(url) (`members`), and the certificate in \(files.certificate) is for "
          + (facts.names.isEmpty ? "no name" : facts.names.joined(separator: ", "))
          + ": they will refuse it, unless a proxy stands there"
      ]
    }
    return []
  }
}

extension CertificateFacts {
  /// Whether it is for a name or an address (RFC 9525, section 6.3: a star stands for one label).
  fileprivate func covers(_ host: String) -> Bool {
    let host = host.lowercased()
    return names.contains { name in
      let name = name.lowercased()
      // An address of IPv6 can be written in many ways.
      if CertificateHost(name) == CertificateHost(host) { return true }
      guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
      return host[dot...] == name.dropFirst()
    }
  }
}
