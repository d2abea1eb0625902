import Desk
import Kernel
import Node
import Protocol
import Raft

/// What an operator does: changes of the group, hand-overs of leadership, rebuilding of nodes.
extension World {
  var firstMembership: Membership {
    let first = nodes.prefix(plan.nodes).map(\.id)
    return plan.begins ? beginning(of: first) : Membership(voters: first)
  }

  /// Whether it is a configuration of a cluster that was begun beside this one.
  func isOfAnother(_ other: Membership) -> Bool {
    other.identity != nil && other.identity != membership.identity
  }

  /// The newest committed configuration.
  var membership: Membership { checks.membership ?? firstMembership }

  func changeGroup() {
    // While a node is rebuilt its vote is missing; nobody shrinks a group then.
    guard plan.changesMembership, rebuilding == nil, let leader else { return }
    let current = membership
    // Who has left while it ran the old release is taken in again when it runs the new one.
    let able = nodes.filter { level(of: $0) == .newest || !$0.isRunning }
    let outside = able.map(\.id).filter { !current.contains($0) }
    let learners = current.learners.filter { !current.joining.contains($0) }
    var change = MembershipChange()
    switch dice.below(6) {
    case 0, 1:
      guard let id = dice.pick(outside) else { return }
      change.add = [id]
    case 2:
      guard let id = dice.pick(outside) else { return }
      change.addLearners = [id]
    case 3:
      guard current.voters.count > 2, let id = dice.pick(current.voters) else { return }
      change.remove = [id]
    case 4:
      guard let id = dice.pick(outside), let other = dice.pick(current.voters) else { return }
      change.add = [id]
      change.remove = [other]
    default:
      if let id = dice.pick(learners) {
        change.add = [id]
      } else if current.voters.count > 2, let id = dice.pick(current.voters) {
        change.demote = [id]
        if dice.chance(permille: 500) { change.add = [id] }
      }
    }
    change.addresses = (change.add + change.addLearners).compactMap { id in
      node(id).map { Membership.Address(id: id, text: address(of: $0).text) }
    }
    for id in change.add + change.addLearners { if let node = node(id), !node.isRunning { start(node) } }
    begin(change, at: leader)
  }

  private func begin(_ change: MembershipChange, at node: SimulatedNode) {
    var outcome = MembershipChange.Outcome.unchanged
    self.change(node) { outcome = $0.changeMembership(change) }
    let name: String
    switch outcome {
    case .appended: name = "change of the group"
    case .unchanged: name = "change of the group, nothing to do"
    case .notLeader, .busy: name = "change of the group, not now"
    case .refused: name = "change of the group, refused"
    }
    tally.faults[name, default: 0] += 1
    tell(
      "change",
      [
        "node": .number(node.id.rawValue), "add": .numbers(change.add.map(\.rawValue)),
        "learn": .numbers(change.addLearners.map(\.rawValue)),
        "remove": .numbers(change.remove.map(\.rawValue)),
        "demote": .numbers(change.demote.map(\.rawValue)), "outcome": .text("\(outcome)"),
      ])
  }

  /// A configuration is committed: who is no longer in it is stopped after a while, who is in it runs.
  func groupChanged(_ membership: Membership) {
    tell(
      "group",
      [
        "voters": .numbers(membership.voters.map(\.rawValue)),
        "outgoing": .numbers(membership.outgoing.map(\.rawValue)),
        "learners": .numbers(membership.learners.map(\.rawValue)),
      ])
    for node in nodes where node.isRunning && !membership.contains(node.id) {
      schedule(
        .repair(.stopIfRemoved(node: node.place, life: node.life)), in: dice.below(10 * plan.electionTime))
    }
  }

  /// A node has found out that it is no member any more, and ends. It may have been taken in again since.
  func leftGroup(_ node: SimulatedNode) {
    tell("left", ["node": .number(node.id.rawValue)])
    crash(node)
    if rebuilding == node.id { rebuilding = nil }
    if membership.contains(node.id) {
      schedule(.repair(.restart(node: node.place, life: node.life)), in: 2 * plan.electionTime)
    }
  }

  func stopIfRemoved(_ node: SimulatedNode) {
    guard !membership.contains(node.id),
      !nodes.contains(where: { $0.raft?.membership.contains(node.id) ?? false && $0.place != node.place })
    else { return }
    tell("stop", ["node": .number(node.id.rawValue)])
    crash(node)
    if rebuilding == node.id { rebuilding = nil }
  }

  func transferLeadership() {
    guard let leader else { return }
    let target = dice.chance(permille: 300) ? nil : dice.pick(membership.voters)
    var outcome = RaftNode.TransferOutcome.alreadyLeading
    change(leader) { outcome = $0.handOver(to: target) }
    if case .begun = outcome { tally.faults["transfer of leadership", default: 0] += 1 }
  }

  /// One disk at a time, and only where the others are enough.
  var mayLoseDisk: Bool {
    let current = membership
    return rebuilding == nil && !current.isJoint && current.voters.count >= 3
      && nodes.allSatisfy { node in
        // On the disk of one that is down there may be a change that is under way and that needs the one to be lost.
        guard let raft = node.raft else { return !current.contains(node.id) }
        return raft.membership.voters == current.voters
      }
  }

  /// The data directory of a node is emptied while the others live.
  func loseDisk() {
    guard mayLoseDisk, let id = startDice.pick(membership.voters), let node = node(id), node.isRunning else {
      return
    }
    crash(node)
    rebuilding = id
    emptyDisk(of: node)
    schedule(.repair(.restart(node: node.place, life: node.life)), in: startDice.below(3 * plan.electionTime))
  }

  /// A bit flips on a disk, and the node finds out when it starts again: its store is lost. One node at a time, and
  /// only where the others are enough.
  func damageDisk() {
    guard mayLoseDisk, let id = dice.pick(membership.voters), let node = node(id), node.isRunning else {
      return
    }
    crash(node)
    guard node.disk.flipBit(&dice) else {
      return schedule(.repair(.restart(node: node.place, life: node.life)), in: 1)
    }
    tally.faults["flipped bit", default: 0] += 1
    rebuilding = id
    schedule(.repair(.restart(node: node.place, life: node.life)), in: dice.below(3 * plan.electionTime))
  }
}
