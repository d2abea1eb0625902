import Gossip
import Kernel
import Protocol

/// How busy this node is, as it tells it by gossip.
struct OwnLoad {
  private static let interval = Span.milliseconds(500)

  private(set) var hints: LoadHints?
  private(set) var measuredAt: Instant
  private var proposals: UInt64 = 0

  init(at now: Instant) { measuredAt = now }

  /// Every half second, and at once when the node begins or ends to drain.
  func isDue(_ now: Instant, isDraining: Bool) -> Bool {
    guard let hints else { return true }
    return now - measuredAt >= Self.interval || hints.isDraining != isDraining
  }

  /// - Parameter proposals: since the start of the process.
  mutating func measure(_ notice: NodeNotice, proposals: UInt64, now: Instant, cores: Int) {
    let elapsed = hints == nil ? 0 : UInt64(max(0, (now - measuredAt).milliseconds))
    let rate = elapsed == 0 ? 0 : (proposals - min(proposals, self.proposals)) * 1_000 / elapsed
    self.proposals = proposals
    measuredAt = now
    hints = LoadHints(notice, proposalsPerSecond: rate, cores: cores)
  }
}

extension LoadHints {
  /// - Parameter cores: of the node that the notice comes from.
  init(_ notice: NodeNotice, proposalsPerSecond: UInt64 = 0, cores: Int) {
    self.init(
      connections: UInt32(clamping: notice.connections), ownedSessions: UInt32(clamping: notice.ownedSessions),
      cpuPerMille: UInt16(min(1_000, max(0, notice.cpu) * 1_000 / Double(max(1, cores)))),
      loopLagMicroseconds: Self.microseconds(notice.loopLagMilliseconds),
      proposalsPerSecond: UInt32(clamping: proposalsPerSecond),
      ackP99Microseconds: Self.microseconds(notice.ackP99Milliseconds), isDraining: notice.isDraining,
      uptimeSeconds: UInt32(clamping: notice.uptimeSeconds), version: notice.version)
  }

  private static func microseconds(_ milliseconds: Double) -> UInt32 {
    UInt32(min(Double(UInt32.max), max(0, milliseconds * 1_000)))
  }
}
