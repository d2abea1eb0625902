extension Message {
  /// Numbers above this are taken for damage: no cluster lives to reach them, and arithmetic on what is below
  /// cannot overflow.
  private static let numberLimit: UInt64 = 1 << 62

  /// Whether the message can have been made by a member that follows the protocol.
  var isPlausible: Bool {
    guard term.rawValue < Message.numberLimit else { return false }
    switch body {
    case .propose, .readIndex: return true
    case .readIndexReply(let reply): return reply.index.rawValue < Message.numberLimit
    case .voteRequest(let request):
      return term > .zero && request.lastIndex.rawValue < Message.numberLimit
    case .append(let request): return term > .zero && isPlausible(request)
    case .appendReply(let reply):
      return term > .zero && reply.index.rawValue < Message.numberLimit
        && reply.hintIndex.rawValue < Message.numberLimit
    case .heartbeat(let heartbeat): return term > .zero && heartbeat.commit.rawValue < Message.numberLimit
    case .snapshotChunk(let chunk): return term > .zero && isPlausible(chunk)
    case .snapshotReply(let reply): return term > .zero && reply.index.rawValue < Message.numberLimit
    case .rejoinReply(let reply): return term > .zero && reply.index.rawValue < Message.numberLimit
    case .voteReply, .heartbeatReply, .timeoutNow, .rejoin: return term > .zero
    }
  }

  /// Entries follow one another, and no term lies above that of the leader or goes down.
  private func isPlausible(_ request: AppendRequest) -> Bool {
    guard request.previousIndex.rawValue < Message.numberLimit,
      request.commit.rawValue < Message.numberLimit, request.previousTerm <= term
    else { return false }
    var index = request.previousIndex
    var previousTerm = request.previousTerm
    for entry in request.entries {
      guard entry.index == index.next, entry.term >= previousTerm, entry.term > .zero, entry.term <= term
      else { return false }
      if entry.kind == .membership, (try? Membership(encoded: entry.data)) == nil { return false }
      index = entry.index
      previousTerm = entry.term
    }
    return true
  }

  private func isPlausible(_ chunk: SnapshotChunk) -> Bool {
    chunk.meta.index > .zero && chunk.meta.index.rawValue < Message.numberLimit
      && chunk.meta.term > .zero && chunk.meta.term <= term && (try? chunk.meta.membership.validate()) != nil
      && chunk.offset <= chunk.meta.size && UInt64(chunk.data.count) <= chunk.meta.size - chunk.offset
  }
}
