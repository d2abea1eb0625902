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
    case .diskHasRoom(let place):
      nodes[place].disk.isFull = false
      beginSync(nodes[place])
    case .diskIsFast(let place):
      nodes[place].disk.slowness = 1
    case .networkIsClean(let generation):
      if generation == network.roughness { network.clean() }
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
      node.disk.isFull = false
      node.disk.slowness = 1
      if node.isFrozen { thaw(node) }
      if !node.isRunning { start(node) } else { beginSync(node) }
    }
    for client in clients.indices where clients[client].current == nil {
      schedule(.clientActs(client: client), in: dice.below(20_000))
    }
  }
}
