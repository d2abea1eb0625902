import Gateway
import Host
import Protocol
import ServiceLifecycle

/// What operators may do to this node and its cluster, replica and clients together.
final class NodeOperator: ClusterControl {
  private let replica: Replica
  private let gateway: GatewayLoops

  init(replica: Replica, gateway: GatewayLoops) {
    self.replica = replica
    self.gateway = gateway
  }

  func change(_ change: MemberChange) async throws -> MemberChangeOutcome {
    try await replica.change(change)
  }

  func transferLeadership(to name: String?) async throws -> TransferReport {
    try await replica.transferLeadership(to: name)
  }

  func snapshot() async throws -> SnapshotReport { try await replica.snapshot() }

  func detachMonth(_ month: String) async throws -> String { try await replica.detachMonth(month) }

  func attachMonth(_ month: String) async throws { try await replica.attachMonth(month) }

  func giveUpMonth(_ month: String) async throws { try await replica.giveUpMonth(month) }

  func mendArchive(month: String?, after: String?) async throws -> ArchiveMending {
    try await replica.mendArchive(month: month, after: after)
  }

  func inject(_ fault: DevelopmentFault) async throws { try await replica.inject(fault) }

  func drain(_ name: String, _ isDraining: Bool) async throws {
    let members = replica.members
    guard let member = members.first(where: { $0.name == name }) else {
      throw ControlFailure.notFound(
        "there is no member \(name); the members are \(members.map(\.name).joined(separator: ", "))")
    }
    guard member.id == replica.thisNode.id else { throw ControlFailure.elsewhere(member) }
    if isDraining {
      try await drain(reason: "drain")
    } else {
      await replica.drain(false)
      gateway.open()
    }
  }

  /// Leadership and sessions first, while the clients are still served here; then the clients, spread over so long that
  /// the others are not overrun.
  func drain(reason: String) async throws {
    await replica.drain(true)
    let others = replica.members.map(\.name).filter { $0 != replica.thisNode.name }
    let spread = min(10_000, max(1_000, gateway.figures().connections))
    try await gateway.drain(reason: reason, nodes: others, spreadMilliseconds: spread)
  }
}

/// A node that is told to end is drained before its port closes.
struct DrainService: Service {
  let node: NodeOperator
  let began: @Sendable () -> Void

  func run() async throws {
    try? await gracefulShutdown()
    began()
    try await node.drain(reason: "shutdown")
  }
}
