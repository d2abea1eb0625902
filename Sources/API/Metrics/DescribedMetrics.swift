internal import Desk
internal import Protocol

extension MetricsPage {
  /// All that a page can tell of: the families of one that leaves nothing out. The reference is made from it.
  static var described: [Exposition.Family] {
    var replica = ReplicaFigures()
    replica.archive = .init()
    replica.certificates = [CertificateReport(use: .client, notAfter: 0)]
    let process = ProcessFigures(
      residentBytes: 0, virtualBytes: 0, processorSeconds: 0, openFiles: 0, maximumFiles: 0, started: 0,
      threads: 0)
    return MetricsPage(
      node: "", version: "", replica: replica, desks: ReplicatedState().desks(.main, limit: 1).desks,
      gateway: GatewayFigures(), process: process
    ).exposition.families
  }
}
