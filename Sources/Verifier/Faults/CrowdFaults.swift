import Certificates
import Foundation

/// Strangers: people without a token who take what there is of a node.
extension Striker {
  /// From one address, with half a request or with many and no wish to read the answers.
  func crowd(_ name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void) async throws
    -> [Violation]
  {
    guard let node = fleet.node(name), let address = fleet.strangers.first else {
      throw Failure(description: "strangers have no address here", isForGood: true)
    }
    naming([name])
    let crowd = StrangerCrowd(
      to: node.host, port: node.port, from: [address],
      groups: [
        StrangerCrowd.Group(manner: .pipelining, count: 48), StrangerCrowd.Group(manner: .halfOpen, count: 160),
      ], trust: try trust(in: node))
    return try await hold(node, [crowd], choice, from: address)
  }

  /// More silent connections than the node has file descriptors, at both ports.
  func exhaust(_ name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void) async throws
    -> [Violation]
  {
    let addresses = fleet.strangers
    guard let node = fleet.node(name), let address = addresses.first, let most = fleet.descriptors else {
      throw Failure(description: "the nodes have as many descriptors as this machine gives", isForGood: true)
    }
    guard OwnDescriptors.raise() > 3 * most else {
      throw Failure(description: "this process may not have \(3 * most) file descriptors", isForGood: true)
    }
    naming([name])
    let peer = node.peer.split(separator: ":")
    let crowds = [
      StrangerCrowd(
        to: node.host, port: node.port, from: addresses,
        groups: [StrangerCrowd.Group(manner: .silent, count: most + most / 4)]),
      StrangerCrowd(
        to: String(peer.first ?? ""), port: peer.last.flatMap { Int($0) } ?? 0, from: addresses,
        groups: [StrangerCrowd.Group(manner: .silent, count: most / 2)]),
    ]
    return try await hold(node, crowds, choice, from: address)
  }

  /// Nil for a node that speaks plainly.
  private func trust(in node: NodeFleet.Node) throws -> ClientTrust? {
    node.url.hasPrefix("https://") ? try ClientTrust.standard(requests.authorities) : nil
  }

  /// While they are there, the node is asked for its health by others and from the midst of them.
  private func hold(
    _ node: NodeFleet.Node, _ crowds: [StrangerCrowd], _ choice: FaultPlan.Choice, from address: String
  ) async throws -> [Violation] {
    let trust = try trust(in: node)
    var tally = HealthTally(
      choice.kind, node: node.name, memory: node.pid.flatMap { ProcessFigures.memory(of: $0) })
    let began = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - began) / .seconds(1) }
    for crowd in crowds { await crowd.gather() }
    repeat {
      for (path, source) in [("/livez", nil), ("/readyz", nil), ("/livez", address)] {
        let status = await HealthProbe.ask(
          path, host: node.host, port: node.port, from: source, trust: trust, patience: .seconds(10))
        tally.answered(path, from: source == nil ? "others" : "the crowd's address", status, after: elapsed())
      }
      tally.has(memory: node.pid.flatMap { ProcessFigures.memory(of: $0) })
      for crowd in crowds { await crowd.gather() }
      try? await Task.sleep(for: .milliseconds(100))
    } while elapsed() * 1000 < Double(choice.hold) && !Task.isCancelled
    tally.has(memory: node.pid.flatMap { ProcessFigures.memory(of: $0) })
    for crowd in crowds { await crowd.disperse() }
    return tally.violations
  }
}

extension NodeFleet.Node {
  /// Of `url`.
  var host: String { URL(string: url)?.host ?? "" }
  var port: Int { URL(string: url)?.port ?? 80 }
}
