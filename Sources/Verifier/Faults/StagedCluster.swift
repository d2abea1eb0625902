/// Three nodes for somebody else's experiment: started, asked, killed, started again, and taken away.
package struct StagedCluster: Sendable {
  private let fleet: NodeFleet
  private let watch: ClusterWatch
  package let authorities: String?

  /// - Parameters:
  ///   - fleet: of `OwnCluster`.
  ///   - token: of an admin.
  ///   - authorities: a file of those that are believed, when the nodes serve clients with TLS.
  package init(_ fleet: NodeFleet, token: String, authorities: String? = nil) {
    self.fleet = fleet
    self.authorities = authorities
    watch = ClusterWatch(fleet: fleet, requests: NodeRequests(token: token, authorities: authorities))
  }

  /// `http://host:port` of all nodes, in a fixed order.
  package var urls: [String] { fleet.nodes.map(\.url) }

  package func start() throws {
    for node in fleet.nodes where !fleet.isRunning(node.name) { try fleet.start(node.name) }
  }

  /// - Throws: what is wrong when not all is well in time.
  package func awaitWell(seconds: Double) async throws {
    if let wrong = await watch.awaitWell(within: seconds) {
      throw Verification.Failure(description: "the cluster is not well: \(wrong)")
    }
  }

  /// Its place among `urls`.
  package func leader() async throws -> Int {
    guard let name = await watch.leader(), let place = fleet.nodes.firstIndex(where: { $0.name == name }) else {
      throw Verification.Failure(description: "nobody leads")
    }
    return place
  }

  /// SIGKILL. At once: nothing waits for the end of the process.
  package func kill(_ place: Int) { fleet.signal(fleet.nodes[place].name, 9) }

  package func startAgain(_ place: Int) async throws {
    let name = fleet.nodes[place].name
    guard await fleet.awaitEnd(name, seconds: 10) else {
      throw Verification.Failure(description: "\(name) does not end after SIGKILL")
    }
    try fleet.start(name)
  }
}
