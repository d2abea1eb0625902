internal import NIOCore
internal import Raft

extension ByteBuffer {
  mutating func write(_ message: Message) {
    writeInteger(message.body.number)
    write(varint: message.from.rawValue)
    write(varint: message.to.rawValue)
    write(varint: message.term.rawValue)
    switch message.body {
    case .voteRequest(let request):
      write(flag: request.preVote)
      write(flag: request.transfer)
      write(varint: request.lastIndex.rawValue)
      write(varint: request.lastTerm.rawValue)
    case .voteReply(let reply):
      write(flag: reply.preVote)
      write(flag: reply.granted)
    case .append(let request): write(request)
    case .appendReply(let reply):
      write(varint: reply.index.rawValue)
      write(flag: reply.rejected)
      write(varint: reply.hintIndex.rawValue)
      write(varint: reply.hintTerm.rawValue)
    case .heartbeat(let heartbeat):
      write(varint: heartbeat.commit.rawValue)
      write(varint: heartbeat.readRound)
    case .heartbeatReply(let reply): write(varint: reply.readRound)
    case .snapshotChunk(let chunk):
      write(chunk.meta)
      write(varint: chunk.offset)
      write(sized: chunk.data)
    case .snapshotReply(let reply):
      write(varint: reply.index.rawValue)
      write(varint: reply.term.rawValue)
      write(varint: reply.offset)
      write(flag: reply.installed)
    case .propose(let payloads):
      write(varint: UInt64(payloads.count))
      for payload in payloads {
        writeInteger(payload.checksum)
        write(sized: payload.data)
      }
    case .readIndex(let request): write(varint: request.context)
    case .readIndexReply(let reply):
      write(varint: reply.context)
      write(varint: reply.index.rawValue)
    case .timeoutNow, .rejoin: break
    case .rejoinReply(let reply): write(varint: reply.index.rawValue)
    }
  }

  private mutating func write(_ request: AppendRequest) {
    write(varint: request.previousIndex.rawValue)
    write(varint: request.previousTerm.rawValue)
    write(varint: request.commit.rawValue)
    write(varint: UInt64(request.entries.count))
    for entry in request.entries {
      write(varint: entry.index.rawValue)
      write(varint: entry.term.rawValue)
      write(varint: entry.time)
      writeMultipleIntegers(entry.kind.rawValue, entry.checksum)
      write(sized: entry.data)
    }
  }

  private mutating func write(_ meta: SnapshotMeta) {
    write(varint: meta.index.rawValue)
    write(varint: meta.term.rawValue)
    write(varint: meta.time)
    write(sized: meta.membership.encoded())
    write(varint: meta.size)
    writeInteger(meta.checksum)
  }
}

extension Message.Body {
  fileprivate var number: UInt8 {
    switch self {
    case .voteRequest: MessageNumber.voteRequest
    case .voteReply: MessageNumber.voteReply
    case .append: MessageNumber.append
    case .appendReply: MessageNumber.appendReply
    case .heartbeat: MessageNumber.heartbeat
    case .heartbeatReply: MessageNumber.heartbeatReply
    case .snapshotChunk: MessageNumber.snapshotChunk
    case .snapshotReply: MessageNumber.snapshotReply
    case .propose: MessageNumber.propose
    case .readIndex: MessageNumber.readIndex
    case .readIndexReply: MessageNumber.readIndexReply
    case .timeoutNow: MessageNumber.timeoutNow
    case .rejoin: MessageNumber.rejoin
    case .rejoinReply: MessageNumber.rejoinReply
    }
  }
}
