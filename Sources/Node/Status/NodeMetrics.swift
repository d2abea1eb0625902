import Kernel
import Protocol
import Raft

/// Counters of this node since its start.
struct NodeMetrics {
  var proposals: UInt64 = 0
  var forwardsTaken: UInt64 = 0
  var entriesApplied: UInt64 = 0
  var messagesAcknowledged: UInt64 = 0
  var messagesDelivered: UInt64 = 0
  var snapshotsRefused: UInt64 = 0
  var ackSeconds = Histogram()
  var syncSeconds = Histogram()
  var diskIsFull = false
  let startedAt: Instant

  init(at now: Instant) { startedAt = now }

  mutating func acknowledged(after time: Span) {
    messagesAcknowledged += 1
    ackSeconds.record(seconds: time.seconds)
  }
}
