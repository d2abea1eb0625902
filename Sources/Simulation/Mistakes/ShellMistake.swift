/// Mistakes of the shell around Raft, of the disk below it and of the gateway before it, made on purpose, to see that the checks find them.
/// Each one is a mistake that real systems have made.
package enum ShellMistake: String, CaseIterable, Sendable {
  /// The own write counts as durable when it is handed to the disk.
  case ownAckBeforeSync = "own-ack-before-sync"
  /// Votes and reports of appended entries leave before they are durable.
  case messagesBeforeSync = "messages-before-sync"
  /// The disk says that a write is durable when it is not.
  case lyingSync = "lying-sync"
  /// The vote is not found again after a restart.
  case voteForgotten = "vote-forgotten"
  /// A damaged entry is taken for the torn end of the log.
  case damageTakenForTornTail = "damage-taken-for-torn-tail"
  /// A received snapshot changes the log and not the state.
  case snapshotNotInstalled = "snapshot-not-installed"
  /// A received snapshot that the disk has refused counts as installed.
  case refusedSnapshotCounts = "refused-snapshot-counts"
  /// A snapshot is named after one entry more than it contains.
  case snapshotIndexTooHigh = "snapshot-index-too-high"
  /// A snapshot carries the newest membership of the log instead of that at its index.
  case snapshotMembershipTooNew = "snapshot-membership-too-new"
  /// A gateway writes the acks of a turn before all else that the turn has for the connection.
  case acksOvertake = "acks-overtake"
  /// The second half of a turn's end is carried out before the first.
  case halvesSwapped = "halves-swapped"
  /// Clients are not told what the second half has for them where there was something to do for the first.
  case secondHalfUntold = "second-half-untold"
}
