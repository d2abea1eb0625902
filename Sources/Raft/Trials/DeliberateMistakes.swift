/// Guards of the algorithm that can be taken out, one by one, to show that tests and simulator notice. Only they
/// set this; a node that serves runs with none. The reasons are told where each guard stands.
package struct DeliberateMistakes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Commits entries of earlier terms by counting (paper, figure 8).
  package static let commitsEarlierTerms = DeliberateMistakes(rawValue: 1 << 0)
  /// Votes go out before they are on disk.
  package static let voteBeforeDurable = DeliberateMistakes(rawValue: 1 << 1)
  /// A follower reports entries before they are on disk.
  package static let ackBeforeDurable = DeliberateMistakes(rawValue: 1 << 2)
  /// The leader counts its own entries before they are on disk.
  package static let ownAckBeforeDurable = DeliberateMistakes(rawValue: 1 << 3)
  /// The commit index is read off match indexes that were not sorted.
  package static let unsortedMatch = DeliberateMistakes(rawValue: 1 << 4)
  /// An append raises the commit index past what it has verified.
  package static let commitBeyondVerified = DeliberateMistakes(rawValue: 1 << 5)
  /// A follower cuts its log at every append, also where it agrees.
  package static let cutsMatchingSuffix = DeliberateMistakes(rawValue: 1 << 6)
  /// A conflict leaves what is after it.
  package static let keepsConflictingTail = DeliberateMistakes(rawValue: 1 << 7)
  /// A late write vouches for entries that were replaced.
  package static let lateWriteCounts = DeliberateMistakes(rawValue: 1 << 8)
  /// ReadIndex is answered without a round of heartbeats.
  package static let readWithoutRound = DeliberateMistakes(rawValue: 1 << 9)
  /// ReadIndex is answered by a leader that has committed nothing in its term.
  package static let readBeforeTermCommit = DeliberateMistakes(rawValue: 1 << 10)
  /// A new leader appends nothing of its own.
  package static let noNoop = DeliberateMistakes(rawValue: 1 << 11)
  /// A change of several members takes effect in one step.
  package static let skipJoint = DeliberateMistakes(rawValue: 1 << 12)
  /// A change begins while another is under way.
  package static let overlappingChanges = DeliberateMistakes(rawValue: 1 << 13)
  /// A change begins before the leader has committed in its term.
  package static let changeBeforeTermCommit = DeliberateMistakes(rawValue: 1 << 14)
  /// Votes are given without a look at the log.
  package static let voteIgnoresLog = DeliberateMistakes(rawValue: 1 << 15)
  /// A second candidate of a term gets a vote too.
  package static let votesTwice = DeliberateMistakes(rawValue: 1 << 16)
  /// A member does not answer a leader of an earlier term.
  package static let silentToEarlierTerm = DeliberateMistakes(rawValue: 1 << 17)
  /// A node whose disk was emptied goes on as the voter that it was.
  package static let emptiedNodeVotes = DeliberateMistakes(rawValue: 1 << 18)
  /// A member that is being taken back says that it has caught up before it gives votes.
  package static let readyBeforeVoting = DeliberateMistakes(rawValue: 1 << 31)
  /// A snapshot is reported as installed before it is on disk.
  package static let snapshotAckBeforeDurable = DeliberateMistakes(rawValue: 1 << 19)
  /// While joint, only the incoming majority counts.
  package static let incomingMajorityOnly = DeliberateMistakes(rawValue: 1 << 20)
  /// Learners count in every majority.
  package static let learnersCount = DeliberateMistakes(rawValue: 1 << 21)
  /// The lease is longer than members refuse votes.
  package static let leaseTooLong = DeliberateMistakes(rawValue: 1 << 22)
  /// The lease goes on after the target of a transfer was told to campaign.
  package static let leaseOutlivesTransfer = DeliberateMistakes(rawValue: 1 << 23)
  /// A truncated configuration stays in effect.
  package static let truncationKeepsMembership = DeliberateMistakes(rawValue: 1 << 24)
  /// A received snapshot leaves the log as it was.
  package static let installKeepsLog = DeliberateMistakes(rawValue: 1 << 25)
  /// A member that hears from a leader helps to depose it.
  package static let votesAgainstLiveLeader = DeliberateMistakes(rawValue: 1 << 26)
  /// A rejection that answers an old message takes back what the leader knows.
  package static let believesOldRejection = DeliberateMistakes(rawValue: 1 << 27)
  /// A term is shown to others before it is on disk.
  package static let termBeforeDurable = DeliberateMistakes(rawValue: 1 << 28)
  /// A voter does not campaign any more once its own log removes it, be that committed or not.
  package static let removedStaysSilent = DeliberateMistakes(rawValue: 1 << 29)
  /// A leader that has something else where this member has committed is followed all the same.
  package static let contradictionIgnored = DeliberateMistakes(rawValue: 1 << 30)

  /// All of them, by name.
  package static let named: [(name: String, mistake: DeliberateMistakes)] = [
    ("commitsEarlierTerms", .commitsEarlierTerms), ("voteBeforeDurable", .voteBeforeDurable),
    ("ackBeforeDurable", .ackBeforeDurable), ("ownAckBeforeDurable", .ownAckBeforeDurable),
    ("unsortedMatch", .unsortedMatch), ("commitBeyondVerified", .commitBeyondVerified),
    ("cutsMatchingSuffix", .cutsMatchingSuffix), ("keepsConflictingTail", .keepsConflictingTail),
    ("lateWriteCounts", .lateWriteCounts), ("readWithoutRound", .readWithoutRound),
    ("readBeforeTermCommit", .readBeforeTermCommit), ("noNoop", .noNoop), ("skipJoint", .skipJoint),
    ("overlappingChanges", .overlappingChanges), ("changeBeforeTermCommit", .changeBeforeTermCommit),
    ("voteIgnoresLog", .voteIgnoresLog), ("votesTwice", .votesTwice),
    ("silentToEarlierTerm", .silentToEarlierTerm), ("emptiedNodeVotes", .emptiedNodeVotes),
    ("readyBeforeVoting", .readyBeforeVoting),
    ("snapshotAckBeforeDurable", .snapshotAckBeforeDurable),
    ("incomingMajorityOnly", .incomingMajorityOnly), ("learnersCount", .learnersCount),
    ("leaseTooLong", .leaseTooLong), ("leaseOutlivesTransfer", .leaseOutlivesTransfer),
    ("truncationKeepsMembership", .truncationKeepsMembership), ("installKeepsLog", .installKeepsLog),
    ("votesAgainstLiveLeader", .votesAgainstLiveLeader), ("believesOldRejection", .believesOldRejection),
    ("termBeforeDurable", .termBeforeDurable), ("removedStaysSilent", .removedStaysSilent),
    ("contradictionIgnored", .contradictionIgnored),
  ]
}
