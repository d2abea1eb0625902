/// The question to one member that is under way.
struct Probe: Sendable {
  let target: MemberID
  let number: UInt64
  /// When others are asked, and when it has failed.
  var asksOthersAt: UInt64
  var endsAt: UInt64
  /// Who was asked; nil: nobody yet.
  var helpers: [MemberID]?
  var silentHelpers: [MemberID] = []
  var isAnswered = false

  mutating func shift(by gap: UInt64) {
    asksOthersAt += gap
    endsAt += gap
  }
}

/// The probes of SWIM (section 3.1): ping; when there is no answer in time, ask others to ping; when there is none by
/// the end of the period either, suspect.
extension GossipNode {
  mutating func tickProbe() {
    if let current = probe {
      if !current.isAnswered, current.helpers == nil, clock >= current.asksOthersAt { askOthers() }
      if clock >= current.endsAt { endProbe() }
    }
    guard probe == nil, clock >= nextProbe else { return }
    let table = table
    let target = order.next(&generator) { member in
      table.position(of: member).map { table[$0].health < .dead } ?? false
    }
    guard let target else { return }
    let period = localHealth.scale(configuration.probeInterval)
    lastNumber &+= 1
    probe = Probe(
      target: target, number: lastNumber,
      asksOthersAt: clock + localHealth.scale(configuration.probeTimeout), endsAt: clock + period)
    nextProbe = clock + period
    counters.probes += 1
    send(.ping(lastNumber), to: target)
  }

  private mutating func askOthers() {
    guard let current = probe else { return }
    let others = table.ids { $0.health == .alive && $0.id != current.target }
    let helpers = generator.sample(others, count: configuration.indirectProbes)
    probe?.helpers = helpers
    probe?.silentHelpers = helpers
    for helper in helpers { send(.pingRequest(current.number, target: current.target), to: helper) }
  }

  private mutating func endProbe() {
    guard let current = probe else { return }
    probe = nil
    guard !current.isAnswered else { return }
    counters.failedProbes += 1
    // Helpers that say they have no answer either are proof that this node can be heard; silent ones are a sign that
    // it cannot. With nobody to ask, each failure is a reason for doubt.
    let asked = current.helpers ?? []
    localHealth.worsen(by: asked.isEmpty ? 1 : current.silentHelpers.count)
    suspect(current.target)
  }

  mutating func receiveAck(_ number: UInt64, from sender: MemberID) {
    if let current = probe, current.number == number {
      guard sender == current.target || current.helpers?.contains(sender) == true else { return }
      if !current.isAnswered { localHealth.improve() }
      probe?.isAnswered = true
      return
    }
    guard let place = relays.firstIndex(where: { $0.number == number && $0.target == sender }) else { return }
    let relay = relays.remove(at: place)
    send(.ack(relay.requestedNumber), to: relay.requester)
  }

  mutating func receiveNack(_ number: UInt64, from sender: MemberID) {
    guard probe?.number == number else { return }
    probe?.silentHelpers.removeAll { $0 == sender }
  }

  /// Dead members are not probed, so nobody would notice that one is back on the other side of a healed partition.
  /// The ping says what is thought of it; it will contradict.
  mutating func tickRevival() {
    guard clock >= nextRevival, !configuration.mistakes.contains(.deadNeverAsked) else { return }
    defer { nextRevival = clock + configuration.revivalInterval }
    guard let lost = generator.sample(table.ids { $0.health >= .dead }, count: 1).first else { return }
    lastNumber &+= 1
    send(.ping(lastNumber), to: lost)
  }
}
