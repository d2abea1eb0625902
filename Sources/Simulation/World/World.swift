import Desk
import Gossip
import Kernel
import Node
import Protocol
import Raft

/// A whole cluster, its clients and its troubles in one thread, from one seed.
///
/// Everything that happens is on one agenda, ordered by simulated time in microseconds; nothing reads a clock, and
/// all chance comes from the seed, so the same seed is the same story in every process.
final class World {
  let seed: UInt64
  let plan: Plan
  let mistake: ShellMistake?
  let raftMistakes: DeliberateMistakes
  let gossipMistakes: GossipMistakes
  let nodeMistakes: NodeMistakes
  var dice: Dice
  /// Of its own, so that what befalls datagrams does not change what befalls the rest.
  var gossipDice: Dice
  /// Which snapshots arrive damaged; of its own for the same reason.
  var arrivals: Dice
  var deskDice: Dice
  /// What befalls files and disks from one start of a node to the next.
  var startDice: Dice
  /// Which customers stay away for a while.
  var absenceDice: Dice
  /// Who asks for their own sessions, and when.
  var askDice: Dice
  /// Who reads what is over, and when.
  var pastDice: Dice
  var performDice: Dice
  var secondDice: Dice
  var eraseDice: Dice
  /// Which processes end between the halves of a turn's end.
  var halfDice: Dice
  /// How long archives take, and when they fail.
  var archiveDice: Dice
  /// What supervisors look at.
  var auditDice: Dice
  /// Which policies are set.
  var policyDice: Dice
  /// Which of them ask agents, and what these say.
  var ringDice: Dice
  /// Which timers are set, and what agents say.
  var timerDice: Dice
  /// What teams do with conversations.
  var teamDice: Dice
  /// Which nodes the caller asks.
  var callDice: Dice
  var caller: Caller?
  /// What befalls clients' streams of bytes.
  var wireDice: Dice
  /// Connections of clients so far, and the life of its node that each one began in.
  var links: UInt64 = 0
  var lives: [UInt64: Int] = [:]
  /// The gateways' settings, one object for all.
  let gatewayRules: ConnectionRules
  /// Microseconds since the beginning.
  var now = 0 { didSet { if story != nil { time.now = now } } }
  let time = SimulatedTime()
  var agenda = Agenda<Happening>()
  var nodes: [SimulatedNode] = []
  var clients: [SimulatedClient] = []
  var conversations: [Conversation] = []
  var network: SimulatedNetwork
  var nemesis = Nemesis()
  var checks = Checks()
  var histories: [SessionHistory] = []
  var tally = Tally()
  var story: Story?
  /// A sum over all that happened: equal for equal runs.
  var digest = Digest.start
  var isCalm = false
  /// What is left at the end, when all else was found good: only gossip goes on.
  var settling: Settling?
  var events = 0
  /// The node that has lost its store: its earlier word no longer stands for what it has. One at a time.
  var rebuilding: NodeID?
  /// The node that runs on an old copy of its disk.
  var puttingBack: NodeID?
  /// Of that; of its own, so that other seeds are what they were.
  var copyDice: Dice
  /// Branches of Raft that were reached.
  var marks = MarkSet()

