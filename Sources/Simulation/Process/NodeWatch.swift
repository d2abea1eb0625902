import Desk
import Node
import Raft

/// Shows the checks every step of a node from within its turn. It lives on the one thread of its simulation.
final class NodeWatch: NodeObserver, @unchecked Sendable {
  private unowned let world: World
  private unowned let node: SimulatedNode

  init(_ world: World, _ node: SimulatedNode) {
    self.world = world
    self.node = node
  }

  func proposes(_ submissions: [Submission]) {
    if !node.isAstray { world.checks.sawProposed(submissions, by: node, in: world) }
  }

  func took(_ ready: Ready, _ raft: inout RaftNode) {
    if node.mayGoAstray { node.isAstray = world.isOfAnother(raft.membership) }
    guard !node.isAstray else { return }
    world.checks.sawState(&raft, of: node, in: world)
    world.checks.sawPersisted(&raft, of: node)
    guard !ready.isEmpty else { return }
    if let write = ready.write { world.checks.sawWrite(write, &raft, by: node) }
    if let status = ready.status {
      world.tell(
        "status",
        [
          "node": .number(node.id.rawValue), "role": .text(status.role.rawValue),
          "term": .number(status.term.rawValue), "leader": .number(status.leader?.rawValue ?? 0),
        ])
    }
    world.nemesis.lookAt(ready, raft.role, of: node)
  }

  func willApply(_ entry: Entry, _ desk: borrowing ReplicatedState) {
    guard !node.isAstray else { return }
    if entry.index != node.appliedIndex.next {
      world.fail("node \(node.id) applies entry \(entry.index) after \(node.appliedIndex)")
    }
    _ = world.checks.sawCommitted(entry, by: node, in: world)
    if world.mistake == .snapshotIndexTooHigh { node.deskBefore = copy desk }
  }

  func applied(_ entry: Entry, _ submissions: [Submission], _ effects: [Effect], _ desk: ReplicatedState) {
    node.appliedIndex = entry.index
    guard !node.isAstray else { return }
    if desk.level > world.level(of: node) {
      world.fail("the cluster is at level \(desk.level), and node \(node.id) reads \(world.level(of: node))")
    }
    world.checks.sawApplied(entry, submissions, effects, desk, by: node)
  }

  func installed(_ meta: SnapshotMeta, _ desk: ReplicatedState) {
    world.tally.snapshotsInstalled += 1
    node.appliedIndex = meta.index
    guard !node.isAstray else { return }
    world.tell("install", ["node": .number(node.id.rawValue), "index": .number(meta.index.rawValue)])
    if let stored = node.disk.snapshot, stored.meta == meta {
      world.checks.sawInstalled(meta, stored.bytes, desk, by: node)
    }
  }
}
