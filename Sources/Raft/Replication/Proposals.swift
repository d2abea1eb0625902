extension RaftNode {
  package enum ProposalOutcome: Hashable, Sendable {
    /// This node leads and has appended them; they are committed when they come in `Ready.committed`.
    case appended
    /// Sent to the leader, with no word on what becomes of them.
    case forwarded
    /// Nothing was done: no leader is known.
    case noLeader
    /// Nothing was done: too much is uncommitted already.
    case full
    /// Nothing was done: leadership is being handed over, which takes a moment.
    case transferring
  }

  /// Proposes one entry for each payload, all or none.
  package mutating func propose(_ payloads: [Payload]) -> ProposalOutcome {
    guard role == .leader else {
      guard let leader else { return .noLeader }
      if payloads.isEmpty { return .forwarded }
      mark(.proposalForwarded)
      send(Message(from: id, to: leader, term: .zero, body: .propose(payloads)))
      return .forwarded
    }
    if transfer != nil {
      mark(.proposalDuringTransfer)
      return .transferring
    }
    var bytes = 0
    for payload in payloads { bytes += payload.data.count + Entry.overhead }
    // Something always fits into an empty pipe, however large.
    if uncommittedBytes > 0, bytes > configuration.maxUncommittedBytes - uncommittedBytes {
      mark(.proposalRefusedFull)
      return .full
    }
    for payload in payloads {
      appendAsLeader(kind: .command, checksum: payload.checksum, data: payload.data)
    }
    return .appended
  }

  /// A follower's payloads. They are dropped when this node does not lead, or is full: the follower's shell
  /// tries again.
  mutating func receiveProposal(_ payloads: [Payload]) {
    guard role == .leader else { return }
    _ = propose(payloads)
  }

  mutating func appendAsLeader(kind: Entry.Kind, checksum: UInt32, data: [UInt8]) {
    let entry = Entry(
      index: log.lastIndex.next, term: term, time: max(clock, log.lastTime), kind: kind, checksum: checksum,
      data: data)
    uncommittedBytes += entry.size
    log.append(entry)
    traced("Replicate")
    if kind == .membership { noteMemberships(in: CollectionOfOne(entry)) }
  }
}

extension Entry {
  /// What an entry without data counts for.
  static var overhead: Int { Entry(index: .zero, term: .zero, time: 0).size }
}
