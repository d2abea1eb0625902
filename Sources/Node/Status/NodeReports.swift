import Desk
import Kernel
import Protocol
import Raft

/// What nodes tell one another about themselves twice a second; the status page of each shows all.
extension Node {
  mutating func sendReports() {
    for member in group.members where member.id != server.rawValue { sendReport(to: NodeID(member.id)) }
  }

  mutating func sendReport(to peer: NodeID) { send(.notice(report(for: peer)), to: peer) }

  func ownReport() -> NodeNotice {
    var report = NodeNotice()
    report.appliedIndex = raft.appliedIndex.rawValue
    report.commitIndex = raft.commitIndex.rawValue
    report.version = configuration.version
    report.uptimeSeconds = UInt64(max(0, (now - metrics.startedAt).milliseconds / 1_000))
    report.connections = UInt64(max(0, surroundings.connections))
    report.ownedSessions = UInt64(state.ownedCount(of: server))
    report.cpu = surroundings.processorShare
    report.loopLagMilliseconds = surroundings.loopLagMilliseconds
    report.ackP99Milliseconds = metrics.ackSeconds.quantile(0.99) * 1e3
    report.logBytes = surroundings.disk.logBytes
    report.fsyncP99Milliseconds = metrics.syncSeconds.quantile(0.99) * 1e3
    report.snapshotIndex = snapshots.lastIndex.rawValue
    report.diskFreeBytes = surroundings.disk.freeBytes
    report.inUse = isInUse
    report.diskIsFull = takesNoWork
    report.isDraining = drain.isDraining
    report.group = has(.clusterUnchecked) ? nil : raft.membership.identity
    report.level = configuration.level
    report.conditions = ownConditions
    report.timeOfDay = timeOfDay
    addIntegrity(to: &report)
    if raft.membershipIndex <= raft.commitIndex {
      report.membersIndex = raft.membershipIndex.rawValue
      report.members = group.members.filter { raft.membership.contains(NodeID($0.id)) }
    }
    return report
  }
}
