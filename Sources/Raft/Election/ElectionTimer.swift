/// How soon a member campaigns when there is no leader.
package enum CampaignPriority: String, Sendable {
  case normal
  /// Waits four times as long, so that any other voter comes first: for a node that is drained, overloaded or
  /// out of disk. It still comes in the end, and a transfer to it is obeyed at once.
  case low
}

/// When a member that hears from no leader campaigns.
struct ElectionTimer: Sendable {
  /// Ticks since a leader was heard from, a vote was given, or a campaign was begun.
  var elapsed = 0
  /// Drawn anew for every wait, so that members rarely campaign together (paper, section 5.2).
  var timeout = 0
  /// Campaigns that still begin after a few ticks, since the leader's connection was lost.
  var earlyRounds = 0
}

extension RaftNode {
  /// Draws of an early campaign: `1 ... 8` ticks.
  private static let earlyTicks = 1..<9
  /// A second and third early try cover a peer that notices the loss a moment later than this node.
  private static let earlyTries = 3
  private static let lowPriorityFactor = 4

  /// Starts a wait. One that is early stays so only while the node is not a candidate: a real vote takes as
  /// long as the disks need.
  mutating func restartElectionTimer() {
    timer.elapsed = 0
    timer.timeout =
      timer.earlyRounds > 0 && role != .candidate
      ? generator.draw(RaftNode.earlyTicks)
      : generator.draw(configuration.electionTicks..<configuration.electionTicks * 2)
        * (priority == .low ? RaftNode.lowPriorityFactor : 1)
    if priority == .low { mark(.lowPriorityWaits) }
  }

  mutating func restartElectionTimerAsUsual() {
    timer.earlyRounds = 0
    restartElectionTimer()
  }

  /// Another node is about to campaign: an early campaign of this one waits until that has had its chance.
  mutating func yieldEarlyCampaign() {
    guard timer.earlyRounds > 0, role == .follower else { return }
    timer.elapsed = 0
    timer.timeout = RaftNode.earlyTicks.upperBound + generator.draw(RaftNode.earlyTicks)
  }

  mutating func tickElection() {
    timer.elapsed += 1
    guard timer.elapsed >= timer.timeout else { return }
    if canCampaign {
      campaign()
    } else {
      // Whoever does not campaign must not believe for ever in one that is silent: it may have been removed meanwhile.
      if role != .leader { leader = nil }
      restartElectionTimerAsUsual()
    }
  }

  /// Whether a leader was heard from so lately that nobody else is to be elected.
  var hearsFromLeader: Bool {
    if role == .leader { return true }
    // A lease of a leader counts on this member even if it has been restarted since.
    if configuration.leaseReads { return now - lastLeaderContact < UInt64(configuration.electionTicks) }
    return leader != nil && timer.elapsed < configuration.electionTicks
  }

  /// A hint: the connection to the leader was reset, so its process is probably gone. The leader no longer
  /// counts as heard from, and this node asks for pre-votes after 1 to 8 ticks. Members that still hear from
  /// the leader refuse, so a broken cable costs nothing.
  package mutating func leaderConnectionLost() {
    guard leader != nil, role == .follower || role == .learner, !configuration.leaseReads else { return }
    leader = nil
    if role == .learner || priority == .low { return }
    mark(.earlyCampaign)
    timer.earlyRounds = RaftNode.earlyTries
    restartElectionTimer()
  }
}
