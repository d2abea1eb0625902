import Kernel
import Node
import Protocol
import Raft

/// Frames between nodes. They are lost, doubled, late and out of order, which is worse than what one connection does.
extension World {
  func send(_ messages: [Raft.Message], from node: SimulatedNode) {
    for message in messages { ship(.raft([message]), from: node, to: message.to) }
  }

  func ship(_ content: PeerContent, from node: SimulatedNode, to receiver: NodeID) {
    guard let place = self.node(receiver)?.place, place != node.place else { return }
    switch content {
    case .raft(let messages), .chunk(let messages):
      if !node.isAstray { checks.sawSent(messages[...], by: node, in: self) }
    case .notice(let notice): node.told[place] = notice
    case .forward, .refused, .signals, .attendance, .archive: break
    }
    // A connection brings nothing to those who could not read it: see `PeerNetwork.send`.
    if let required = node.process?.node.requiredLevel, level(of: nodes[place]) < required {
      tally.framesLost += 1
      return
    }
    let frame = Frame(
      from: node.place, to: place, connection: network.connection(node.place, place), content: content,
      told: node.told[place])
    if network.isCut(node.place, place) || !nodes[place].isRunning {
      tally.framesLost += 1
      // Sooner or later the sender finds out.
      if dice.chance(permille: 120) {
        schedule(
          .linkLost(node: node.place, life: node.life, peer: nodes[place].id), in: dice.below(plan.electionTime)
        )
      }
      return
    }
    if dice.chance(permille: isCalm ? 0 : plan.loss + network.extraLoss) {
      tally.framesLost += 1
      return
    }
    launch(frame)
    if dice.chance(permille: isCalm ? 0 : plan.duplicates + network.extraDuplicates) {
      tally.framesDoubled += 1
      // A copy may be very late: long after terms have changed.
      let late = dice.chance(permille: 300) ? dice.below(1_500_000) : dice.below(30_000)
      enter(.frame(frame), at: now + plan.delay + late)
    }
  }

  private func launch(_ frame: Frame) {
    let jitter = isCalm ? plan.delay : plan.jitter + network.extraJitter
    var time = now + plan.delay + dice.below(jitter + 1)
    if !isCalm { time = network.stalled(frame.from, frame.to, time) }
    if plan.ordered { time = network.ordered(frame.from, frame.to, time) }
    enter(.frame(frame), at: time)
  }

  func arrive(_ frame: Frame) {
    let node = nodes[frame.to]
    guard node.isRunning, !network.isCut(frame.from, frame.to),
      frame.connection == network.connection(frame.from, frame.to)
    else {
      tally.framesLost += 1
      return
    }
    if node.isFrozen {
      if node.hasRoom { node.mailbox.append(.frame(frame)) }
      return
    }
    tally.framesDelivered += 1
    digest = Digest.mix(digest, UInt64(frame.from) << 40 ^ UInt64(frame.content.kind) << 44)
    mix(2, frame.to)
    if let story, case .raft(let messages) = frame.content {
      for message in messages { story.received(now, message) }
    }
    hearGroup(of: frame, at: node)
    give(.peer(frame.content, from: nodes[frame.from].id), to: node)
  }

  /// Frames overtake each other here, and some are lost. Of which group their sender is, and in which life, has been said on
  /// their connection before them.
  private func hearGroup(of frame: Frame, at node: SimulatedNode) {
    guard let told = frame.told,
      told.group != node.heardGroups[frame.from] || told.life != node.heardLives[frame.from]
    else { return }
    node.heardGroups[frame.from] = told.group
    node.heardLives[frame.from] = told.life
    if case .notice = frame.content { return }
    node.process?.node.take(.peer(.notice(told), from: nodes[frame.from].id), at: time(of: node))
  }

  // MARK: Connections

  /// Those whom a node is to be connected with have changed.
  func connect(_ node: SimulatedNode, to members: [MemberAddress]) {
    let wanted = Set(members.compactMap { self.node(NodeID($0.id))?.place }.filter { $0 != node.place })
    node.members = members
    node.links.formIntersection(wanted)
    let new = wanted.subtracting(node.peers).sorted()
    node.peers = wanted
    for place in new { dial(node, place) }
  }

  /// Tries to connect, after a while.
  func dial(_ node: SimulatedNode, _ place: Int) {
    schedule(
      .dial(node: node.place, life: node.life, peer: place), in: 300 + dice.below(plan.electionTime / 4))
  }

  func dialed(_ node: SimulatedNode, _ place: Int) {
    guard node.peers.contains(place), !node.links.contains(place) else { return }
    let peer = nodes[place]
    let isCut = network.isCut(node.place, place) || network.isCut(place, node.place)
    if isCut || !peer.isRunning {
      // Nobody listens where the process is gone; through a cut nothing is heard.
      if !isCut { give(.linkDown(peer.id, refused: true), to: node) }
      return dial(node, place)
    }
    node.links.insert(place)
    tell("link", ["node": .number(node.id.rawValue), "up": .number(peer.id.rawValue)])
    give(.linkUp(peer.id, level(of: peer)), to: node)
  }

  /// A connection is gone: a hint to both sides, once they notice.
  func resetLink(_ left: SimulatedNode, _ right: SimulatedNode) {
    network.reset(left.place, right.place)
    for (one, other) in [(left, right), (right, left)] where one.isRunning {
      let soon = dice.chance(permille: 750)
      schedule(
        .linkLost(node: one.place, life: one.life, peer: other.id),
        in: 200 + dice.below(soon ? 20_000 : 3 * plan.electionTime))
    }
  }

  func linkLost(_ node: SimulatedNode, _ peer: NodeID) {
    mix(3, node.place)
    guard let place = self.node(peer)?.place, node.peers.contains(place) else { return }
    let wasUp = node.links.remove(place) != nil
    tell("link", ["node": .number(node.id.rawValue), "down": .number(peer.rawValue)])
    node.process?.node.take(.inboundLost(peer), at: time(of: node))
    give(.linkDown(peer, refused: false), to: node)
    if wasUp { dial(node, place) }
  }
}

extension PeerContent {
  /// For sums over what was delivered.
  fileprivate var kind: Int {
    switch self {
    case .raft(let messages): 1 + messages.count << 4
    case .chunk: 2
    case .forward(let batch): 3 + batch.forwards.count << 4
    case .refused(let refusals): 4 + refusals.count << 4
    case .signals: 5
    case .attendance: 6
    case .notice: 7
    case .archive: 8
    }
  }
}

extension Story {
  func received(_ time: Int, _ message: Raft.Message) {
    add(
      time, "receive",
      [
        "node": .number(message.to.rawValue), "from": .number(message.from.rawValue),
        "term": .number(message.term.rawValue), "what": .text("\(message.body)"),
      ])
  }
}
