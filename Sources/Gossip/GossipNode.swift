/// One member's part in gossip, as a value: time, datagrams and the outside's knowledge go in,
/// `takeDirectives()` gives what is to be done.
///
/// Failure detection is SWIM (Das, Gupta, Motivala, "SWIM: scalable weakly-consistent infection-style process group
/// membership protocol", 2002) with suspicion and incarnations, probes in a shuffled round robin, and Lifeguard
/// (see `GossipConfiguration.Lifeguard`). Unlike SWIM's, its member list comes from outside: the Raft configuration
/// says who belongs, and gossip only has an opinion on who answers. It reads no clock, draws from a seeded
/// generator, and does no input or output. One owner drives it.
package struct GossipNode: Sendable {
  package let id: MemberID
  let configuration: GossipConfiguration
  var generator: SeededGenerator
  package internal(set) var counters = GossipCounters()

  /// The newest time that was given; one that goes back changes nothing.
  var clock: UInt64 = 0
  var lastTick: UInt64?

  // This node.
  package internal(set) var incarnation: Incarnation
  package internal(set) var isLeaving = false
  /// Whether the outside counts this node as a member; one that is not neither speaks nor listens.
  package internal(set) var belongs = false
  var ownHints: OwnHints?
  var localHealth: LocalHealth

  // The others.
  var table = MemberTable()
  var queue = RumourQueue()

  // Probing.
  var order = ProbeOrder()
  var probe: Probe?
  var relays: [Relay] = []
  var lastNumber: UInt64

  // When what comes again is due.
  var nextProbe: UInt64 = 0
  var nextGossip: UInt64 = 0
  var nextExchange: UInt64 = 0
  var nextRevival: UInt64 = 0

  var directives: [Directive] = []

  /// - Throws: when the configuration cannot work.
  package init(configuration: GossipConfiguration) throws(GossipError) {
    try configuration.validate()
    self.configuration = configuration
    id = configuration.id
    generator = SeededGenerator(seed: configuration.seed, stream: configuration.id.rawValue)
    incarnation = configuration.incarnation
    localHealth = LocalHealth(
      maximum: configuration.lifeguard.localHealth ? configuration.maximumLocalHealth : 0)
    // Answers to an earlier life must not be taken for answers to this one.
    lastNumber = generator.next() >> 32
  }

  /// Time passes. To be called at least twice in each `probeTimeout`.
  package mutating func tick(now: UInt64) {
    advance(to: now)
    noticePause()
    guard belongs else { return }
    expireSuspicions()
    expireRelays()
    publishHints()
    if !isLeaving {
      tickProbe()
      tickExchange()
      tickRevival()
    }
    tickGossip()
  }

  /// Takes in a datagram. One that is malformed, or not for this node, changes nothing but a counter.
  ///
  /// - Parameter sender: who sent it, as the seal around it has proved.
  package mutating func receive(_ bytes: [UInt8], from sender: MemberID, now: UInt64) {
    advance(to: now)
    guard belongs, let datagram = read(bytes), datagram.recipient == id, datagram.sender == sender,
      let place = table.position(of: sender)
    else {
      counters.refusedDatagrams += 1
      return
    }
    table[place].announced = datagram.incarnation
    hear(HealthRumour(member: sender, health: .alive, incarnation: datagram.incarnation))
    if case .exchange(let first, let last, isAnswer: false) = datagram.body {
      answerExchange(datagram, first: first, last: last)
    }
    let isExchange = if case .exchange = datagram.body { true } else { false }
    for rumour in datagram.rumours {
      switch rumour {
      case .health(let rumour): hear(isExchange ? softened(rumour, from: sender) : rumour, from: sender)
      case .load(let rumour): hear(rumour)
      }
    }
    switch datagram.body {
    case .ping(let number): send(.ack(number), to: sender)
    case .ack(let number): receiveAck(number, from: sender)
    case .nack(let number): receiveNack(number, from: sender)
    case .pingRequest(let number, let target): receivePingRequest(number, target: target, from: sender)
    case .gossip, .exchange: break
    }
  }

  /// Who belongs, this node included, as the Raft configuration says it. A new one counts as alive until it fails to
  /// answer; one that is no longer there is forgotten at once.
  package mutating func setMembers(_ ids: [MemberID], now: UInt64) {
    advance(to: now)
    belongs = ids.contains(id)
    let others = belongs ? ids.filter { $0 != id && $0 != .nobody } : []
    let (added, removed) = table.replace(with: others, now: clock)
    for member in removed {
      order.remove(member)
      if probe?.target == member { probe = nil }
    }
    if !removed.isEmpty {
      relays.removeAll { removed.contains($0.target) || removed.contains($0.requester) }
    }
    for member in added { order.insert(member, &generator) }
    if !added.isEmpty { nextExchange = min(nextExchange, clock + configuration.gossipInterval) }
  }

  /// This node's load as it is now. Costs nothing until the next publication is due, so call it often.
  package mutating func updateHints(_ hints: LoadHints, now: UInt64) {
    advance(to: now)
    let isUrgent = ownHints?.hints.isDraining != hints.isDraining
    ownHints = OwnHints(
      hints: hints, measuredAt: clock, sequence: ownHints?.sequence ?? 0, publishedAt: ownHints?.publishedAt,
      isNew: true)
    if isUrgent { ownHints?.publishedAt = nil }
    if belongs { publishHints() }
  }

  /// This node says goodbye, so that nobody suspects it. Go on ticking until `hasSaidGoodbye`.
  package mutating func leave(now: UInt64) {
    advance(to: now)
    guard !isLeaving else { return }
    isLeaving = true
    probe = nil
    queue.spread(.health(id))
    nextGossip = clock
  }

  /// The goodbye was sent as often as any rumour is.
  package var hasSaidGoodbye: Bool { isLeaving && !queue.contains(.health(id)) }

  /// What is to be done since the last call, in order. To be called after each input, or it grows.
  package mutating func takeDirectives() -> [Directive] {
    defer { directives = [] }
    return directives
  }

  /// All other members, by id.
  package var members: [MemberStatus] { table.records.map(\.status) }

  /// nil: this node itself, or one that does not belong.
  package func status(of member: MemberID) -> MemberStatus? {
    table.position(of: member).map { table[$0].status }
  }

  /// This node's own last hints, with their age; nil before the first.
  package var hints: AgedHints? {
    ownHints.map {
      AgedHints(hints: $0.hints, stamp: $0.stamp(incarnation), ageOnArrival: 0, arrivedAt: $0.measuredAt)
    }
  }

  /// From 0 (well) to the configuration's `maximumLocalHealth`: how much this node doubts its own perception.
  package var localHealthScore: Int { localHealth.score }

  private mutating func read(_ bytes: [UInt8]) -> Datagram? {
    if bytes.count <= 65_536, let datagram = try? Datagram.decode(bytes, cluster: configuration.cluster) {
      return datagram
    }
    counters.unreadableDatagrams += 1
    return nil
  }

  private mutating func advance(to now: UInt64) { clock = max(clock, now) }
}
