import Certificates

/// Looks at the cluster from outside.
struct ClusterWatch: Sendable {
  let fleet: NodeFleet
  let requests: NodeRequests

  func statuses() async -> [(node: NodeFleet.Node, status: NodeStatus?)] {
    await withTaskGroup(of: (Int, NodeFleet.Node, NodeStatus?).self) { tasks in
      for (place, node) in fleet.nodes.enumerated() {
        tasks.addTask { (place, node, try? await requests.status(at: node.url)) }
      }
      var found: [(Int, NodeFleet.Node, NodeStatus?)] = []
      for await one in tasks { found.append(one) }
      return found.sorted { $0.0 < $1.0 }.map { ($0.1, $0.2) }
    }
  }

  /// The name of the node that says of itself that it leads.
  func leader(within seconds: Double = 20) async -> String? {
    let end = ContinuousClock.now + .seconds(seconds)
    repeat {
      for (node, status) in await statuses() {
        if let status, status.leader == status.observedBy { return node.name }
      }
      try? await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < end && !Task.isCancelled
    return nil
  }

  /// The node that owns the most sessions, as the nodes say of each other.
  func busiest() async -> String? {
    let views = await statuses().compactMap(\.status)
    let loads = views.flatMap { view in
      view.members.filter { $0.id == view.observedBy }.map { ($0.id, $0.load?.sessions ?? 0) }
    }
    return loads.max { ($0.1, $1.0) < ($1.1, $0.0) }?.0
  }

  /// Waits until every node says that all is well and names the same leader.
  /// - Returns: nil when it is so, else what is wrong.
  func awaitWell(within seconds: Double) async -> String? {
    let end = ContinuousClock.now + .seconds(seconds)
    var wrong = "no node was asked"
    repeat {
      let views = await statuses()
      guard let one = views.lazy.compactMap({ complaint($0.node, $0.status) }).first else {
        let leaders = Set(views.compactMap { $0.status?.leader })
        if leaders.count == 1 { return nil }
        wrong = "nodes name different leaders: \(leaders.sorted())"
        continue
      }
      wrong = one
      // A node without an answer may be one that is spoken to in the wrong way.
      if let node = views.first(where: { $0.status == nil })?.node, let words = await trouble(with: node) {
        wrong += ": \(words)"
      }
      try? await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < end && !Task.isCancelled
    return wrong
  }

  private func trouble(with node: NodeFleet.Node) async -> String? {
    do {
      _ = try await requests.status(at: node.url)
      return nil
    } catch { return TLSFailure.words(for: error, from: .server) }
  }

  private func complaint(_ node: NodeFleet.Node, _ status: NodeStatus?) -> String? {
    guard let status else { return "\(node.name) does not answer" }
    if status.change != nil { return "\(node.name): a change of the members is under way" }
    if status.health == "ok", status.leader != nil { return nil }
    let problems = (status.problems ?? []).map { "\($0.code) \($0.node ?? "")" }.joined(separator: ", ")
    return "\(node.name) says \(status.health), leader \(status.leader ?? "none") \(problems)"
  }

  /// Waits until all nodes have applied the same, and nothing more is committed.
  func awaitQuiet(within seconds: Double) async -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    var before: Set<UInt64> = []
    repeat {
      let views = await statuses()
      let indexes = Set(views.map { $0.status?.appliedIndex ?? 0 })
      if indexes.count == 1, indexes == before, !indexes.contains(0) { return true }
      before = indexes
      try? await Task.sleep(for: .milliseconds(300))
    } while ContinuousClock.now < end && !Task.isCancelled
    return false
  }
}
