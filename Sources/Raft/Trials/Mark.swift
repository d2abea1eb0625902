/// Branches of the algorithm that a test run should reach; the simulator lists those that it did not.
package enum Mark: UInt8, CaseIterable, Sendable {
  case preVoteWon, preVoteLost, voteWon, voteLost, candidateStepsAside, higherTermSeen
  case refusedForLiveLeader, refusedForLog, lowerTermAnswered, leaderWithoutQuorum, earlyCampaign
  case logCut, appendRejected, appendBelowCommit, rejectionFollowed, rejectionIgnored, probeEnds
  case pipelineFull, proposalRefusedFull, proposalForwarded, unreachableProbed, emptyAppendUnanswered
  case commitHeldForTerm, lateWriteCut
  case snapshotSent, snapshotResumed, snapshotContained, snapshotInstalled, snapshotReplaced, chunkResent
  case readRound, readHeldForTerm, readForwarded, leaseRead
  case enteredJoint, leftJoint, promoted, leaderRemoved, changeRefused, changeWouldStall, membershipTruncated
  case transferBegun, timeoutNowSent, timeoutNowObeyed, transferGivenUp, proposalDuringTransfer
  case rejoinAsked, rejoined, lowPriorityWaits, compactionHeld, resigned
}

/// A set of marks.
package struct MarkSet: Hashable, Sendable {
  private var bits: UInt64 = 0
  package init() {}
  package mutating func insert(_ mark: Mark) { bits |= 1 << UInt64(mark.rawValue) }
  package func contains(_ mark: Mark) -> Bool { bits & 1 << UInt64(mark.rawValue) != 0 }
  package mutating func formUnion(_ other: MarkSet) { bits |= other.bits }
}

extension RaftNode {
  mutating func mark(_ mark: Mark) { marks.insert(mark) }
}
