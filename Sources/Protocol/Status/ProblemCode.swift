/// What can be wrong with a cluster, for `problems` of the status. This is the one list of all kinds: a new one is added
/// here, to the table in docs/operations.md (a test compares the two), and to what finds it in `Sources/Node/Status`.
///
/// Operators' scripts and alert rules go by these words: one that was ever used keeps its meaning.
package enum ProblemCode: String, Sendable, CaseIterable {
  // Who is there.
  case peerUnreachable = "peer_unreachable"
  case noLeader = "no_leader"
  /// One more loss stops the cluster.
  case noSpare = "no_spare"
  case beginning
  case notStarted = "not_started"
  case belowLevel = "below_level"
  case otherCluster = "other_cluster"
  case twoProcesses = "two_processes"
  // What is not as it was.
  case oldCopy = "old_copy"
  case stateDiffers = "state_differs"
  // Who does not keep up.
  case diskFull = "disk_full"
  case diskSlow = "disk_slow"
  case noProgress = "no_progress"
  case lagging
  case catchingUp = "catching_up"
  case memoryShort = "memory_short"
  case archiveFails = "archive_fails"
  // The machine and its surroundings.
  case clockOff = "clock_off"
  case limitsLow = "limits_low"
  case certificateExpires = "certificate_expires"
  case certificateExpired = "certificate_expired"
  /// New files of a certificate cannot be used.
  case certificateRefused = "certificate_refused"
}
