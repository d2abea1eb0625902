import Foundation
import NIOCore
import NIOHTTP1

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

  /// The node comes back with nothing at all, as with a new disk.
  package func startEmpty(_ place: Int) async throws {
    let name = fleet.nodes[place].name
    guard await fleet.awaitEnd(name, seconds: 10) else {
      throw Verification.Failure(description: "\(name) does not end after SIGKILL")
    }
    try fleet.wipe(name)
    try fleet.start(name)
  }

  /// One figure of a node's metrics, without labels.
  package func metric(_ name: String, at place: Int) async throws -> Double {
    let (status, body, _) = try await watch.requests.ask(.GET, fleet.nodes[place].url + "/metrics")
    let line = String(decoding: body, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + " ") }
    guard status == 200, let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
      throw Verification.Failure(description: "\(fleet.nodes[place].name) has no metric \(name)")
    }
    return value
  }

  /// Returns once it is on the disk.
  package func makeSnapshot(at place: Int) async throws {
    let url = fleet.nodes[place].url + "/v1/snapshots"
    let (status, body, _) = try await watch.requests.ask(.POST, url, Data("{}".utf8), timeout: .seconds(60))
    guard status == 200 else {
      throw NodeComplaint(status: status, body: String(decoding: body, as: UTF8.self))
    }
  }

  /// Where the archives of all nodes are, in the order of `urls`.
  package var archives: [String] { fleet.nodes.compactMap { $0.launch?.dataDirectory.map { $0 + "/archive" } } }

  /// What each node takes and has, in the order of `urls`; nil: it does not answer.
  package func samples() async -> [NodeSample?] {
    await watch.statuses().map { node, status in
      guard let status, let pid = node.pid, let memory = ProcessFigures.memory(of: pid) else { return nil }
      let archive = status.members.first { $0.id == status.observedBy }?.archive
      return NodeSample(
        memory: memory, lag: archive?.lag ?? 0, messages: archive?.messages ?? 0,
        isWhole: archive.map { !$0.gap && ($0.missingEntries ?? 0) == 0 } ?? false,
        rowsFromOthers: archive?.rowsFromOthers ?? 0)
    }
  }
}

/// Of a node that is looked at from outside.
package struct NodeSample: Sendable {
  /// Bytes of its process that are in memory.
  package var memory: Int
  /// Entries of the log that its archive does not have on disk yet.
  package var lag: Int
  /// Messages in its archive.
  package var messages: Int
  /// Its archive misses nothing.
  package var isWhole: Bool
  /// Rows that came from other nodes' archives since it started.
  package var rowsFromOthers: Int
}
