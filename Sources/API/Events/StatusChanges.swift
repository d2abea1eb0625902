internal import Protocol

/// What has happened between two looks at the status of a cluster.
enum StatusChanges {
  /// In an order that does not depend on anything but the two.
  static func events(from old: ClusterStatus, to new: ClusterStatus) -> [ClusterEvent] {
    var found: [(String, [ClusterEvent.Member])] = []
    if old.leader != new.leader || old.term != new.term, old.leader != new.leader || new.leader != nil {
      found.append(("leader", [.init("leader", new.leader), .init("term", new.term)]))
    }
    if old.health != new.health || old.quorum.canLose != new.quorum.canLose {
      found.append(
        (
          "health",
          [
            .init("health", new.health.rawValue), .init("can_lose", new.quorum.canLose),
            .init("reachable", new.quorum.reachable), .init("voters", new.quorum.voters),
          ]
        ))
    }
    if old.level != new.level { found.append(("level", [.init("level", new.level)])) }
    for member in new.members {
      let before = old.members.first { $0.id == member.id }
      if before.map(facts) != facts(member) { found.append(("member", facts(member))) }
    }
    for member in old.members where !new.members.contains(where: { $0.id == member.id }) {
      found.append(("member_removed", [.init("node", member.id)]))
    }
    for problem in new.problems where !old.problems.contains(where: { isSame($0, problem) }) {
      found.append(
        (
          "problem",
          [
            .init("code", problem.code.rawValue), .init("node", problem.node), .init("since", problem.since),
            .init("advice", problem.advice),
          ]
        ))
    }
    for problem in old.problems where !new.problems.contains(where: { isSame($0, problem) }) {
      found.append(("problem_over", [.init("code", problem.code.rawValue), .init("node", problem.node)]))
    }
    if let change = new.change, change.step != old.change?.step {
      found.append(
        (
          "change",
          [.init("step", change.step), .init("joining", change.joining), .init("leaving", change.leaving)]
        ))
    } else if new.change == nil, old.change != nil {
      found.append(("change_over", []))
    }
    return found.map { ClusterEvent(name: $0, time: new.observedAt, members: $1) }
  }

  /// All of it at once, for whoever has seen nothing before.
  static func state(_ status: ClusterStatus) -> ClusterEvent {
    ClusterEvent(
      name: "state", time: status.observedAt,
      members: [
        .init("cluster", status.cluster), .init("node", status.observedBy),
        .init("health", status.health.rawValue),
        .init("can_lose", status.quorum.canLose), .init("leader", status.leader), .init("term", status.term),
        .init("level", status.level), .init("members", status.members.map(\.id)),
        .init("problems", status.problems.map(\.code.rawValue)),
      ])
  }

  private static func facts(_ member: ClusterStatus.Member) -> [ClusterEvent.Member] {
    [
      .init("node", member.id), .init("state", member.state), .init("reachable", member.reachable),
      .init("voter", member.voter), .init("version", member.version),
    ]
  }

  private static func isSame(_ left: ClusterStatus.Problem, _ right: ClusterStatus.Problem) -> Bool {
    left.code == right.code && left.node == right.node
  }
}
