import Node
import Raft

/// Faults end.
extension World {
  func mend(_ repair: Repair) {
    mix(11, 0)
    switch repair {
    case .heal(let generation):
      if generation == network.generation { network.heal() }
    case .restart(let place, let life):
      if nodes[place].life == life, !nodes[place].isRunning { start(nodes[place]) }
    case .thaw(let place, let life):
      if nodes[place].life == life { thaw(nodes[place]) }
    case .stopIfRemoved(let place, let life):
      if nodes[place].life == life, nodes[place].isRunning { stopIfRemoved(nodes[place]) }
    case .diskHasRoom(let place):
      diskHasRoom(nodes[place])
    case .diskIsFast(let place):
      nodes[place].disk.slowness = 1
    case .handBack(let place):
      if !isCalm, let leader, leader.place != place {
        change(leader) { _ = $0.handOver(to: nodes[place].id) }
      }
    case .cutOff(let place):
      guard !isCalm, puttingBack == nil else { return }
      network.heal()
      network.isolate(place)
      schedule(.repair(.heal(generation: network.generation)), in: 2 * plan.electionTime)
    case .correctFile(let place, let life):
      if nodes[place].life == life { correctFile(of: nodes[place]) }
    case .gatherIn(let place): gatherIn(nodes[place])
    case .beginAgain(let place, let life, let leader):
      beginAgain(nodes[place], life: life, leader: nodes[leader])
    case .putBack(let place, let store, let tries): putBack(nodes[place], store: store, tries: tries)
    case .lookAtCopy(let place): lookAtCopy(nodes[place])
    case .networkIsClean(let generation):
      if generation == network.roughness { network.clean() }
    }
  }

  /// Whether a node that is down has to come up: it is in the newest committed configuration, or in one that may yet
  /// be committed.
  private func isWanted(_ node: SimulatedNode) -> Bool {
    membership.contains(node.id)
      || nodes.contains { other in
        if let raft = other.raft { return raft.membership.contains(node.id) }
        return other.disk.entries.contains { $0.kind == .membership }
      }
  }

  /// All faults end; from here on the cluster has to get somewhere.
  func calmDown() {
    isCalm = true
    tell("calm", [:])
    nemesis.giveUp()
    network.heal()
    network.clean()
    for node in nodes {
      node.disk.slowness = 1
      if node.isFrozen { thaw(node) }
      gatherIn(node)
      correctFile(of: node)
      diskHasRoom(node)
      if node.isRunning {
        beginSync(node)
      } else if isWanted(node) {
        start(node)
      }
    }
    for client in clients.indices where clients[client].current == nil {
      schedule(.clientActs(client: client), in: dice.below(20_000))
    }
  }
}
