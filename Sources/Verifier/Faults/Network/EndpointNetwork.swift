import Foundation
import NIOHTTP1

/// Nodes pretend not to hear each other: the endpoint that they have when they were started with `development.faults`.
struct EndpointNetwork: NodeNetwork {
  /// What is sent.
  struct Body: Encodable, Equatable {
    var nodes: [String]
    var direction: Obstruction.Direction
  }

  /// How long a node may take to take away what it was told to do, in seconds.
  private static let patience = 10.0

  let fleet: NodeFleet
  let requests: NodeRequests

  /// - Throws: `Striker.Failure` when nodes cannot pretend that.
  static func body(for obstruction: Obstruction) throws -> Body {
    guard case .cut(let direction) = obstruction.harm else {
      throw Striker.Failure(
        description: "packets are only lost between network namespaces, and the nodes are in none",
        isForGood: true)
    }
    return Body(nodes: obstruction.others, direction: direction)
  }

  /// The node that is cut off is asked itself, which it answers without a quorum.
  func obstruct(_ obstruction: Obstruction) async throws {
    let body = try Self.body(for: obstruction)
    guard let node = fleet.node(obstruction.node) else { return }
    try await put(body, to: node)
  }

  func mend() async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for node in fleet.nodes { tasks.addTask { try await mend(node) } }
      try await tasks.waitForAll()
    }
  }

  private func mend(_ node: NodeFleet.Node) async throws {
    let end = ContinuousClock.now + .seconds(Self.patience)
    while true {
      do {
        return try await put(Body(nodes: [], direction: .both), to: node)
      } catch let failure as Striker.Failure where failure.isForGood {
        throw failure
      } catch {
        guard ContinuousClock.now < end else { throw error }
        try? await Task.sleep(for: .milliseconds(250))
      }
    }
  }

  private func put(_ body: Body, to node: NodeFleet.Node) async throws {
    let (status, answer, _) = try await requests.ask(
      .PUT, node.url + "/v1/development/partition", try JSONEncoder().encode(body))
    guard status != 200 else { return }
    let complaint = NodeComplaint(status: status, body: String(decoding: answer, as: UTF8.self))
    throw Striker.Failure(
      description: "partition: \(complaint)", isForGood: status == 404 || status == 405 || status == 409)
  }
}
