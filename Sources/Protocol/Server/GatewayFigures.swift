package import Desk

/// Counters of a gateway loop, or of all loops together, since the start.
package struct GatewayFigures: Sendable {
  /// Connections now.
  package var connections = 0
  /// Connections ever.
  package var accepted: UInt64 = 0
  package var framesIn: UInt64 = 0
  package var framesOut: UInt64 = 0
  package var bytesIn: UInt64 = 0
  package var bytesOut: UInt64 = 0
  /// Requests handed to the replica.
  package var requests: UInt64 = 0
  /// Messages sent again for want of a receipt.
  package var resent: UInt64 = 0
  /// Frames answered with `rate_limited`.
  package var rateLimited: UInt64 = 0
  /// Errors sent, by code.
  package var errors: [Failure.Code: UInt64] = [:]
  /// Ended connections by close code, 1006 when no close frame was seen.
  package var closes: [CloseCode: UInt64] = [:]

  package init() {}

  package mutating func add(_ other: GatewayFigures) {
    connections += other.connections
    accepted += other.accepted
    framesIn += other.framesIn
    framesOut += other.framesOut
    bytesIn += other.bytesIn
    bytesOut += other.bytesOut
    requests += other.requests
    resent += other.resent
    rateLimited += other.rateLimited
    errors.merge(other.errors, uniquingKeysWith: +)
    closes.merge(other.closes, uniquingKeysWith: +)
  }
}
