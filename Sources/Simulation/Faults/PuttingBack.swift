import Desk
import Kernel
import Node
import Raft

/// An old copy of a disk is put back. Its node has forgotten what it promised; the others remember, and it has to end before
/// anything comes of it. While one is there nothing else goes wrong: what a copy and a further loss do together nobody can
/// keep from happening.
extension World {
  func takeCopy() {
    guard let id = copyDice.pick(membership.voters), let node = node(id), node.isUp, !node.isOldCopy,
      node.copyOfDisk == nil, !node.isAstray, !node.disk.isMarked,
      // An empty one has forgotten that it was ever used, and is taken in like any.
      node.disk.lastIndex > .zero
    else { return }
    node.copyOfDisk = node.disk.copied
    schedule(
      .repair(.putBack(node: node.place, store: node.stores, tries: 8)),
      in: 2 * plan.electionTime + copyDice.below(10 * plan.electionTime))
  }

  func putBack(_ node: SimulatedNode, store: Int, tries: Int) {
    guard !isCalm, let copy = node.copyOfDisk, node.stores == store, puttingBack == nil else { return }
    guard mayLoseDisk, node.isUp, membership.votes(node.id), let leader, leader.place != node.place,
      leader.state.level >= .second,
      membership.voters.allSatisfy({ self.node($0).map { $0.isUp && !$0.turnIsDue } ?? false }),
      let told = leader.process?.node.told(of: node.id),
      (copy.hardState.term.rawValue, copy.lastIndex.rawValue) < (told.term, told.index)
    else {
      if tries == 0 { return }
      return schedule(
        .repair(.putBack(node: node.place, store: store, tries: tries - 1)), in: plan.electionTime)
    }
    node.copyOfDisk = nil
    tally.faults["old copy", default: 0] += 1
    tell("old copy", ["node": .number(node.id.rawValue), "last": .number(copy.lastIndex.rawValue)])
    network.heal()
    network.clean()
    puttingBack = node.id
    rebuilding = node.id
    crash(node)
    node.disk = copy
    node.isOldCopy = true
    node.copyPutBackAt = now
    node.isAstray = true
    node.startsWithCare = true
    start(node)
    schedule(.repair(.lookAtCopy(node: node.place)), in: patienceWithCopies)
  }

  private var patienceWithCopies: Int { 20 * plan.electionTime + 2_000_000 }

  func lookAtCopy(_ node: SimulatedNode) {
    // Another one may have been put back since.
    if node.isOldCopy, now >= node.copyPutBackAt + patienceWithCopies {
      fail("an old copy of the disk of node \(node.id) was put back, and nobody has noticed")
    }
  }

  /// The node has found out by itself, or was told, and somebody empties its disk.
  func endedAsOldCopy(_ node: SimulatedNode, _ reason: String) {
    guard node.isOldCopy else { return fail("node \(node.id) ends as an old copy, and is none: \(reason)") }
    tally.faults["old copy found", default: 0] += 1
    crash(node)
    node.isOldCopy = false
    puttingBack = nil
    wipe(node, marked: true)
    schedule(
      .repair(.restart(node: node.place, life: node.life)), in: 1 + copyDice.below(3 * plan.electionTime))
  }
}
