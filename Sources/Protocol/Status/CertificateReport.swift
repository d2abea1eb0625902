/// How long a certificate of a node is good for.
package struct CertificateReport: Hashable, Sendable {
  /// What it is shown to.
  package enum Use: String, Sendable, Hashable, CaseIterable {
    case client, peer
  }

  package var use: Use
  /// Seconds since 1970.
  package var notAfter: Int64
  /// The files have changed to something that cannot be used: the node goes on with what it had.
  package var isRenewalRefused: Bool

  package init(use: Use, notAfter: Int64, isRenewalRefused: Bool = false) {
    self.use = use
    self.notAfter = notAfter
    self.isRenewalRefused = isRenewalRefused
  }

  /// Days before its end from which the log warns once a day.
  package static let warningDays = 30
  /// Days before its end from which it is a problem of the node.
  package static let problemDays = 7

  /// Whole days that are left, rounded down; below 0 once it has ended.
  package func daysLeft(at seconds: Int64) -> Int {
    let left = notAfter - seconds
    return Int((left >= 0 ? left : left - 86_399) / 86_400)
  }

  package func hasEnded(at seconds: Int64) -> Bool { seconds > notAfter }

  package func endsSoon(at seconds: Int64) -> Bool {
    !hasEnded(at: seconds) && notAfter - seconds <= Int64(Self.problemDays) * 86_400
  }
}

extension ClusterStatus {
  package struct Certificate: Sendable {
    /// "client" or "peer".
    package var use = ""
    /// RFC 3339, UTC.
    package var expiresAt = ""
    /// Rounded down; below 0 once it has ended.
    package var daysLeft = 0
    /// The files have changed to something that cannot be used.
    package var renewalRefused = false
    package init() {}
  }
}
