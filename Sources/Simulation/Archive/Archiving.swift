import Desk
import Node
import Raft

/// What becomes of rows that nodes hand to their archives.
extension World {
  func archive(_ batch: ArchiveBatch, at node: SimulatedNode) {
    let isIdle = !node.archive.isWriting
    node.archive.submit(batch)
    if isIdle {
      schedule(.archiveWrites(node: node.place, life: node.life), in: 200 + archiveDice.below(plan.archiveTime))
    }
  }

  /// The archive has come to the end of a transaction, or cannot write.
  func archiveWrites(_ node: SimulatedNode) {
    guard !node.isFrozen else { return schedule(.archiveWrites(node: node.place, life: node.life), in: 5_000) }
    let time = time(of: node)
    // Without a turn of its own: what follows from it comes with the next one.
    if !isCalm, archiveDice.chance(permille: 30) {
      tally.faults["an archive that cannot write", default: 0] += 1
      node.archive.loseWaiting()
      node.process?.node.take(.archiveFailed("no space left on device"), at: time)
    } else {
      let durable = node.archive.write()
      node.process?.node.take(.archived(durable), at: time)
    }
  }

  /// With all that was said the archive of every node has just what its state says.
  func checkArchives() {
    for node in group where checks.violations.isEmpty {
      if let difference = node.archive.difference(from: node.desk) {
        fail("the archive of node \(node.id) \(difference)")
      }
    }
  }
}
