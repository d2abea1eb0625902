/// How busy a node says it is. Nothing is decided by it alone: it only tips a choice that exact counts leave open.
package struct LoadHints: Hashable, Sendable {
  /// Clients that are connected.
  package var connections: UInt32
  /// Sessions that the node owns, as it has applied the log.
  package var ownedSessions: UInt32
  /// Of all its processors, 0 to 1000.
  package var cpuPerMille: UInt16
  /// The longest delay of an event loop in the last period, in microseconds.
  package var loopLagMicroseconds: UInt32
  package var proposalsPerSecond: UInt32
  /// From the arrival of a message to its acknowledgement, in microseconds.
  package var ackP99Microseconds: UInt32
  /// The node hands its sessions over and wants no new ones.
  package var isDraining: Bool
  /// Since the start of the process.
  package var uptimeSeconds: UInt32
  /// Of the program; at most `longestVersion` bytes of UTF-8.
  package private(set) var version: String

  package static let longestVersion = 32

  /// - Parameter version: cut off after the last character that fits into `longestVersion` bytes.
  package init(
    connections: UInt32 = 0, ownedSessions: UInt32 = 0, cpuPerMille: UInt16 = 0,
    loopLagMicroseconds: UInt32 = 0, proposalsPerSecond: UInt32 = 0, ackP99Microseconds: UInt32 = 0,
    isDraining: Bool = false, uptimeSeconds: UInt32 = 0, version: String = ""
  ) {
    self.connections = connections
    self.ownedSessions = ownedSessions
    self.cpuPerMille = min(cpuPerMille, 1_000)
    self.loopLagMicroseconds = loopLagMicroseconds
    self.proposalsPerSecond = proposalsPerSecond
    self.ackP99Microseconds = ackP99Microseconds
    self.isDraining = isDraining
    self.uptimeSeconds = uptimeSeconds
    var fitting = ""
    var size = 0
    for character in version {
      size += character.utf8.count
      guard size <= Self.longestVersion else { break }
      fitting.append(character)
    }
    self.version = fitting
  }
}

/// Which of two hints of one node is the newer one: that of the later life, then that of the higher count.
package struct HintStamp: Hashable, Comparable, Sendable {
  package var incarnation: Incarnation
  package var sequence: UInt64
  package static func < (left: HintStamp, right: HintStamp) -> Bool {
    (left.incarnation, left.sequence) < (right.incarnation, right.sequence)
  }
}

/// Hints as this node holds them. Their age travels as elapsed milliseconds, so clocks need not agree; the time
/// a datagram is under way is not counted, so the true age may be a little higher.
package struct AgedHints: Hashable, Sendable {
  package let hints: LoadHints
  package let stamp: HintStamp
  let ageOnArrival: UInt64
  let arrivedAt: UInt64

  /// Milliseconds since the node measured them, at the least.
  package func age(at now: UInt64) -> UInt64 {
    let here = now > arrivedAt ? now - arrivedAt : 0
    let (sum, overflow) = here.addingReportingOverflow(ageOnArrival)
    return min(overflow ? LoadRumour.highestAge : sum, LoadRumour.highestAge)
  }
}
