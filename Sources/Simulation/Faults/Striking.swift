import Desk
import Node
import Raft

/// The faults.
extension World {
  /// Half of the time the leader, else anybody.
  private func victim() -> SimulatedNode {
    if dice.chance(permille: 500), let leader { return leader }
    return nodes[dice.below(nodes.count)]
  }

  /// How long a fault lasts: from a blink to a few election timeouts.
  private func span() -> Int {
    dice.chance(permille: 400) ? dice.below(plan.electionTime) : dice.below(5 * plan.electionTime)
  }

  private func count(_ fault: String) {
    tally.faults[fault, default: 0] += 1
    tell("fault", ["what": .text(fault)])
  }

  func strike() {
    guard !isCalm else { return }
    schedule(.fault, in: dice.below(plan.faultPause * 2))
    mix(10, 0)
    if puttingBack != nil { return }
    if plan.putsBack, copyDice.chance(permille: 200) { takeCopy() }
    if plan.beginsAgain {
      if startDice.chance(permille: 400) { beginAgainBehindLeader() }
    } else if startDice.chance(permille: 60) {
      loseDisk()
    }
    switch dice.below(100) {
    case 0..<10: partition()
    case 10..<16: isolate(victim(), span())
    case 16..<21: cutOneWay()
    case 21..<25: cutOneLink()
    case 25..<32: resetSomeLink()
    case 32..<38: roughNetwork()
    case 38..<50: crashForAWhile(victim(), span())
    case 50..<52: powerFailure()
    case 52..<57: freezeForAWhile(victim(), span())
    case 57..<62: slowDisk()
    case 62..<66: fullDisk()
    case 66..<70: turnClock()
    case 70..<76: loseServer()
    case 76..<81: snapshotNow()
    case 81..<83: dropOutOfDate()
    case 83..<90: changeGroup()
    case 90..<92: transferLeadership()
    case 92..<93: damageDisk()
    case 93..<95: leaveStaleTail()
    case 95..<97 where plan.leaseReads: transferLate()
    default:
      count("ambush set")
      nemesis.lieInWait(
        Nemesis.Moment.allCases[dice.below(Nemesis.Moment.allCases.count)],
        Nemesis.Deed.allCases[dice.below(Nemesis.Deed.allCases.count)])
    }
  }

  func perform(_ deed: Nemesis.Deed, on node: SimulatedNode) {
    switch deed {
    case .crash: crashForAWhile(node, span())
    case .isolate: isolate(node, span())
    case .freeze: freezeForAWhile(node, span())
    case .oneWay:
      for other in nodes where other.place != node.place { network.cut(node.place, other.place) }
      schedule(.repair(.heal(generation: network.generation)), in: span())
    }
  }

  // MARK: The network

  private func partition() {
    count("partition")
    network.heal()
    var places = Array(nodes.indices)
    dice.shuffle(&places)
    let split = 1 + dice.below(max(places.count - 1, 1))
    for left in places.prefix(split) {
      for right in places.dropFirst(split) { network.cutBoth(left, right) }
    }
    // A bridge: one node still reaches both sides.
    if places.count > 2, dice.chance(permille: 250) {
      count("bridge")
      let bridge = places[0]
      for other in places { join(bridge, other) }
    }
    schedule(.repair(.heal(generation: network.generation)), in: span())
  }

  private func join(_ left: Int, _ right: Int) {
    network.join(left, right)
    network.join(right, left)
  }

  private func isolate(_ node: SimulatedNode, _ time: Int) {
    count("isolation")
    network.heal()
    network.isolate(node.place)
    schedule(.repair(.heal(generation: network.generation)), in: time)
  }

  private func cutOneWay() {
    count("one-way cut")
    let node = victim()
    let hears = dice.chance(permille: 500)
    for other in nodes where other.place != node.place {
      if hears { network.cut(node.place, other.place) } else { network.cut(other.place, node.place) }
    }
    schedule(.repair(.heal(generation: network.generation)), in: span())
  }

  private func cutOneLink() {
    count("one link cut")
    let left = victim()
    let right = nodes[dice.below(nodes.count)]
    guard left.place != right.place else { return }
    network.cutBoth(left.place, right.place)
    if dice.chance(permille: 500) { resetLink(left, right) }
    schedule(.repair(.heal(generation: network.generation)), in: span())
  }

  private func resetSomeLink() {
    count("connection reset")
    let left = victim()
    let right = nodes[dice.below(nodes.count)]
    if left.place != right.place { resetLink(left, right) }
  }

  private func roughNetwork() {
    count("rough network")
    network.extraLoss = [0, 50, 200, 400][dice.below(4)]
    network.extraDuplicates = [0, 100, 300][dice.below(3)]
    network.extraJitter = [0, 5_000, 40_000, plan.electionTime][dice.below(4)]
    network.roughness += 1
    schedule(.repair(.networkIsClean(generation: network.roughness)), in: span())
  }

