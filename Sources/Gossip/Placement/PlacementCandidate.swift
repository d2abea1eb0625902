/// What a choice of an owner knows of one node.
package struct PlacementCandidate: Hashable, Sendable {
  package var member: MemberID
  package var health: Health
  /// Sessions that the node owns, from the replicated state: exact, but for what is under way.
  package var ownedSessions: Int
  /// Sessions that were given to it here and are not in the state yet (`PlacementLedger`). What was committed since
  /// the hints were measured is in `ownedSessions` already.
  package var unsettled: Int
  package var hints: LoadHints?
  /// Milliseconds; means nothing without hints.
  package var hintAge: UInt64
  /// Milliseconds since the node started or came back, as far as is known; nil: long enough.
  package var upFor: UInt64?

  package init(
    member: MemberID, health: Health = .alive, ownedSessions: Int, unsettled: Int = 0, hints: LoadHints? = nil,
    hintAge: UInt64 = 0, upFor: UInt64? = nil
  ) {
    self.member = member
    self.health = health
    self.ownedSessions = ownedSessions
    self.unsettled = unsettled
    self.hints = hints
    self.hintAge = hintAge
    self.upFor = upFor
  }

  /// A member as gossip sees it, with the state's exact count. A node that starts again so quickly that gossip did
  /// not miss it is known to be new only with its next hints; who knows better (a link that came up) lowers `upFor`.
  package init(_ status: MemberStatus, ownedSessions: Int, unsettled: Int, now: UInt64) {
    let age = status.hints?.age(at: now) ?? 0
    // Without hints it is as new as it is to this node.
    let known = now > status.since ? now - status.since : 0
    var upFor = status.hints.map { UInt64($0.hints.uptimeSeconds) * 1_000 + age } ?? known
    // A node that was cut off long enough to lose its sessions is as empty as one that has just started.
    if let recovered = status.recoveredAt {
      let back = now > recovered ? now - recovered : 0
      upFor = min(upFor, back)
    }
    self.init(
      member: status.id, health: status.health, ownedSessions: ownedSessions, unsettled: unsettled,
      hints: status.hints?.hints, hintAge: age, upFor: upFor)
  }
}

/// Sessions that were given to nodes here, and are not in the replicated state yet. A burst of openings must not all
/// go to the node that looked emptiest before the first of them was committed.
package struct PlacementLedger: Sendable {
  private var counts: [(member: MemberID, count: Int)] = []

  package init() {}

  package func unsettled(on member: MemberID) -> Int {
    counts.first { $0.member == member }?.count ?? 0
  }

  /// A session was given to it, and is about to be proposed.
  package mutating func placed(on member: MemberID) { change(member, by: 1) }

  /// The opening was applied, refused or given up.
  package mutating func settled(on member: MemberID) { change(member, by: -1) }

  private mutating func change(_ member: MemberID, by difference: Int) {
    if let place = counts.firstIndex(where: { $0.member == member }) {
      counts[place].count += difference
      if counts[place].count <= 0 { counts.remove(at: place) }
    } else if difference > 0 {
      counts.append((member, difference))
    }
  }
}
