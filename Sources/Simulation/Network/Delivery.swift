import NIOCore
import Raft
import Wire

/// Frames between nodes, through the real codecs.
extension World {
  /// One frame for each run of messages to one peer; snapshot chunks travel on their own.
  func send(_ messages: [Raft.Message], from node: SimulatedNode) {
    var first = messages.startIndex
    while first < messages.endIndex {
      let receiver = messages[first].to
      let isBulk = messages[first].isBulk
      var end = first + 1
      while end < messages.endIndex, messages[end].to == receiver, messages[end].isBulk == isBulk { end += 1 }
      if let place = self.node(receiver)?.place {
        var bytes = ByteBuffer()
        RaftCodec.encode(
          end - first == messages.count ? messages : Array(messages[first..<end]), group: .main, into: &bytes)
        checks.sawSent(messages[first..<end], by: node, in: self)
        ship(bytes, .raft, from: node, to: place)
      }
      first = end
    }
  }

  func ship(_ bytes: ByteBuffer, _ kind: FrameKind, from node: SimulatedNode, to place: Int) {
    guard place != node.place else { return }
    let frame = Frame(
      from: node.place, to: place, kind: kind, connection: network.connection(node.place, place), bytes: bytes)
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
      agenda.enter(.frame(frame), at: now + plan.delay + late)
    }
  }

  private func launch(_ frame: Frame) {
    let jitter = isCalm ? plan.delay : plan.jitter + network.extraJitter
    var time = now + plan.delay + dice.below(jitter + 1)
    if !isCalm { time = network.stalled(frame.from, frame.to, time) }
    if plan.ordered { time = network.ordered(frame.from, frame.to, time) }
    agenda.enter(.frame(frame), at: time)
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
    digest = Digest.mix(digest, UInt64(frame.from) << 40 ^ UInt64(frame.bytes.readableBytes) << 44)
    mix(2, frame.to)
    var bytes = frame.bytes
    do {
      switch frame.kind {
      case .raft:
        let (_, messages) = try RaftCodec.decode(&bytes)
        for message in messages {
          story?.received(now, message)
          node.raft?.step(message)
        }
      case .forward:
        for forward in try ForwardCodec.decodeForwards(&bytes).forwards {
          takeForward(forward, from: frame.from, at: node)
        }
      case .refused:
        for refusal in try ForwardCodec.decodeRefusals(&bytes) { wasRefused(refusal, at: node) }
      }
    } catch {
      return fail("a frame from node \(frame.from + 1) to node \(frame.to + 1) cannot be read: \(error)")
    }
    comeToAnEnd(node)
  }

  /// A connection is gone: a hint to both sides, once they notice.
  func resetLink(_ left: SimulatedNode, _ right: SimulatedNode, noticed: Int = 800) {
    network.reset(left.place, right.place)
    for (one, other) in [(left, right), (right, left)] where one.isRunning && dice.chance(permille: noticed) {
      schedule(.linkLost(node: one.place, life: one.life, peer: other.id), in: 200 + dice.below(20_000))
    }
  }

  func linkLost(_ node: SimulatedNode, _ peer: NodeID) {
    mix(3, node.place)
    change(node) { raft in
      raft.peerUnreachable(peer)
      if raft.leader == peer { raft.leaderConnectionLost() }
    }
    retry(node) { _ in true }
  }
}

extension Raft.Message {
  fileprivate var isBulk: Bool {
    if case .snapshotChunk = body { return true }
    return false
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
