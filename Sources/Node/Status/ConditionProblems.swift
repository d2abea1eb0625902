import Desk
import Kernel
import Protocol
import Raft

/// What nodes say of themselves, as problems of the cluster. The one table of conditions that need no more than a sentence.
extension Node {
  static let conditionTable:
    [(condition: NodeConditions, code: ProblemCode, advice: @Sendable (String) -> String)] =
      [
        (
          .memoryShort, .memoryShort,
          {
            "\($0) has too little memory and takes nothing new; give it more, or raise limits.memory_bytes there"
          }
        ),
        (
          .diskSlow, .diskSlow,
          {
            "the disk of \($0) has not finished a write for 3 s: see whether the disk below its data directory answers; "
              + "\($0) counts for nothing meanwhile"
          }
        ),
        (
          .archiveFails, .archiveFails,
          {
            "the archive of \($0) cannot be opened or written; its log says why. Nothing is lost: it is filled when it can be "
              + "written again, and one that could not be opened when \($0) starts again"
          }
        ),
        (
          .clockOff, .clockOff,
          {
            "the clock of \($0) differs from those of the others: see whether it is synchronized (chronyc tracking)"
          }
        ),
        (
          .limitsLow, .limitsLow,
          { "a limit of the machine of \($0) is too low for what it is configured for: its log says which" }
        ),
        (
          .certificateExpires, .certificateExpires,
          {
            "a certificate of \($0) ends soon: renew it; its log says which. It is read again when the file changes"
          }
        ),
        (
          .certificateExpired, .certificateExpired,
          {
            "a certificate of \($0) has ended: renew it; its log says which. It is read again when the file changes"
          }
        ),
        (
          .doesNotVote, .catchingUp,
          { "\($0) has no data that counts and is taken in; it votes once it has caught up" }
        ),
      ]

  /// Of this node, and of each that can be reached.
  func conditionProblems() -> [ClusterStatus.Problem] {
    var problems: [ClusterStatus.Problem] = []
    for member in group.members {
      let isSelf = member.id == server.rawValue
      guard isSelf || peers.isConnected(NodeID(member.id)) else { continue }
      var conditions = isSelf ? ownConditions : peers.report(of: NodeID(member.id))?.conditions ?? []
      // Of its own certificates a node says which: see `certificateProblems`.
      if isSelf { conditions.subtract([.certificateExpires, .certificateExpired]) }
      for line in Self.conditionTable where conditions.contains(line.condition) {
        problems.append(
          ClusterStatus.Problem(
            code: line.code, node: member.name, since: wallTime(of: since(line.condition, of: member.id)),
            advice: line.advice(member.name)))
      }
    }
    return problems
  }

  /// What this node says of itself.
  var ownConditions: NodeConditions {
    var conditions = surroundings.conditions.union(certificateConditions)
    if memory.isShort { conditions.insert(.memoryShort) }
    if diskWatch.isHanging { conditions.insert(.diskSlow) }
    if raft.isRejoining { conditions.insert(.doesNotVote) }
    if progress.stuckSince(raft.id) != nil { conditions.insert(.noProgress) }
    if archive.isFailing { conditions.insert(.archiveFails) }
    if clockIsOff { conditions.insert(.clockOff) }
    if standstill != nil { conditions.insert(.differs) }
    return conditions
  }

  private func since(_ condition: NodeConditions, of member: UInt64) -> Instant {
    if member != server.rawValue { return peers.since(condition, of: NodeID(member)) ?? now }
    switch condition {
    case .memoryShort: return memoryShortSince
    case .diskSlow: return now - diskWatch.age
    default: return ownSince(condition)
    }
  }

  private func ownSince(_ condition: NodeConditions) -> Instant {
    conditionsSince.since(condition) ?? now
  }
}

/// Since when each condition of one node holds.
struct ConditionTimes {
  private var times: [(condition: NodeConditions, at: Instant)] = []

  mutating func look(_ conditions: NodeConditions, at now: Instant) {
    times.removeAll { !conditions.contains($0.condition) }
    var rest = conditions.rawValue
    while rest != 0 {
      let bit = NodeConditions(rawValue: rest & (~rest + 1))
      rest &= rest - 1
      if !times.contains(where: { $0.condition == bit }) { times.append((bit, now)) }
    }
  }

  func since(_ condition: NodeConditions) -> Instant? { times.first { $0.condition == condition }?.at }
}
