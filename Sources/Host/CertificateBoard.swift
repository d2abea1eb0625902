package import Protocol
import Synchronization

/// The node's certificates as the process that serves it has read them, for those on other threads.
package final class CertificateBoard: Sendable {
  private let reports = Mutex<[CertificateReport]>([])

  package init() {}

  package var current: [CertificateReport] { reports.withLock { $0 } }
  package func replace(_ newer: [CertificateReport]) { reports.withLock { $0 = newer } }
}
