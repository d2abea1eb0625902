import NIOCore
internal import Protocol
import Raft

/// Counters of this node since its start.
struct ReplicaStatistics {
  var leaderChanges: UInt64 = 0
  var lastLeader: NodeID?
  var proposals: UInt64 = 0
  var forwardsTaken: UInt64 = 0
  var entriesApplied: UInt64 = 0
  var messagesAcknowledged: UInt64 = 0
  var messagesDelivered: UInt64 = 0
  var refusals: UInt64 = 0
  var snapshotsRefused: UInt64 = 0
  var ackSeconds = Histogram()
  var syncSeconds = Histogram()
  var diskIsFull = false
  var startedAt = NIODeadline.now()
  var processorLoad = ProcessorLoad()
  /// Time that a task of this loop waited before it ran, at the last look.
  var loopLagMilliseconds = 0.0

  mutating func acknowledged(after time: TimeAmount) {
    messagesAcknowledged += 1
    ackSeconds.record(seconds: Double(time.nanoseconds) / 1e9)
  }
}
