import Desk
import Logging
import NIOCore
import Protocol
import Raft
import Wire

/// A node that is about to stop, or to be left alone: first it stops leading, then its sessions go to others. Its clients
/// are the gateway's business, and its vote stays.
extension ReplicaCore {
  /// Begins the drain, or ends one.
  ///
  /// - Parameter done: called once this node does not lead and owns no session any more, or after
  ///   `options.drainPatience` milliseconds.
  func drain(_ isDraining: Bool, done: @escaping @Sendable () -> Void) {
    guard isRunning else { return done() }
    takeTime()
    self.isDraining = isDraining
    raft.priority = reluctance > .none ? .low : .normal
    guard isDraining else {
      sendNotices()
      scheduleTurnEnd()
      return done()
    }
    logger.notice("this node is drained: it gives leadership and sessions to others")
    // Whoever hands leadership over meanwhile is to know at once that it is not wanted here.
    sendNotices()
    drainWaiters.append((now + .milliseconds(Int64(options.drainPatience)), done))
    pushDrain()
    scheduleTurnEnd()
  }

  /// Goes on with the drain; from the tick.
  func pushDrain() {
    guard isDraining else { return }
    handOverIfReluctant()
    // The leader gives away what belongs to a node that says so (`watchServers`).
    if raft.role != .leader, let leader = raft.leader { sendNotice(to: leader) }
    reportDrained()
  }

  func abandonDrains() {
    for waiter in drainWaiters { waiter.done() }
    drainWaiters = []
  }

  private func reportDrained() {
    guard !drainWaiters.isEmpty else { return }
    // With nobody to give to, as when the whole cluster is stopped, there is nothing to wait for.
    let hasHeir = members.contains { $0.id != server.rawValue && canOwn(NodeID($0.id)) }
    // Leadership that nobody should have stays here until the process ends.
    let isDone = !hasHeir || (isLeadershipSettled && desk.ownedCount(of: server) == 0)
    let ready = drainWaiters.filter { isDone || $0.until <= now }
    guard !ready.isEmpty else { return }
    drainWaiters.removeAll { isDone || $0.until <= now }
    if isDone {
      logger.notice("this node is drained")
    } else {
      logger.warning("this node is not drained in time; what it owns is moved when it is gone")
    }
    for waiter in ready { waiter.done() }
  }
}
