import Kernel
import Node
import Raft

/// A node and its disk: writes go to it, and the word of what is durable comes back.
extension World {
  func submit(_ write: Write, at node: SimulatedNode) {
    if mistake == .messagesBeforeSync { send(write.messages, from: node) }
    node.disk.submit(write)
    if mistake == .ownAckBeforeSync {
      node.reportedNumber = write.number
      node.process?.node.take(.written(number: write.number, seconds: 0), at: time(of: node))
    }
    beginSync(node)
  }

  func beginSync(_ node: SimulatedNode) {
    guard node.disk.beginGroup() else { return }
    let time = plan.syncTime / 2 + dice.below(plan.syncTime + 1)
    schedule(
      .syncEnds(node: node.place, life: node.life), in: (isCalm ? min(time, 2_000) : time) * node.disk.slowness)
  }

  /// The disk works on while the process is frozen; the word of it waits.
  func syncEnded(_ node: SimulatedNode) {
    mix(6, node.place)
    let refused = damagedOnArrival(at: node)
    node.refusedNumbers += refused.sorted()
    let done = node.disk.endGroup(lying: mistake == .lyingSync, refused: refused)
    for text in node.disk.complaints { return fail("the disk of node \(node.id): \(text)") }
    for write in done where !node.isAstray { checks.sawDurable(write, by: node, in: self) }
    beginSync(node)
    guard let last = done.last?.number else { return }
    node.durableNumber = last
    if !node.isFrozen { reportDurable(node) }
  }

  /// Snapshots that were damaged on their way, as the disk finds out before it lets them take the log's place.
  private func damagedOnArrival(at node: SimulatedNode) -> Set<UInt64> {
    // With these the node has been told already, or the disk has not looked.
    if mistake == .ownAckBeforeSync || mistake == .lyingSync || isCalm { return [] }
    let damaged = node.disk.snapshotsInGroup.filter { _ in arrivals.chance(permille: plan.damagedArrivals) }
    for number in damaged {
      tally.snapshotsRefused += 1
      tell("refused", ["node": .number(node.id.rawValue), "write": .number(number)])
    }
    return Set(damaged)
  }

  /// In the order of the numbers, as the store tells it.
  func reportDurable(_ node: SimulatedNode) {
    let refused = node.refusedNumbers
    node.refusedNumbers = []
    for number in refused where mistake != .refusedSnapshotCounts {
      written(number - 1, at: node)
      node.process?.node.take(
        .snapshotRefused(number: number, reason: "damaged on its way"), at: time(of: node))
      node.reportedNumber = max(node.reportedNumber, number)
    }
    written(node.durableNumber, at: node)
    comeToAnEnd(node)
  }

  private func written(_ number: UInt64, at node: SimulatedNode) {
    guard number > node.reportedNumber else { return }
    node.reportedNumber = number
    node.process?.node.take(.written(number: number, seconds: 0.001), at: time(of: node))
  }

  // MARK: Room

  func diskFills(_ node: SimulatedNode) {
    node.disk.isFull = true
    tellRoom(node)
  }

  func diskHasRoom(_ node: SimulatedNode) {
    node.disk.isFull = false
    beginSync(node)
    tellRoom(node)
  }

  /// A process that is frozen, or not there yet, hears of it later.
  func tellRoom(_ node: SimulatedNode) {
    guard node.isUp, node.diskIsFull != node.disk.isFull else { return }
    node.diskIsFull = node.disk.isFull
    give(node.diskIsFull ? .diskFull(free: 0) : .roomAgain(free: 1 << 30), to: node)
  }
}