  // MARK: Processes

  private func crashForAWhile(_ node: SimulatedNode, _ time: Int) {
    guard node.isRunning else { return }
    count("crash")
    crash(node)
    schedule(.repair(.restart(node: node.place, life: node.life)), in: dice.chance(permille: 300) ? 500 : time)
  }

  private func powerFailure() {
    count("power failure")
    for node in nodes where node.isRunning {
      crash(node)
      schedule(.repair(.restart(node: node.place, life: node.life)), in: span())
    }
  }

  private func freezeForAWhile(_ node: SimulatedNode, _ time: Int) {
    guard node.isUp else { return }
    count("freeze")
    freeze(node)
    schedule(.repair(.thaw(node: node.place, life: node.life)), in: time)
  }

  private func turnClock() {
    count("clock jump")
    let node = nodes[dice.below(nodes.count)]
    node.clockOffset += dice.draw(-20_000...20_000)
    node.steadyTime = steadyTime(of: node)
    node.steadySince = now
    node.tickLength = plan.tick + plan.tick * dice.draw(-plan.drift...plan.drift) / 1000
  }

  // MARK: Disks

  private func slowDisk() {
    count("slow disk")
    let node = victim()
    node.disk.slowness = [5, 20, 60][dice.below(3)]
    schedule(.repair(.diskIsFast(node: node.place)), in: span())
  }

  private func fullDisk() {
    count("full disk")
    let node = victim()
    diskFills(node)
    schedule(.repair(.diskHasRoom(node: node.place)), in: span())
  }

  private func snapshotNow() {
    count("snapshot at once")
    let node = nodes[dice.below(nodes.count)]
    change(node) { $0.wantsSnapshot() }
  }

  /// One node misses so much that it needs a snapshot, and then something happens to one side of the transfer.
  private func dropOutOfDate() {
    count("left behind")
    let node = nodes[dice.below(nodes.count)]
    network.heal()
    network.isolate(node.place)
    schedule(.repair(.heal(generation: network.generation)), in: 6 * plan.electionTime)
    nemesis.lieInWait(
      dice.chance(permille: 500) ? .chunkReceived : .chunkSent,
      Nemesis.Deed.allCases[dice.below(Nemesis.Deed.allCases.count)])
  }

  // MARK: Schedules that aim

  /// A leader with a slow disk is cut off with entries under way, and learns only then that others were committed in
  /// their place; its writes of the first ones end late; soon after it leads again.
  private func leaveStaleTail() {
    guard let leader else { return }
    count("stale tail")
    leader.disk.slowness = [20, 60, 150][dice.below(3)]
    network.heal()
    network.isolate(leader.place)
    for client in clients.indices where dice.chance(permille: 700) { move(client, to: leader.place) }
    // A tail that is longer than what the others commit until this node leads again.
    let nobody = ServerLost(server: leader.server, heirs: [])
    for _ in 0..<dice.draw(5...30) {
      leader.process?.node.propose(.serverLost(nobody))
      endTurn(leader)
      if !leader.isUp { return }
    }
    let back = plan.electionTime + dice.below(2 * plan.electionTime)
    schedule(.repair(.heal(generation: network.generation)), in: back)
    for _ in 0..<6 {
      schedule(.repair(.handBack(to: leader.place)), in: back + dice.below(plan.electionTime))
    }
    schedule(.repair(.diskIsFast(node: leader.place)), in: back + 4 * plan.electionTime)
  }

  /// The word to campaign reaches the target of a transfer long after the transfer was given up, and then the old
  /// leader is cut off, with clients that read from it.
  private func transferLate() {
    guard let leader, let target = dice.pick(nodes.filter { $0.isUp && $0.place != leader.place }) else {
      return
    }
    count("late transfer")
    let stall = plan.electionTime + dice.below(plan.electionTime / 2)
    network.stall(leader.place, target.place, until: now + stall)
    change(leader) { _ = $0.handOver(to: target.id) }
    for client in clients.indices where dice.chance(permille: 400) { move(client, to: leader.place) }
    schedule(.repair(.cutOff(node: leader.place)), in: stall + 2 * plan.delay + dice.below(20_000))
  }

  // MARK: Owners

  /// The leader takes a server for lost: mostly one that is, now and then one that is not.
  private func loseServer() {
    guard let leader else { return }
    let down = nodes.filter { !$0.isUp }
    let lost = dice.chance(permille: 700) ? dice.pick(down) : nodes[dice.below(nodes.count)]
    guard let lost else { return }
    count(lost.isUp ? "server lost, wrongly" : "server lost")
    let heirs = nodes.filter { $0.isUp && $0.place != lost.place }.map(\.server)
    let bounds = Bounds(limit: 3, grace: UInt64(plan.agentGrace))
    change(leader) {
      $0.propose(.serverLost(ServerLost(server: lost.server, heirs: heirs, bounds: bounds)))
    }
  }
}
