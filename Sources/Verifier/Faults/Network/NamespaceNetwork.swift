import Synchronization

/// Real packets that do not arrive: each node has a network namespace of its own with rules of its own. What clients
/// send comes from another address and always arrives.
final class NamespaceNetwork: NodeNetwork {
  private let site: NamespaceSite
  /// Nodes that may have rules.
  private let ruled = Mutex<Set<String>>([])

  init(_ site: NamespaceSite) { self.site = site }

  func obstruct(_ obstruction: Obstruction) async throws {
    let addresses = site.addresses
    for name in [obstruction.node] + obstruction.others where addresses[name] == nil {
      throw Striker.Failure(description: "\(name) is in no network namespace", isForGood: true)
    }
    let rules = PacketRules.rules(for: obstruction, addresses: addresses)
    ruled.withLock { $0.formUnion(rules.keys) }
    do { try await apply(rules) } catch {
      try await mend()
      // A kernel without the module for it does not lose packets by chance, and never will.
      throw Striker.Failure(
        description: "\(error)", isForGood: { if case .loss = obstruction.harm { true } else { false } }())
    }
  }

  func mend() async throws {
    let names = ruled.withLock { $0 }
    try await apply(Dictionary(uniqueKeysWithValues: names.map { ($0, PacketRules()) }))
    ruled.withLock { $0.subtract(names) }
  }

  private func apply(_ rules: [String: PacketRules]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { [site] tasks in
      for (name, rules) in rules.sorted(by: { $0.key < $1.key }) {
        tasks.addTask { try await SystemTool.aside { try site.apply(rules, to: name) } }
      }
      try await tasks.waitForAll()
    }
  }
}
