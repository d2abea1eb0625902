/// What an operator wants changed about the group; any number of members at once.
package struct MembershipChange: Hashable, Sendable {
  /// Become learners at once and voters as soon as they have caught up.
  package var add: [NodeID]
  /// Receive the log and never vote.
  package var addLearners: [NodeID]
  /// Go: a voter through a joint configuration. With `add` in the same change, a voter goes when those have
  /// come (a replacement).
  package var remove: [NodeID]
  /// Voters that become learners. One that is in `add` as well becomes a voter again once it has caught up: so
  /// is a member taken back whose disk was emptied.
  package var demote: [NodeID]
  /// Where those in `add` and `addLearners` can be reached.
  package var addresses: [Membership.Address]

  package init(
    add: [NodeID] = [], addLearners: [NodeID] = [], remove: [NodeID] = [], demote: [NodeID] = [],
    addresses: [Membership.Address] = []
  ) {
    self.add = add
    self.addLearners = addLearners
    self.remove = remove
    self.demote = demote
    self.addresses = addresses
  }

  package enum Outcome: Hashable, Sendable {
    /// The first configuration of the change is in the log at this index. The rest follows by itself, through
    /// other leaders if need be.
    case appended(LogIndex)
    /// The group is so already.
    case unchanged
    /// This node does not lead; the leader, if it is known, does.
    case notLeader(NodeID?)
    /// Another change is under way, or this leader is too new: try again.
    case busy(String)
    /// It would make a group that cannot work.
    case refused(String)
  }
}

extension Membership {
  /// The configuration that begins the change. Not to be called on a joint one.
  ///
  /// - Throws: when the result could not work.
  func beginning(_ change: MembershipChange) throws(RaftError) -> Membership {
    var next = self
    let demoted = change.demote.filter { voters.contains($0) && !change.remove.contains($0) }
    let added = change.add.filter { !voters.contains($0) || demoted.contains($0) }
    let cancels = change.remove.contains { joining.contains($0) }
    func unite(_ list: [NodeID], _ more: [NodeID], without gone: [NodeID]) -> [NodeID] {
      Membership(voters: list + more.filter { !list.contains($0) }).voters.filter { !gone.contains($0) }
        .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
    let newLearners = change.addLearners.filter { !voters.contains($0) || demoted.contains($0) }
    next.learners = unite(learners, newLearners + added + demoted, without: change.remove)
    next.joining = unite(joining, added, without: change.remove)
    let going = change.remove.filter { voters.contains($0) }
    // Who calls off the newcomer calls off the replacement.
    let wereGoing = cancels && next.joining.isEmpty ? [] : leaving
    // A voter that is replaced waits for those who come; one that is just removed waits for nobody, and goes now.
    let isReplacement = !added.isEmpty
    next.leaving = unite(
      wereGoing, isReplacement ? going : [], without: change.add + (isReplacement ? [] : going))
    for address in change.addresses {
      next.addresses.removeAll { $0.id == address.id }
      next.addresses.append(address)
    }
    next.addresses.sort { $0.id < $1.id }
    // Those to come bring the joint configuration about; without them it is now.
    var leavesNow = isReplacement ? [] : going.filter { !change.add.contains($0) }
    if next.joining.isEmpty {
      leavesNow = unite(leavesNow, next.leaving, without: [])
      next.leaving = []
    }
    let gone = demoted + leavesNow
    if !gone.isEmpty {
      next.outgoing = voters
      next.voters.removeAll { gone.contains($0) }
    }
    next.forgetStrangers()
    try next.validate()
    return next
  }

  /// The joint configuration in which those of `joining` that are `ready` become voters; nil when that is not
  /// yet to be. Voters that leave go only once all have come.
  func promoting(_ ready: (NodeID) -> Bool) -> Membership? {
    let come = joining.filter(ready)
    guard !isJoint, !come.isEmpty, leaving.isEmpty || come == joining else { return nil }
    var next = self
    next.outgoing = voters
    next.voters = (voters.filter { !leaving.contains($0) } + come).sorted()
    next.learners.removeAll { come.contains($0) }
    next.joining.removeAll { come.contains($0) }
    next.leaving = []
    return next
  }

  /// The configuration after a joint one.
  func leavingJoint() -> Membership {
    var next = self
    next.outgoing = []
    next.forgetStrangers()
    return next
  }

  private mutating func forgetStrangers() {
    let all = members
    addresses.removeAll { !all.contains($0.id) }
    leaving.removeAll { !voters.contains($0) }
  }
}
