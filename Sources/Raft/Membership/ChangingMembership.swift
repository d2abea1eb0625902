/// Changes of the group through joint configurations (dissertation, section 4.3), and what follows from each
/// configuration for this node.
extension RaftNode {
  /// Begins a change. What comes after its first configuration (promotion of those who join, the end of the
  /// joint configuration, the step down of a leader that was removed) happens by itself.
  package mutating func changeMembership(_ change: MembershipChange) -> MembershipChange.Outcome {
    guard role == .leader else { return .notLeader(leader) }
    if transfer != nil { return .busy("leadership is being transferred: try again in a moment") }
    if let reason = reasonNotToChange {
      mark(.changeRefused)
      return .busy(reason)
    }
    let next: Membership
    do { next = try membership.beginning(change) } catch { return .refused(error.description) }
    if next == membership { return .unchanged }
    if !couldCommit(under: next) {
      mark(.changeWouldStall)
      return .refused(
        "too few of the voters that would be left answer now, and the group would stand still: bring them back, or "
          + "remove one that does not answer instead")
    }
    append(next)
    return .appended(membershipIndex)
  }

  /// Whether a majority of every half answers and has its disk: without one the configuration would be in effect and
  /// could neither be committed nor taken back.
  private func couldCommit(under next: Membership) -> Bool {
    Quorum.isReached(in: next) { member in
      if member == id { return true }
      guard let position = position(of: member) else { return false }
      return isRecentlyActive(peers[position])
        && !peers[position].isEmptied(now: now, for: configuration.electionTicks)
    }
  }

  /// One change at a time, and none before this leader knows what is committed (Ongaro, raft-dev, 2015: "bug in
  /// single-server membership changes").
  private var reasonNotToChange: String? {
    if !configuration.mistakes.contains(.overlappingChanges) {
      if membership.isJoint { return "another change of the group is under way: wait until it is complete" }
      if membershipIndex > commitIndex { return "the last change of the group is not committed yet: try again" }
    }
    if !configuration.mistakes.contains(.changeBeforeTermCommit), !hasCommittedInTerm {
      return "this leader has committed nothing in its term yet: try again in a moment"
    }
    return nil
  }

  /// The leader's part in a change that is under way.
  mutating func advanceMembership() {
    guard membershipIndex <= commitIndex, hasCommittedInTerm else { return }
    if membership.isJoint {
      mark(.leftJoint)
      return append(membership.leavingJoint())
    }
    if !membership.votes(id) { return resignAfterRemoval() }
    if membership.joining.isEmpty || transfer != nil { return }
    for member in membership.joining { measureCatchUp(of: member) }
    let next = membership.promoting { member in
      position(of: member).map { peers[$0].catchUp.isDone } ?? false
    }
    guard let next, couldCommit(under: next) else { return }
    mark(.promoted)
    append(next)
  }

  /// Rounds of replication (dissertation, section 4.2.1): each ends when the member has what the leader had when
  /// it began. One that took less than an election timeout shows that as a voter it would hold up nobody.
  private mutating func measureCatchUp(of member: NodeID) {
    guard let position = position(of: member) else { return }
    peers[position].catchUp.advance(
      match: min(peers[position].match, peers[position].appended), last: log.lastIndex, now: now,
      patience: configuration.electionTicks)
  }

  private mutating func append(_ next: Membership) {
    var next = next
    if configuration.mistakes.contains(.skipJoint) { next.outgoing = [] }
    let data = next.encoded()
    appendAsLeader(kind: .membership, checksum: checksum(of: data), data: data)
  }

  /// A leader that is no longer a member leads until that is committed; then it hands over to whoever is
  /// furthest, and goes either way.
  private mutating func resignAfterRemoval() {
    if transfer != nil { return }
    mark(.leaderRemoved)
    if case .begun = transferLeadership(to: nil) { return }
    becomeFollower(term: term, leader: nil)
  }

  // MARK: at every member

  /// Takes note of configurations among entries that were just appended.
  mutating func noteMemberships(in entries: some Sequence<Entry>) {
    var changed = false
    for entry in entries where entry.kind == .membership {
      // Whoever made or received the entry has looked whether it can be read.
      guard let next = try? Membership(encoded: entry.data) else { continue }
      memberships.append(next, at: entry.index)
      changed = true
    }
    if changed { useNewestMembership() }
  }

  mutating func useNewestMembership() {
    let before = membership
    membership = memberships.newest.membership
    membershipIndex = memberships.newest.index
    if membership.isJoint { mark(.enteredJoint) }
    traced("ApplyConfChange")
    switch role {
    case .leader: adjustPeers(since: before)
    case .candidate, .preCandidate: if !canCampaign { becomeFollower(term: term, leader: nil) }
    case .follower, .learner: role = passiveRole
    }
  }

  private mutating func adjustPeers(since before: Membership) {
    var kept: [Progress] = []
    for member in membership.members where member != id {
      let isDemoted =
        before.voters.contains(member) && !membership.voters.contains(member)
        && membership.learners.contains(member)
      if let position = position(of: member), !isDemoted {
        peers[position].departs = nil
        kept.append(peers[position])
      } else {
        // A member that was demoted may be one whose disk was emptied: nothing is known of it any more.
        kept.append(Progress(id: member, next: log.lastIndex.next, now: now))
      }
    }
    // Whoever was removed is to learn of it, and gets the log for a while.
    for peer in peers where !kept.contains(where: { $0.id == peer.id }) {
      var peer = peer
      if peer.departs == nil { peer.departs = now + UInt64(configuration.electionTicks) * 4 }
      kept.append(peer)
    }
    peers = kept
  }

  mutating func dropDeparted() {
    if peers.contains(where: { $0.departs.map { $0 <= now } ?? false }) {
      peers.removeAll { $0.departs.map { $0 <= now } ?? false }
    }
  }

  /// The configuration in effect once all entries up to `index` are applied: the one that belongs into a
  /// snapshot of that index. The newest one may not even be committed.
  package func membership(at index: LogIndex) -> Membership { memberships.membership(at: index) }

  /// The configuration that majorities are counted in.
  var electorate: Membership {
    if configuration.mistakes.contains(.incomingMajorityOnly) { return Membership(voters: membership.voters) }
    if configuration.mistakes.contains(.learnersCount) {
      return Membership(voters: membership.members, outgoing: membership.outgoing)
    }
    return membership
  }
}
