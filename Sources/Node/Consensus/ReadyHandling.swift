import Kernel
import Protocol
import Raft

/// Carrying out what Raft says, in the order that `Ready` demands.
extension Node {
  mutating func handle(_ ready: Ready) {
    // Before anybody hears of it.
    if ready.rejoined { integrity.start = ownPosition }
    if let status = ready.status { leadershipChanged(status) }
    send(ready.messages)
    if let write = ready.write {
      markBeforeFirstWrite()
      writes.submitted(write)
      diskWatch.began(write.number)
      output.writes.append(write)
    }
    if let meta = ready.installed {
      log.load(meta)
      output.load = meta
    }
    log.enqueue(ready.committed)
    for read in ready.reads { reads.confirmed(read) }
    output.chunkReads += ready.chunkReads
    if ready.rejoined {
      note(.notice, "this node has caught up with the cluster and votes from now on")
      output.endsRejoining = true
    }
  }

  /// One frame for all messages to one peer, unless they are too large for one; snapshot chunks go their own way so that
  /// they never stand before a heartbeat.
  mutating func send(_ messages: [Raft.Message]) {
    var rest = messages[...]
    while let first = rest.first {
      let isBulk = first.isBulk
      let most = configuration.maxFrameBytes
      var bytes = 0
      let end =
        rest.firstIndex { message in
          bytes += message.dataBytes
          return message.to != first.to || message.isBulk != isBulk || bytes > most && bytes > message.dataBytes
        } ?? rest.endIndex
      let run = Array(rest[rest.startIndex..<end])
      rest = rest[end...]
      if !send(isBulk ? .chunk(run) : .raft(run), to: first.to) { raft.peerUnreachable(first.to) }
    }
  }

  mutating func written(_ number: UInt64, _ seconds: Double) {
    metrics.syncSeconds.record(seconds: seconds)
    let (numbers, messages) = writes.ended(number)
    for number in numbers { raft.persisted(number) }
    diskWatch.ended(number)
    send(messages)
    makeSnapshotIfDue()
  }

  /// What the leader has sent is not whole: it goes, with the promises of its write, and is sent again.
  mutating func snapshotRefused(_ number: UInt64, _ reason: String) {
    metrics.snapshotsRefused += 1
    note(
      .error, "a received snapshot cannot be kept and is dropped; the leader sends it again",
      ("error", reason), ("leader", raft.leader.map { name(of: $0) } ?? "none"))
    diskWatch.ended(number)
    // All before it was told to be durable.
    writes.refused(number)
    raft.snapshotRefused(number)
  }

  mutating func chunkWasRead(_ read: ChunkRead, _ data: [UInt8]?) {
    if data == nil { note(.error, "a snapshot cannot be read for a peer", ("peer", name(of: read.to))) }
    raft.chunkWasRead(read, data: data)
  }

  private mutating func leadershipChanged(_ status: SoftState) {
    if let leader = status.leader {
      if leadership.found(leader) {
        note(.info, "leader known", ("leader", name(of: leader)), ("term", "\(status.term)"))
      }
      routes.leaderFound()
      retryPace.forget()
      pending.startAnew()
      announceStart()
      retryAll()
    } else if leadership.lost(at: now) {
      note(.info, "no leader", ("term", "\(status.term)"), ("role", "\(status.role)"))
    }
    watch.timeWasApplied()
    if status.role == .leader { watch.begin(now) }
  }

  // MARK: Names and lines

  func name(of node: NodeID) -> String {
    group.members.first { $0.id == node.rawValue }?.name
      ?? configuration.members.first { $0.id == node.rawValue }?.name ?? "node\(node)"
  }

  mutating func note(_ level: LogLine.Level, _ message: String, _ details: (String, String)...) {
    output.logs.append(LogLine(level: level, message: message, details: details))
  }
}

extension Raft.Message {
  fileprivate var isBulk: Bool {
    if case .snapshotChunk = body { return true }
    return false
  }

  /// What it weighs in a frame: the bytes that it carries, and something for each piece.
  fileprivate var dataBytes: Int {
    switch body {
    case .append(let request): request.entries.reduce(64) { $0 + $1.size }
    case .propose(let payloads): payloads.reduce(64) { $0 + $1.data.count + 16 }
    case .snapshotChunk(let chunk): 256 + chunk.data.count
    case .voteRequest, .voteReply, .appendReply, .heartbeat, .heartbeatReply, .snapshotReply, .timeoutNow,
      .readIndex, .readIndexReply, .rejoin, .rejoinReply:
      64
    }
  }
}
