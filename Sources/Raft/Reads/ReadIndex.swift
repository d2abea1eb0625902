/// Linearizable reads without a log entry (dissertation, section 6.4): the leader takes its commit index, makes
/// sure by a round of heartbeats that it still led after the request had come, and lets the requester read once
/// it has applied that index.
extension RaftNode {
  /// Asks for an index at which a read is linearizable; the answer comes in `Ready.reads` with this context.
  ///
  /// A request can be lost with a message, or with the leadership: the shell asks again after a while.
  ///
  /// - Parameter context: unique among all requests of this node, earlier runs of its process included, so that
  ///   a late answer is never taken for that of another request.
  /// - Returns: false when nothing was begun: no leader is known, or too many reads wait.
  package mutating func readIndex(context: UInt64) -> Bool {
    if role == .leader { return addRead(ReadRounds.Request(from: id, context: context)) }
    guard let leader else { return false }
    let request = ReadIndexRequest(context: context)
    mark(.readForwarded)
    send(Message(from: id, to: leader, term: .zero, body: .readIndex(request)))
    return true
  }

  mutating func receiveReadRequest(_ request: ReadIndexRequest, from sender: NodeID) {
    guard role == .leader else { return }
    _ = addRead(ReadRounds.Request(from: sender, context: request.context))
  }

  mutating func receiveReadReply(_ reply: ReadIndexReply) {
    handout.reads.append(ReadState(context: reply.context, index: reply.index))
  }

  private mutating func addRead(_ request: ReadRounds.Request) -> Bool {
    guard reads.count < configuration.maxWaitingReads else { return false }
    if holdsLease {
      mark(.leaseRead)
      answer(request, at: commitIndex)
      return true
    }
    reads.add(request)
    return true
  }

  /// Makes one round of all reads that have come since the last `takeReady()`. Until an entry of its own term
  /// is committed, a new leader does not know what is committed, and they wait.
  mutating func beginReadRound() {
    guard !reads.waiting.isEmpty else { return }
    guard hasCommittedInTerm || configuration.mistakes.contains(.readBeforeTermCommit) else {
      return mark(.readHeldForTerm)
    }
    mark(.readRound)
    reads.begin(at: commitIndex)
    for position in peers.indices where membership.votes(peers[position].id) { sendHeartbeat(to: position) }
    confirmReads()
  }

  /// Answers the rounds that a quorum has confirmed.
  mutating func confirmReads() {
    let confirmed = Quorum.highest(in: electorate) { member in
      if configuration.mistakes.contains(.readWithoutRound) { return reads.newestRound }
      return member == id ? reads.newestRound : position(of: member).map { peers[$0].readRound } ?? 0
    }
    guard let confirmed else { return }
    lease.confirm(upTo: confirmed)
    while let round = reads.end(upTo: confirmed) {
      for request in round.requests {
        answer(request, at: round.index)
      }
    }
  }

  private mutating func answer(_ request: ReadRounds.Request, at index: LogIndex) {
    if request.from == id {
      handout.reads.append(ReadState(context: request.context, index: index))
    } else {
      let reply = ReadIndexReply(context: request.context, index: index)
      send(Message(from: id, to: request.from, term: .zero, body: .readIndexReply(reply)))
    }
  }
}