  init(seed: UInt64, mistake: Mistake? = nil, story: Story? = nil) {
    self.seed = seed
    self.mistake = mistake?.shell
    raftMistakes = mistake?.raft ?? []
    gossipMistakes = mistake?.gossip ?? []
    nodeMistakes = mistake?.node ?? []
    self.story = story
    plan = Plan(seed: seed)
    checks.oracle.linger = UInt64(plan.linger)
    dice = Dice(seed: seed, stream: 2)
    gossipDice = Dice(seed: seed, stream: 4)
    arrivals = Dice(seed: seed, stream: 6)
    deskDice = Dice(seed: seed, stream: 7)
    startDice = Dice(seed: seed, stream: 13)
    copyDice = Dice(seed: seed, stream: 14)
    wireDice = Dice(seed: seed, stream: 10)
    absenceDice = Dice(seed: seed, stream: 15)
    askDice = Dice(seed: seed, stream: 17)
    pastDice = Dice(seed: seed, stream: 29)
    performDice = Dice(seed: seed, stream: 23)
    halfDice = Dice(seed: seed, stream: 19)
    secondDice = Dice(seed: seed, stream: 25)
    eraseDice = Dice(seed: seed, stream: 31)
    archiveDice = Dice(seed: seed, stream: 26)
    auditDice = Dice(seed: seed, stream: 37)
    policyDice = Dice(seed: seed, stream: 41)
    ringDice = Dice(seed: seed, stream: 51)
    timerDice = Dice(seed: seed, stream: 47)
    teamDice = Dice(seed: seed, stream: 45)
    callDice = Dice(seed: seed, stream: 49)
    gatewayRules = Self.gatewayRules(plan)
    network = SimulatedNetwork(nodes: plan.nodes + plan.spares)
    let count = plan.nodes + plan.spares
    for place in 0..<count {
      let off = dice.draw(-plan.drift...plan.drift)
      nodes.append(SimulatedNode(place: place, tick: plan.tick + plan.tick * off / 1000))
    }
    prepareDisks()
    makeClients()
    for node in nodes.prefix(plan.nodes) { start(node) }
    enter(.fault, at: dice.draw(0...plan.faultPause * 2))
    enter(.calm, at: plan.calmAt)
  }

  /// Nothing happens in the past, whoever names the time.
  func enter(_ event: Happening, at time: Int) { agenda.enter(event, at: max(time, now)) }

  func schedule(_ event: Happening, in delay: Int) { enter(event, at: now + max(delay, 1)) }

  func node(_ id: NodeID) -> SimulatedNode? {
    let place = Int(id.rawValue) - 1
    return nodes.indices.contains(place) ? nodes[place] : nil
  }

  /// The leader of the highest term among the nodes that are up.
  var leader: SimulatedNode? {
    var best: SimulatedNode?
    for node in nodes {
      guard node.isUp, !node.isAstray, node.raft?.role == .leader, let term = node.raft?.term else { continue }
      if let other = best?.raft?.term, other >= term { continue }
      best = node
    }
    return best
  }

  // MARK: Running

  /// Runs to the end, or to the first violation.
  func run() {
    while checks.violations.isEmpty {
      guard let (time, event) = agenda.next() else { return fail("nothing is left to happen") }
      now = time
      if settling != nil {
        if settle(event) { return }
        continue
      }
      if case .datagram(let datagram) = event {
        receive(datagram)
        continue
      }
      events += 1
      happen(event)
      if isCalm, events % 16 == 0 {
        if isFinished {
          checkEnd()
          beginSettling()
        } else if now > plan.calmAt + livenessBound {
          return fail(unfinished)
        }
      }
    }
  }

  /// Microseconds of calm in which all must come to a good end. A client whose nodes are no members, one after the other,
  /// is sent on by each after some seconds, and waits longer each time.
  /// A second erasure waits as long as the first one took, on a disk or an archive that is slow.
  var livenessBound: Int { max(60 * plan.electionTime, plan.erases ? 30_000_000 : 12_000_000) }

