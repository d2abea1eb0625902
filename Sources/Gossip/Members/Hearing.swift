/// What a rumour changes (SWIM, section 4.2).
extension GossipNode {
  mutating func hear(_ rumour: HealthRumour, from sender: MemberID = .nobody) {
    if rumour.member == id { return hearOfItself(rumour) }
    guard let place = table.position(of: rumour.member) else { return }
    var rumour = rumour
    // Who accuses must belong, or one confirmation could be counted under many names.
    if rumour.health == .suspect, rumour.accuser != id, !table.contains(rumour.accuser) {
      rumour.accuser = sender
    }
    let record = table[place]
    if configuration.mistakes.contains(.deathOutlivesRestart), record.health == .dead { return }
    if rumour.overrides((record.health, record.incarnation)) {
      adopt(rumour, at: place)
    } else if rumour.health == .suspect, record.health == .suspect, rumour.incarnation == record.incarnation {
      confirm(rumour.accuser, at: place)
    }
  }

  /// A death that is learnt by comparing tables, and not as news, may be old and long contradicted elsewhere: after a
  /// partition it would spread from one side to the other. It counts as a suspicion, which the member can still
  /// contradict. Of a member that this node has never heard of, it is believed.
  func softened(_ rumour: HealthRumour, from sender: MemberID) -> HealthRumour {
    guard rumour.health == .dead, let place = table.position(of: rumour.member),
      table[place].incarnation != .zero, table[place].health < .dead
    else { return rumour }
    return HealthRumour(
      member: rumour.member, health: .suspect, incarnation: rumour.incarnation, accuser: sender)
  }

  mutating func adopt(_ rumour: HealthRumour, at place: Int) {
    let old = table[place].health
    table[place].incarnation = rumour.incarnation
    if old != rumour.health {
      if rumour.health == .alive, old >= .dead { table[place].recoveredAt = clock }
      table[place].health = rumour.health
      table[place].since = clock
      directives.append(
        .healthChanged(
          HealthChange(
            member: rumour.member, from: old, to: rumour.health, incarnation: rumour.incarnation)))
    }
    queue.forgetHealth(of: rumour.member)
    if rumour.health == .suspect {
      table[place].suspicion = newSuspicion(by: rumour.accuser)
      queue.spread(.suspicion(rumour.member, by: rumour.accuser))
    } else {
      table[place].suspicion = nil
      queue.spread(.health(rumour.member))
    }
  }

  /// Only what this node itself has told, or an earlier life of it, can be above its own incarnation.
  private mutating func hearOfItself(_ rumour: HealthRumour) {
    let own: (health: Health, incarnation: Incarnation) = (isLeaving ? .left : .alive, incarnation)
    guard rumour.overrides(own) else { return }
    if rumour.health == .alive, configuration.mistakes.contains(.earlierLifeIgnored) { return }
    incarnation =
      configuration.mistakes.contains(.refutationKeepsIncarnation)
      ? rumour.incarnation : rumour.incarnation.next
    queue.spread(.health(id))
    if rumour.health == .suspect || rumour.health == .dead {
      counters.refutations += 1
      localHealth.worsen(by: 1)
    }
  }

  mutating func hear(_ rumour: LoadRumour) {
    if rumour.member == id {
      if configuration.mistakes.contains(.earlierLifeIgnored) { return }
      // Hints that this life did not give are of an earlier one with the same or a higher incarnation.
      let newest = ownHints?.stamp(incarnation) ?? HintStamp(incarnation: incarnation, sequence: 0)
      if rumour.stamp > newest {
        incarnation = max(incarnation, rumour.stamp.incarnation).next
        queue.spread(.health(id))
      }
      return
    }
    guard let place = table.position(of: rumour.member) else { return }
    if let known = table[place].hints, known.stamp >= rumour.stamp {
      guard configuration.mistakes.contains(.hintsUnordered), known.stamp != rumour.stamp else { return }
    }
    table[place].hints = AgedHints(
      hints: rumour.hints, stamp: rumour.stamp, ageOnArrival: rumour.age, arrivedAt: clock)
    queue.spread(.load(rumour.member))
    directives.append(.hintsChanged(rumour.member))
  }
}
