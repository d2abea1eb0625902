extension GossipNode {
  /// Sends a datagram, filled up with rumours.
  mutating func send(_ body: Datagram.Body, to recipient: MemberID) {
    var datagram = open(body, to: recipient)
    let limit = Self.retransmissions(configuration.retransmitMultiplier, members: liveCount)
    var queue = RumourQueue()
    swap(&queue, &self.queue)  // No copy: what is offered is read from the rest of the node.
    queue.offer(limit: limit) { subject in
      guard let rumour = rumour(on: subject) else { return nil }
      return datagram.append(rumour)
    }
    self.queue = queue
    dispatch(datagram, to: recipient)
  }

  /// A datagram with nothing in it but what the recipient should know of itself.
  func open(_ body: Datagram.Body, to recipient: MemberID) -> BoundedDatagram {
    let head = Datagram(sender: id, recipient: recipient, incarnation: incarnation, body: body)
    var datagram = BoundedDatagram(
      head.encodedHead(cluster: configuration.cluster),
      limit: configuration.mistakes.contains(.datagramsUnbounded) ? .max : configuration.maximumDatagramBytes)
    if let rumour = rumourForSubject(recipient) { _ = datagram.append(.health(rumour)) }
    return datagram
  }

  mutating func dispatch(_ datagram: BoundedDatagram, to recipient: MemberID) {
    counters.sentDatagrams += 1
    counters.sentBytes += UInt64(datagram.bytes.count)
    directives.append(.send(datagram: datagram.bytes, to: recipient))
  }

  /// Who is suspected hears it first (Lifeguard's buddy system), and so does who counts as dead or has forgotten
  /// an earlier life.
  private func rumourForSubject(_ recipient: MemberID) -> HealthRumour? {
    guard let place = table.position(of: recipient) else { return nil }
    let record = table[place]
    switch record.health {
    case .alive: return record.announced < record.incarnation ? record.rumour : nil
    case .suspect: return configuration.lifeguard.buddy ? record.rumour : nil
    case .dead, .left: return record.rumour
    }
  }

  func rumour(on subject: RumourQueue.Subject) -> Rumour? {
    switch subject {
    case .health(id):
      return .health(HealthRumour(member: id, health: isLeaving ? .left : .alive, incarnation: incarnation))
    case .health(let member):
      return table.position(of: member).flatMap { table[$0].rumour }.map(Rumour.health)
    case .suspicion(let member, let accuser):
      guard let place = table.position(of: member), table[place].health == .suspect else { return nil }
      return .health(
        HealthRumour(
          member: member, health: .suspect, incarnation: table[place].incarnation, accuser: accuser))
    case .load(let member): return load(of: member).map(Rumour.load)
    }
  }

  /// A member's newest hints, this node's own included, with their age as it is now.
  func load(of member: MemberID) -> LoadRumour? {
    let known: AgedHints?
    if member == id {
      known = (ownHints?.sequence ?? 0) > 0 ? hints : nil
    } else {
      known = table.position(of: member).flatMap { table[$0].hints }
    }
    return known.map {
      LoadRumour(member: member, stamp: $0.stamp, age: $0.age(at: clock), hints: $0.hints)
    }
  }

  /// `ceil(multiplier * ln(members + 1))` (SWIM, section 4.1).
  static func retransmissions(_ multiplier: Int, members: Int) -> Int {
    max(1, Int((Double(multiplier) * Logarithm.natural(Double(members + 1))).rounded(.up)))
  }

  mutating func tickGossip() {
    guard clock >= nextGossip else { return }
    nextGossip = clock + configuration.gossipInterval
    guard !queue.isEmpty else { return }
    let targets = generator.sample(table.ids { $0.health < .dead }, count: configuration.gossipFanout)
    for target in targets where !queue.isEmpty { send(.gossip, to: target) }
  }
}

/// Encoded rumours up to a limit in bytes.
struct BoundedDatagram {
  private(set) var bytes: [UInt8]
  private let limit: Int

  init(_ head: ByteSink, limit: Int) {
    bytes = head.bytes
    self.limit = limit
  }

  /// False: it does not fit, and nothing was added.
  mutating func append(_ rumour: Rumour) -> Bool {
    let encoded = rumour.encoded()
    guard bytes.count + encoded.count <= limit else { return false }
    bytes.append(contentsOf: encoded)
    return true
  }
}
