import Kernel
import Protocol

/// What the node's certificates give its status.
extension Node {
  private var seconds: Int64 { Int64(clamping: timeOfDay / 1_000) }

  func ownCertificates() -> [ClusterStatus.Certificate]? {
    guard !surroundings.certificates.isEmpty else { return nil }
    return surroundings.certificates.map { report in
      var certificate = ClusterStatus.Certificate()
      certificate.use = report.use.rawValue
      certificate.expiresAt = TimeText.rfc3339(UInt64(clamping: report.notAfter) * 1_000)
      certificate.daysLeft = report.daysLeft(at: seconds)
      certificate.renewalRefused = report.isRenewalRefused
      return certificate
    }
  }

  /// What all other nodes are told of them.
  var certificateConditions: NodeConditions {
    var conditions: NodeConditions = []
    for report in surroundings.certificates {
      if report.hasEnded(at: seconds) {
        conditions.insert(.certificateExpired)
      } else if report.endsSoon(at: seconds) {
        conditions.insert(.certificateExpires)
      }
    }
    return conditions
  }

  /// This node's own, which say more than what others are told.
  func certificateProblems() -> [ClusterStatus.Problem] {
    surroundings.certificates.flatMap { report -> [ClusterStatus.Problem] in
      let whose = report.use == .client ? "that clients are shown" : "that peers are shown"
      let keys = "\(report.use.rawValue).tls"
      let end = TimeText.rfc3339(UInt64(clamping: report.notAfter) * 1_000)
      var problems: [ClusterStatus.Problem] = []
      func add(_ code: ProblemCode, since: String, _ advice: String) {
        problems.append(
          ClusterStatus.Problem(code: code, node: configuration.thisNode.name, since: since, advice: advice))
      }
      if report.hasEnded(at: seconds) {
        add(
          .certificateExpired, since: end,
          "the certificate \(whose) has ended: put a new one into the files of \(keys); the node reads them by itself"
        )
      } else if report.endsSoon(at: seconds) {
        add(
          .certificateExpires,
          since: TimeText.rfc3339(
            UInt64(clamping: report.notAfter - Int64(CertificateReport.problemDays) * 86_400) * 1_000),
          "the certificate \(whose) ends at \(end), in \(report.daysLeft(at: seconds)) days: put a new one into the "
            + "files of \(keys); the node reads them by itself")
      }
      if report.isRenewalRefused {
        add(
          .certificateRefused, since: TimeText.rfc3339(timeOfDay),
          "the files of \(keys) have changed and cannot be used, so the node goes on with what it had: its log says why"
        )
      }
      return problems
    }
  }
}
