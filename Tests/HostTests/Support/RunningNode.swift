import Kernel
import Protocol
import Raft
import Storage

@testable import Host
@testable import Node

/// A node with its store and time of its own; none of its peers is there but as a test plays it. The disk has done at once
/// what it is told.
final class RunningNode {
  var node: Node
  let store: DiskStore
  private var now = Instant(nanoseconds: 5_000_000_000)

  var raft: RaftNode { node.raft }

  init(_ configuration: NodeConfiguration, _ restored: RestoredNode, _ store: DiskStore) throws {
    self.store = store
    node = try Node(configuration: configuration, restored: restored, at: Self.time(now))
    store.start { _ in }
  }

  private static func time(_ now: Instant) -> NodeTime { NodeTime(now: now, timeOfDay: now.milliseconds) }

  /// Many election timeouts.
  func letTimePass(ticks: Int = 1_000) throws {
    for _ in 0..<ticks {
      now = now + .milliseconds(10)
      node.take(.tick(Surroundings()), at: Self.time(now))
      try endTurn()
    }
  }

  /// A peer tells of itself, as it does when there is a connection.
  func hears(from peer: UInt64, inUse: Bool) throws {
    var notice = NodeNotice()
    notice.inUse = inUse
    node.take(.peer(.notice(notice), from: NodeID(peer)), at: Self.time(now))
    try endTurn()
  }

  private func endTurn() throws {
    while true {
      let output = node.endTurn(at: Self.time(now))
      if output.marksDisk { try store.beginRejoining() }
      store.submit(output.writes)
      if output.endsRejoining { try store.endRejoining() }
      guard let last = output.writes.last?.number else { return }
      node.take(.written(number: last, seconds: 0), at: Self.time(now))
    }
  }
}
