/// The leader's side of InstallSnapshot (paper, section 7), in chunks that go on where the receiver is.
extension RaftNode {
  /// How many times longer a node that is sending a snapshot waits before it makes the next one: a transfer of which the
  /// snapshot goes away begins anew, and would never end where snapshots are made faster than sent.
  package static let snapshotDeferral = 4

  /// Somebody who answers is being sent a snapshot: it should stay for a while.
  package var isSendingSnapshot: Bool {
    role == .leader
      && peers.contains { peer in
        guard case .snapshot = peer.state else { return false }
        return isRecentlyActive(peer)
      }
  }

  /// Ticks after which an unanswered chunk is read and sent again.
  private var transferPatience: UInt64 { UInt64(configuration.electionTicks) * 2 }

  mutating func continueTransfer(_ transfer: SnapshotTransfer, to position: Int) {
    guard case .nothing = transfer.waiting, isRecentlyActive(peers[position]) else { return }
    let left = transfer.meta.size - transfer.offset
    let length = Int(min(UInt64(configuration.snapshotChunkBytes), left))
    handout.chunkReads.append(
      ChunkRead(to: peers[position].id, meta: transfer.meta, offset: transfer.offset, length: length))
    wait(for: .read, in: transfer, of: position)
  }

  /// The answer to a `ChunkRead`.
  ///
  /// - Parameter data: exactly the bytes that were asked for; nil when that snapshot is gone, which starts the
  ///   transfer again with the newest.
  package mutating func chunkWasRead(_ read: ChunkRead, data: [UInt8]?) {
    guard role == .leader, let position = position(of: read.to),
      case .snapshot(let transfer) = peers[position].state, case .read = transfer.waiting,
      transfer.meta == read.meta, transfer.offset == read.offset
    else { return }
    guard let data, data.count == read.length else {
      // With a newer one, at once; with the same one only after a while, for it may be gone as well.
      if let snapshot, snapshot != transfer.meta { peers[position].becomeSnapshot(snapshot) }
      return
    }
    let chunk = SnapshotChunk(meta: read.meta, offset: read.offset, data: data)
    send(.snapshotChunk(chunk), to: read.to)
    wait(for: .reply, in: transfer, of: position)
  }

  mutating func receiveSnapshotReply(_ reply: SnapshotReply, from position: Int) {
    guard case .snapshot(var transfer) = peers[position].state, reply.index == transfer.meta.index,
      reply.term == transfer.meta.term
    else { return }
    if reply.installed {
      let advances = reply.index > peers[position].match
      peers[position].match = max(peers[position].match, reply.index)
      // If what follows is compacted meanwhile, sending finds out and takes the newer snapshot.
      peers[position].becomeReplicate()
      if advances { advanceCommit() }
      if self.transfer != nil { urgeTarget(position) }
      return
    }
    // An answer that says what is known already is an old one: to act on it would double every chunk from here
    // on. If instead the chunk was lost, patience runs out.
    guard reply.offset <= transfer.meta.size, reply.offset != transfer.offset else { return }
    transfer.offset = reply.offset
    wait(for: .nothing, in: transfer, of: position)
  }

  mutating func resumeStalledTransfers() {
    for position in peers.indices {
      guard case .snapshot(let transfer) = peers[position].state else { continue }
      if case .nothing = transfer.waiting { continue }
      if now - transfer.since >= transferPatience {
        mark(.chunkResent)
        wait(for: .nothing, in: transfer, of: position)
      }
    }
  }

  private mutating func wait(
    for waiting: SnapshotTransfer.Waiting, in transfer: SnapshotTransfer, of position: Int
  ) {
    var transfer = transfer
    transfer.waiting = waiting
    transfer.since = now
    peers[position].state = .snapshot(transfer)
  }
}
