import Desk
import Kernel
import Protocol
import Raft

/// Whether the node is to be emptied, and who waits for that.
struct Drain {
  private(set) var isDraining = false
  private var waiters: [(call: UInt64, until: Instant)] = []

  var isWaitedFor: Bool { !waiters.isEmpty }

  mutating func set(_ isDraining: Bool) { self.isDraining = isDraining }

  mutating func wait(_ call: UInt64, until: Instant) { waiters.append((call, until)) }

  /// - Returns: whose patience has ended.
  mutating func takeLate(_ now: Instant) -> [UInt64] {
    let late = waiters.filter { $0.until <= now }.map(\.call)
    waiters.removeAll { $0.until <= now }
    return late
  }

  mutating func takeAll() -> [UInt64] {
    defer { waiters = [] }
    return waiters.map(\.call)
  }
}

/// A node that is about to stop, or to be left alone: first it stops leading, then its sessions go to others. Its clients
/// are the gateway's business, and its vote stays.
extension Node {
  /// Begins the drain, or ends one. It is answered once this node does not lead and owns no session any more, or after
  /// `configuration.drainPatience` milliseconds.
  mutating func drain(_ isDraining: Bool, for call: UInt64) {
    drain.set(isDraining)
    raft.priority = reluctance > .none ? .low : .normal
    guard isDraining else {
      sendReports()
      // Nobody waits for the end of what is over.
      for waiter in drain.takeAll() { output.answers.append((waiter, .drained)) }
      return output.answers.append((call, .drained))
    }
    note(.notice, "this node is drained: it gives leadership and sessions to others")
    // Whoever hands leadership over meanwhile is to know at once that it is not wanted here.
    sendReports()
    drain.wait(call, until: now + .milliseconds(configuration.drainPatience))
    pushDrain()
  }

  /// Goes on with the drain; from the tick.
  mutating func pushDrain() {
    guard drain.isDraining else { return }
    handOverIfReluctant()
    // The leader gives away what belongs to a node that says so (`watchServers`).
    if raft.role != .leader, let leader = raft.leader { sendReport(to: leader) }
    reportDrained()
  }

  private mutating func reportDrained() {
    guard drain.isWaitedFor else { return }
    // With nobody to give to, as when the whole cluster is stopped, there is nothing to wait for.
    let hasHeir = group.members.contains { $0.id != server.rawValue && canOwn(NodeID($0.id)) }
    // Leadership that nobody should have stays here until the process ends.
    let isDone = !hasHeir || (isLeadershipSettled && state.ownedCount(of: server) == 0)
    let ready = isDone ? drain.takeAll() : drain.takeLate(now)
    guard !ready.isEmpty else { return }
    if isDone {
      note(.notice, "this node is drained")
    } else {
      note(.warning, "this node is not drained in time; what it owns is moved when it is gone")
    }
    for call in ready { output.answers.append((call, .drained)) }
  }
}
