internal import Desk
internal import Kernel
internal import NIOCore
internal import Raft

extension ByteBuffer {
  /// - Returns: the kind of the next message, which is behind it then; nil: this build knows the kind, and nothing was taken.
  mutating func passOverUnknownMessage() throws(DecodingFailure) -> UInt8? {
    guard let kind = getInteger(at: readerIndex, as: UInt8.self), kind >= MessageNumber.firstSized else {
      return nil
    }
    _ = try takeUInt8()
    for _ in 0..<3 { _ = try takeVarint() }
    let length = try takeCount(minimumElementSize: 1)
    moveReaderIndex(forwardBy: length)
    return kind
  }

  mutating func takeMessage() throws(DecodingFailure) -> Raft.Message {
    let number = try takeUInt8()
    let from = NodeID(try takeVarint())
    let to = NodeID(try takeVarint())
    let term = try takeTerm()
    return Raft.Message(from: from, to: to, term: term, body: try takeBody(number))
  }

  private mutating func takeBody(_ number: UInt8) throws(DecodingFailure) -> Raft.Message.Body {
    switch number {
    case MessageNumber.voteRequest:
      .voteRequest(
        VoteRequest(
          preVote: try takeFlag(), transfer: try takeFlag(), lastIndex: try takeIndex(),
          lastTerm: try takeTerm()))
    case MessageNumber.voteReply: .voteReply(VoteReply(preVote: try takeFlag(), granted: try takeFlag()))
    case MessageNumber.append: .append(try takeAppend())
    case MessageNumber.appendReply:
      .appendReply(
        AppendReply(
          index: try takeIndex(), rejected: try takeFlag(), hintIndex: try takeIndex(),
          hintTerm: try takeTerm()))
    case MessageNumber.heartbeat:
      .heartbeat(Heartbeat(commit: try takeIndex(), readRound: try takeVarint()))
    case MessageNumber.heartbeatReply: .heartbeatReply(HeartbeatReply(readRound: try takeVarint()))
    case MessageNumber.snapshotChunk: .snapshotChunk(try takeChunk())
    case MessageNumber.snapshotReply:
      .snapshotReply(
        SnapshotReply(
          index: try takeIndex(), term: try takeTerm(), offset: try takeBoundedVarint(),
          installed: try takeFlag()))
    case MessageNumber.propose: .propose(try takePayloads())
    case MessageNumber.readIndex: .readIndex(ReadIndexRequest(context: try takeVarint()))
    case MessageNumber.readIndexReply:
      .readIndexReply(ReadIndexReply(context: try takeVarint(), index: try takeIndex()))
    case MessageNumber.timeoutNow: .timeoutNow
    case MessageNumber.rejoin: .rejoin
    case MessageNumber.rejoinReply: .rejoinReply(RejoinReply(index: try takeIndex()))
    default: throw .invalid("Raft message \(number) is not known")
    }
  }

  private mutating func takeAppend() throws(DecodingFailure) -> AppendRequest {
    let previousIndex = try takeIndex()
    let previousTerm = try takeTerm()
    let commit = try takeIndex()
    // Index, term, time and length take a byte each at the least, kind and checksum five.
    let count = try takeCount(minimumElementSize: 9)
    var entries: [Entry] = []
    // An entry in memory is larger than one on the wire: what is reserved ahead stays small.
    entries.reserveCapacity(min(count, 4096))
    var expected = previousIndex.next
    for _ in 0..<count {
      let entry = try takeEntry()
      guard entry.index == expected else {
        throw .invalid("an append has entry \(entry.index) where \(expected) belongs")
      }
      expected = entry.index.next
      entries.append(entry)
    }
    return AppendRequest(
      previousIndex: previousIndex, previousTerm: previousTerm, commit: commit, entries: entries)
  }

  private mutating func takeEntry() throws(DecodingFailure) -> Entry {
    let index = try takeIndex()
    let term = try takeTerm()
    let time = try takeBoundedVarint()
    let number = try takeUInt8()
    guard let kind = Entry.Kind(rawValue: number) else { throw .invalid("entry kind \(number) is not known") }
    let checksum = try takeUInt32()
    return Entry(
      index: index, term: term, time: time, kind: kind, checksum: checksum, data: try takeSizedBytes())
  }

  private mutating func takePayloads() throws(DecodingFailure) -> [Payload] {
    let count = try takeCount(minimumElementSize: 5)
    var payloads: [Payload] = []
    payloads.reserveCapacity(min(count, 4096))
    for _ in 0..<count {
      payloads.append(Payload(checksum: try takeUInt32(), data: try takeSizedBytes()))
    }
    return payloads
  }

  private mutating func takeChunk() throws(DecodingFailure) -> SnapshotChunk {
    let meta = SnapshotMeta(
      index: try takeIndex(), term: try takeTerm(), time: try takeBoundedVarint(),
      membership: try takeMembership(), size: try takeBoundedVarint(), checksum: try takeUInt32())
    let offset = try takeBoundedVarint()
    let data = try takeSizedBytes()
    guard offset <= meta.size, UInt64(data.count) <= meta.size - offset else {
      throw .invalid("a chunk ends behind the end of its snapshot")
    }
    return SnapshotChunk(meta: meta, offset: offset, data: data)
  }

  private mutating func takeMembership() throws(DecodingFailure) -> Membership {
    let bytes = try takeSizedBytes()
    do { return try Membership(encoded: bytes) } catch { throw .invalid(error.description) }
  }

  private mutating func takeIndex() throws(DecodingFailure) -> LogIndex { LogIndex(try takeBoundedVarint()) }
  private mutating func takeTerm() throws(DecodingFailure) -> Term { Term(try takeBoundedVarint()) }
}
