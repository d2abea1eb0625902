import Raft

extension SeededGenerator {
  mutating func messages() -> [Message] {
    list(upTo: 4) { generator in
      Message(
        from: NodeID(generator.number()), to: NodeID(generator.number()), term: generator.term(),
        body: generator.messageBody())
    }
  }

  /// Up to what a decoder takes, 2^62.
  private mutating func bounded() -> UInt64 { number(below: (1 << 62) + 1) }
  private mutating func index() -> LogIndex { LogIndex(bounded()) }
  private mutating func term() -> Term { Term(bounded()) }
  private mutating func flag() -> Bool { next() % 2 == 0 }
  private mutating func checksum() -> UInt32 { UInt32(truncatingIfNeeded: next()) }

  private mutating func membership() -> Membership {
    let ids = (1...6).map { NodeID($0 * 300) }
    let isJoint = flag()
    return Membership(
      voters: Array(ids[..<3]), outgoing: isJoint ? Array(ids[1..<4]) : [], learners: Array(ids[4...]),
      joining: flag() ? [ids[5]] : [], addresses: flag() ? [.init(id: ids[5], text: "node-6:9101")] : [])
  }

  private mutating func messageBody() -> Message.Body {
    switch next() % 14 {
    case 0:
      return .voteRequest(
        VoteRequest(preVote: flag(), transfer: flag(), lastIndex: index(), lastTerm: term()))
    case 1: return .voteReply(VoteReply(preVote: flag(), granted: flag()))
    case 2:
      let previous = LogIndex(number(below: 1 << 61))
      let entries = (0..<Int.random(in: 0...4, using: &self)).map { offset in
        Entry(
          index: previous + (offset + 1), term: term(), time: bounded(),
          kind: [.noop, .command, .membership].randomElement(using: &self)!, checksum: checksum(),
          data: bytes(upTo: 60))
      }
      return .append(
        AppendRequest(previousIndex: previous, previousTerm: term(), commit: index(), entries: entries))
    case 3:
      return .appendReply(
        AppendReply(index: index(), rejected: flag(), hintIndex: index(), hintTerm: term()))
    case 4: return .heartbeat(Heartbeat(commit: index(), readRound: number()))
    case 5: return .heartbeatReply(HeartbeatReply(readRound: number()))
    case 6:
      let data = bytes(upTo: 60)
      let offset = number(below: 1 << 61)
      return .snapshotChunk(
        SnapshotChunk(
          meta: SnapshotMeta(
            index: index(), term: term(), time: bounded(),
            membership: membership(), size: offset + UInt64(data.count) + number(below: 1000),
            checksum: checksum()),
          offset: offset, data: data))
    case 7:
      return .snapshotReply(
        SnapshotReply(index: index(), term: term(), offset: bounded(), installed: flag()))
    case 8: return .propose(list(upTo: 3) { Payload(checksum: $0.checksum(), data: $0.bytes(upTo: 40)) })
    case 9: return .readIndex(ReadIndexRequest(context: number()))
    case 10: return .readIndexReply(ReadIndexReply(context: number(), index: index()))
    case 11: return .rejoin
    case 12: return .rejoinReply(RejoinReply(index: index()))
    default: return .timeoutNow
    }
  }
}
