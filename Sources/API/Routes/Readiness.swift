internal import Protocol

/// One condition of a node that is ready to serve.
package struct ReadinessCheck: Sendable {
  package var name: String
  package var isPassed: Bool
  /// What was seen, and when it failed what to do.
  package var detail: String
  package init(name: String, isPassed: Bool, detail: String) {
    self.name = name
    self.isPassed = isPassed
    self.detail = detail
  }
}

/// Judges by the replica's own report whether clients should be sent to this node.
struct Readiness: Sendable {
  static let leader = "leader"

  let cluster: any Cluster
  /// Entries that the node may be behind in applying what is committed.
  let lag: UInt64
  /// Bytes that have to be free where the log is.
  let diskFreeBytes: UInt64
  /// More of the composition root, such as that the node is draining.
  let others: @Sendable () async -> [ReadinessCheck]

  func checks() async -> [ReadinessCheck] {
    let status = await cluster.status()
    let own = status.members.first { $0.id == cluster.thisNode.name }
    var checks = [
      ReadinessCheck(
        name: Self.leader, isPassed: status.leader != nil,
        detail: status.leader.map { "\($0) leads in term \(status.term)" }
          ?? "no leader is known in term \(status.term); \(status.quorum.reachable) of the \(status.quorum.needed) "
          + "nodes that are needed can be reached"),
      lagCheck(status),
      ReadinessCheck(
        name: "draining", isPassed: own?.state != "draining",
        detail: own?.state == "draining" ? "the node hands over its sessions and will leave" : "not draining"),
    ]
    checks += problemChecks(status)
    if let storage = own?.storage { checks.append(diskCheck(storage.diskFreeBytes)) }
    return checks + (await others())
  }

  /// What makes this node useless to its clients, by the problems that it or anybody sees in it.
  private func problemChecks(_ status: ClusterStatus) -> [ReadinessCheck] {
    let own = status.problems.filter { $0.node == cluster.thisNode.name }
    return [
      ("progress", [ProblemCode.noProgress, .diskFull, .diskSlow], "stores and applies what is committed"),
      ("data", [.oldCopy, .stateDiffers], "the data is what the cluster has, as far as is known"),
    ].map { name, codes, detail in
      let problem = own.first { codes.contains($0.code) }
      return ReadinessCheck(name: name, isPassed: problem == nil, detail: problem?.advice ?? detail)
    }
  }

  private func lagCheck(_ status: ClusterStatus) -> ReadinessCheck {
    let behind = status.commitIndex - min(status.appliedIndex, status.commitIndex)
    return ReadinessCheck(
      name: "lag", isPassed: behind <= lag,
      detail: "\(behind) committed entries are not applied yet; up to \(lag) are allowed")
  }

  private func diskCheck(_ free: UInt64) -> ReadinessCheck {
    ReadinessCheck(
      name: "disk", isPassed: free >= diskFreeBytes,
      detail: "\(free) bytes are free; at least \(diskFreeBytes) are needed")
  }
}
