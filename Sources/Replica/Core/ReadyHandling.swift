import Desk
import Logging
import NIOCore
import Peering
import Protocol
import Raft
import Storage
import Wire

/// Carrying out what Raft says, in the order that `Ready` demands.
extension ReplicaCore {
  func handle(_ ready: Ready) {
    if let status = ready.status { leadershipChanged(status) }
    send(ready.messages)
    if let write = ready.write {
      markBeforeFirstWrite()
      guard isRunning else { return }
      writesUnderWay.append((write.number, write.messages))
      disk.began(write.number)
      store.submit([write])
    }
    if let meta = ready.installed { install(meta) }
    if !ready.committed.isEmpty { apply(ready.committed) }
    for read in ready.reads { reads.confirmed(read) }
    runReads()
    for chunk in ready.chunkReads { read(chunk) }
    if ready.rejoined {
      logger.notice("this node has caught up with the cluster and votes from now on")
      endRejoining()
    }
  }

  /// One frame for all messages to one peer, unless they are too large for one; snapshot chunks go their own way so that
  /// they never stand before a heartbeat.
  func send(_ messages: [Raft.Message]) {
    var rest = messages[...]
    while let first = rest.first {
      let isBulk = first.isBulk
      var bytes = 0
      let end =
        rest.firstIndex { message in
          bytes += message.dataBytes
          return message.to != first.to || message.isBulk != isBulk
            || bytes > options.maxFrameBytes && bytes > message.dataBytes
        } ?? rest.endIndex
      let run = Array(rest[rest.startIndex..<end])
      rest = rest[end...]
      let sent = network.send(isBulk ? .chunk : .raft, to: first.to, lane: isBulk ? .bulk : .control) {
        buffer in
        RaftCodec.encode(run, group: .main, into: &buffer)
      }
      if !sent { raft.peerUnreachable(first.to) }
    }
  }

  func writeEnded(_ completion: DiskStore.Completion) {
    guard isRunning else { return }
    switch completion {
    case .durable(let number, let seconds):
      statistics.syncSeconds.record(seconds: seconds)
      var ended = 0
      for write in writesUnderWay {
        guard write.number <= number else { break }
        raft.persisted(write.number)
        ended += 1
      }
      var messages: [Raft.Message] = []
      for write in writesUnderWay.prefix(ended) { messages += write.messages }
      writesUnderWay.removeFirst(ended)
      disk.ended(number)
      send(messages)
      makeSnapshotIfDue()
    case .diskFull(let free):
      logger.error(
        "the disk is full: this node takes no new work; make room below the data directory",
        metadata: ["free": "\(free)"])
      diskIsFull = true
      // The others are to give it no sessions and no leadership; the leader takes back what it has.
      sendNotices()
      stepAside()
    case .roomAgain(let free):
      logger.notice("there is room on the disk again: this node takes new work", metadata: ["free": "\(free)"])
      diskIsFull = false
      sendNotices()
      stepAside()
    case .failed(let error, let number):
      switch error {
      case .snapshotDamaged, .chunkOutOfOrder: snapshotRefused(error, number)
      case .unreadable: fail(.newerLevel(error.finding))
      default: fail(.disk(error))
      }
    }
    scheduleTurnEnd()
  }

  /// What the leader has sent is not whole: it goes, with the promises of its write, and is sent again.
  private func snapshotRefused(_ error: StoreError, _ number: UInt64) {
    statistics.snapshotsRefused += 1
    logger.error(
      "a received snapshot cannot be kept and is dropped; the leader sends it again",
      metadata: ["error": "\(error.finding)", "leader": "\(raft.leader.map { name(of: $0) } ?? "none")"])
    disk.ended(number)
    // All before it was told to be durable.
    writesUnderWay.removeAll { $0.number <= number }
    raft.snapshotRefused(number)
  }

  var diskIsFull: Bool {
    get { statistics.diskIsFull }
    set { statistics.diskIsFull = newValue }
  }

  private func leadershipChanged(_ status: SoftState) {
    if let leader = status.leader {
      if leaderLostAt != nil || statistics.lastLeader != leader {
        statistics.leaderChanges += 1
        logger.info(
          "leader known", metadata: ["leader": "\(name(of: leader))", "term": "\(status.term)"])
      }
      statistics.lastLeader = leader
      leaderLostAt = nil
      hasDispersed = false
      retryPace.forget()
      pending.startAnew()
      announceStart()
      retryAll()
    } else if leaderLostAt == nil {
      leaderLostAt = now
      logger.info("no leader", metadata: ["term": "\(status.term)", "role": "\(status.role)"])
    }
    timeProposedAt = nil
    if status.role == .leader { watch.begin(now) }
  }

  private func read(_ chunk: ChunkRead) {
    do {
      let data = try store.readChunk(chunk.meta, offset: chunk.offset, length: chunk.length)
      raft.chunkWasRead(chunk, data: data)
    } catch {
      logger.error("a snapshot cannot be read for a peer", metadata: ["error": "\(error)"])
      raft.chunkWasRead(chunk, data: nil)
    }
  }

  func name(of node: NodeID) -> String {
    members.first { $0.id == node.rawValue }?.name ?? options.members.first { $0.id == node.rawValue }?.name
      ?? "node\(node)"
  }

  func name(of server: ServerID) -> String {
    name(of: NodeID(server.rawValue))
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
    default: 64
    }
  }
}
