import Desk
import Kernel
import Node
import Raft

/// What becomes of rows that nodes hand to their archives, and of those that archives give each other.
extension World {
  func archive(_ job: SimulatedArchive.Job, at node: SimulatedNode) {
    let isIdle = !node.archive.isWriting
    node.archive.submit(job)
    if isIdle {
      schedule(.archiveWrites(node: node.place, life: node.life), in: 200 + archiveDice.below(plan.archiveTime))
    }
  }

  /// The archive has come to the end of a transaction, or cannot write.
  func archiveWrites(_ node: SimulatedNode) {
    guard !node.isFrozen else { return schedule(.archiveWrites(node: node.place, life: node.life), in: 5_000) }
    let told: [NodeInput]
    if !isCalm, archiveDice.chance(permille: 30) {
      var month: UInt32?
      // What all have lost is busy for ever, and whoever talks much reads it until there is an answer.
      if archiveDice.chance(permille: 300), !plan.talks || node.place == 0 {
        tally.faults["an archive that loses a file", default: 0] += 1
        month = UInt32(archiveDice.below(Int(SimulatedArchive.months)))
      } else {
        tally.faults["an archive that cannot write", default: 0] += 1
      }
      told = node.archive.loseWaiting("no space left on device", month: month)
    } else {
      told = node.archive.write()
    }
    // Without a turn of its own: what follows from it comes with the next one.
    let time = time(of: node)
    for input in told { node.process?.node.take(input, at: time) }
  }

  func archiveReads(_ node: SimulatedNode, _ read: ArchivePageRead) {
    let isBusy = !isCalm && archiveDice.chance(permille: 100)
    node.process?.node.take(
      .archivePageRead(number: read.number, isBusy ? nil : node.archive.page(read.request)), at: time(of: node))
  }

  /// Somebody has what the archive misses.
  func canFill(_ node: SimulatedNode) -> Bool {
    guard node.state.level >= .sixth else { return false }
    return node.archive.gaps.list.contains { gap in
      group.contains { $0.place != node.place && !$0.archive.complete(in: gap).isEmpty }
    }
  }

  /// With all that was said the archive of every node has what its state says, and what the others have.
  func checkArchives() {
    for node in group where checks.violations.isEmpty {
      if let difference = node.archive.difference(from: node.state) {
        fail("the archive of node \(node.id) \(difference)")
      }
      for other in group where other.place != node.place && checks.violations.isEmpty {
        guard let difference = node.archive.difference(from: other.archive) else { continue }
        fail("the archive of node \(node.id) \(difference), and that of node \(other.id) has")
      }
    }
  }
}
