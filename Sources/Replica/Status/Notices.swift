import Desk
import NIOCore
import Peering
internal import Protocol
import Raft
import Storage
import Wire

/// What nodes tell one another about themselves twice a second; the status page of each shows all.
extension ReplicaCore {
  func sendNotices() {
    statistics.processorLoad.look(now)
    measureLoopLag()
    for member in members where member.id != server.rawValue { sendNotice(to: NodeID(member.id)) }
  }

  func sendNotice(to peer: NodeID) {
    let notice = ownNotice()
    let level = level(of: peer)
    _ = network.send(.notice, to: peer, lane: .control) { notice.encode(into: &$0, for: level) }
  }

  func ownNotice() -> NodeNotice {
    let disk = store.statistics
    var notice = NodeNotice()
    notice.appliedIndex = raft.appliedIndex.rawValue
    notice.commitIndex = raft.commitIndex.rawValue
    notice.version = options.version
    notice.uptimeSeconds = UInt64(max(0, (now - statistics.startedAt).nanoseconds / 1_000_000_000))
    notice.connections = UInt64(openConnections())
    notice.ownedSessions = UInt64(desk.ownedCount(of: server))
    notice.cpu = statistics.processorLoad.share
    notice.loopLagMilliseconds = statistics.loopLagMilliseconds
    notice.ackP99Milliseconds = statistics.ackSeconds.quantile(0.99) * 1e3
    notice.logBytes = disk.logBytes
    notice.fsyncP99Milliseconds = statistics.syncSeconds.quantile(0.99) * 1e3
    notice.snapshotIndex = snapshots.lastIndex.rawValue
    notice.diskFreeBytes = disk.freeBytes
    notice.inUse = isInUse
    notice.diskIsFull = takesNoWork
    notice.isDraining = isDraining
    notice.level = options.peering.level
    notice.memoryIsShort = memory.isShort
    return notice
  }

  private func measureLoopLag() {
    let asked = NIODeadline.now()
    loop.execute { [self] in
      statistics.loopLagMilliseconds = Double((NIODeadline.now() - asked).nanoseconds) / 1e6
    }
  }

  func openConnections() -> Int {
    outboxes.reduce(0) { $0 + ($1.sink?.openConnections ?? 0) }
  }
}
