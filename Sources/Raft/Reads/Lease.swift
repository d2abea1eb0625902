/// A leader's lease (dissertation, section 6.4.1): since a quorum answered a heartbeat, nobody can be elected for
/// an election timeout after the heartbeat was *sent*, as members refuse votes for that long. Within a part of
/// that time the leader answers reads without asking anyone.
///
/// It is off by default: it trusts that no clock of a member runs a third faster than that of the leader, and
/// that the shell delivers the ticks that a pause of the process has swallowed before it asks for a read.
struct Lease: Sendable {
  private var rounds = Fifo<(round: UInt64, tick: UInt64)>()
  /// The tick in which the newest heartbeat was sent that a quorum has answered.
  private(set) var start: UInt64?
  /// Not to be used in this term any more.
  var isBroken = false

  mutating func sent(round: UInt64, at tick: UInt64) { rounds.append((round, tick)) }

  mutating func confirm(upTo round: UInt64) {
    while let first = rounds.first, first.round <= round {
      start = first.tick
      _ = rounds.removeFirst()
    }
  }
}

extension RaftNode {
  /// The process stood still for a while, and ticks do not tell how long: what was confirmed before no longer counts.
  /// The shell calls this before it asks for a read, whenever ticks are late.
  package mutating func forgetLease() { lease = lease.isBroken ? lease : Lease() }

  /// A quarter of the election timeout is kept for clocks that differ.
  private var leaseTicks: UInt64 { UInt64(max(configuration.electionTicks * 3 / 4, 1)) }

  var holdsLease: Bool {
    guard configuration.leaseReads, role == .leader, !lease.isBroken, transfer == nil, hasCommittedInTerm,
      let start = lease.start
    else { return false }
    let patience =
      configuration.mistakes.contains(.leaseTooLong) ? UInt64(configuration.electionTicks) * 3 : leaseTicks
    return now - start < patience
  }

  /// Every heartbeat asks for a confirmation of its own.
  mutating func beginLeaseRound() {
    guard configuration.leaseReads else { return }
    lease.sent(round: reads.nextRound(), at: now)
  }
}