  private func happen(_ event: Happening) {
    switch event {
    case .tick(let place, let life): tick(nodes[place], life)
    case .frame(let frame): arrive(frame)
    case .datagram(let datagram): receive(datagram)
    case .turn(let place, let life):
      let node = nodes[place]
      guard node.life == life, node.isRunning, !held(event, by: node) else { return }
      endTurn(node)
    case .syncEnds(let place, let life):
      let node = nodes[place]
      guard node.life == life, node.isRunning else { return }
      syncEnded(node)
    case .diskWakes(let place, let life):
      if nodes[place].life == life { beginSync(nodes[place]) }
    case .chunkRead(let place, let life, let read):
      let node = nodes[place]
      guard node.life == life, node.isRunning, !held(event, by: node) else { return }
      mix(9, place)
      give(.chunkRead(read, data: node.disk.read(read)), to: node)
    case .snapshotWritten(let place, let life, let own):
      let node = nodes[place]
      guard node.life == life, node.isRunning else { return }
      if !held(event, by: node) { snapshotWritten(node, own) }
    case .snapshotLoaded(let place, let life, let meta):
      let node = nodes[place]
      guard node.life == life, node.isRunning else { return }
      if !held(event, by: node) { snapshotLoaded(node, meta) }
    case .archiveWrites(let place, let life):
      let node = nodes[place]
      if node.life == life, node.isRunning { archiveWrites(node) }
    case .archiveReads(let place, let life, let read):
      let node = nodes[place]
      if node.life == life, node.isRunning { archiveReads(node, read) }
    case .dial(let place, let life, let peer):
      let node = nodes[place]
      guard node.life == life, node.isRunning else { return }
      // The system keeps the word of connections for a process that stands still.
      if node.isFrozen { return schedule(event, in: 5_000) }
      dialed(node, peer)
    case .linkLost(let place, let life, let peer):
      let node = nodes[place]
      guard node.life == life, node.isRunning else { return }
      if node.isFrozen { return schedule(event, in: 5_000) }
      linkLost(node, peer)
    case .bytesUp(let place, let number, let bytes): arrive(bytes, on: number, at: nodes[place])
    case .endsUp(let place, let number): streamEnds(number, at: nodes[place])
    case .gatewayWakes(let place, let number): gatewayWakes(number, at: nodes[place])
    case .bytesDown(let client, let number, let bytes): hear(bytes, client, on: number)
    case .endsDown(let client, let number): loses(client, number)
    case .clientConnects(let client): connect(client)
    case .clientWakes(let client): wakes(client)
    case .clientActs(let client): act(client)
    case .calls: callAgain()
    case .callEnds: endCall()
    case .fault: strike()
    case .repair(let repair): mend(repair)
    case .calm: calmDown()
    }
  }

  /// A frozen process takes nothing in: it waits in the mailbox.
  private func held(_ event: Happening, by node: SimulatedNode) -> Bool {
    guard node.isFrozen else { return false }
    if node.hasRoom { node.mailbox.append(event) }
    return true
  }

  func replayMailbox(_ node: SimulatedNode) {
    let waiting = node.mailbox
    node.mailbox = []
    node.heldDatagrams = 0
    for event in waiting where node.isUp { happen(event) }
    replaySockets(node)
  }

  // MARK: Time

  private func tick(_ node: SimulatedNode, _ life: Int) {
    guard node.life == life, node.isRunning else { return }
    // Uneven: a loop is late now and then, and catches up.
    node.nextTick += node.tickLength
    let late = dice.below(16) == 0 ? dice.below(plan.tick / 2) : 0
    enter(.tick(node: node.place, life: life), at: max(node.nextTick + late, now + 1))
    guard !node.isFrozen else { return }
    mix(1, node.place)
    tally.ticks += 1
    node.ticks += 1
    if node.ticks % plan.gossipEvery == 0 { tickGossip(node) }
    give(.tick(surroundings(of: node)), to: node)
  }

  private func surroundings(of node: SimulatedNode) -> Surroundings {
    var surroundings = Surroundings()
    surroundings.connections = node.connections.count
    for other in nodes where node.peers.contains(other.place) {
      surroundings.announced[other.id] = level(of: other)
    }
    surroundings.disk.freeBytes = node.disk.isFull ? 0 : 1 << 30
    if let gossip = node.gossip {
      surroundings.gossip = GossipView(statuses: gossip.node.members, now: gossipClock(of: node))
    }
    return surroundings
  }

  /// Milliseconds since 1970, as the node believes.
  func clock(of node: SimulatedNode) -> UInt64 {
    // A little more than the longest month.
    let leaps = plan.leaps.count { $0 <= now } * 32 * 86_400_000
    return UInt64(max(1_700_000_000_000 + now / 1000 + node.clockOffset + leaps, 0))
  }

  // MARK: Records

  func fail(_ text: String) {
    guard checks.violations.isEmpty else { return }
    checks.violations.append(text)
    tell("violation", ["what": .text(text)])
  }

  func mix(_ kind: UInt64, _ node: Int) {
    digest = Digest.mix(digest, kind << 56 ^ UInt64(node) << 48 ^ UInt64(now))
  }

  func tell(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, Story.Value>) {
    if let story { story.add(now, event, fields()) }
  }
}
