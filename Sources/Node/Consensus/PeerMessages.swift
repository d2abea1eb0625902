import Desk
import Kernel
import Protocol
import Raft

/// What comes from peers, and what becomes of the connections to them.
extension Node {
  mutating func receive(_ content: PeerContent, from peer: NodeID) {
    guard isOfThisGroup(content, peer) else { return }
    peers.heard(from: peer, at: now)
    if case .notice(let report) = content { peers.take(report, from: peer, at: now) }
    guard examine(content, from: peer), standstill == nil else { return }
    let server = ServerID(peer.rawValue)
    switch content {
    case .raft(let messages), .chunk(let messages):
      for message in messages where message.from == peer && isIntact(message) && hasRoom(for: message) {
        guard isReadable(message) else { continue }
        if case .append(let request) = message.body, message.term >= raft.term {
          pastEvents.committed(request.commit)
        }
        notePromise(message)
        raft.step(message)
      }
      lookForContradiction()
    case .forward(let batch): takeForwards(batch, from: server)
    case .refused(let refusals): for refusal in refusals { forwardWasRefused(refusal) }
    case .signals(let signals): takeEvents(signals)
    case .attendance(let content): takePresence(content, from: server)
    case .archive(let talk): takeArchiveTalk(talk, from: peer)
    case .notice(let report):
      compareClock(report, from: peer)
      meet(report, from: peer)
      noteReluctance()
      group.firstStart.heard(from: peer, inUse: report.inUse)
      decideFirstStart()
    }
  }

  /// What cannot be written must not stand before a vote in the queue of the disk. The leader sends it again. And what no
  /// frame could bring to the others is never appended (see `NodeConfiguration.maxEntryBytes`).
  private func hasRoom(for message: Raft.Message) -> Bool {
    if case .propose(let payloads) = message.body,
      payloads.contains(where: { $0.data.count > configuration.maxEntryBytes })
    {
      return false
    }
    guard takesNoWork else { return true }
    switch message.body {
    case .append(let request): return request.entries.isEmpty
    case .snapshotChunk, .propose: return false
    case .voteRequest, .voteReply, .appendReply, .heartbeat, .heartbeatReply, .snapshotReply, .timeoutNow,
      .readIndex, .readIndexReply, .rejoin, .rejoinReply:
      return true
    }
  }

  /// Damaged entries stop here: neither the log nor the state machine ever sees them.
  private mutating func isIntact(_ message: Raft.Message) -> Bool {
    let intact =
      switch message.body {
      case .append(let request): request.entries.allSatisfy { CRC32C.checksum($0.data) == $0.checksum }
      case .propose(let payloads): payloads.allSatisfy { CRC32C.checksum($0.data) == $0.checksum }
      case .voteRequest, .voteReply, .appendReply, .heartbeat, .heartbeatReply, .snapshotChunk, .snapshotReply,
        .timeoutNow, .readIndex, .readIndexReply, .rejoin, .rejoinReply:
        true
      }
    if !intact {
      note(.error, "an entry was damaged on its way and is dropped", ("from", name(of: message.from)))
    }
    return intact
  }

  mutating func linkUp(_ peer: NodeID, _ level: Level) {
    note(.info, "connected to peer", ("peer", name(of: peer)))
    peers.linkUp(peer, level)
    guard !peers.isStranger(peer), !integrity.isOld(peer) else { return sayGroup(to: peer) }
    watch.linkUp(peer)
    routes.closeBreaker(of: ServerID(peer.rawValue))
    sendReport(to: peer)
    localPresence.tellAgain()
    // What was forwarded on the old connection may not have arrived.
    let state = state
    retry {
      guard let session = $0.session, let owner = state.owner(of: session) else { return false }
      return owner.server.rawValue == peer.rawValue
    }
  }

  mutating func linkDown(_ peer: NodeID, refused: Bool) {
    peers.linkDown(peer)
    filling.linkDown(peer)
    // Either clock may be set before the next notice.
    clocks.forget(peer)
    watch.linkDown(peer, refused: refused, at: now)
    raft.peerUnreachable(peer)
  }

  mutating func inboundLost(_ peer: NodeID) {
    watch.linkDown(peer, refused: false, at: now)
    presence.lost(ServerID(peer.rawValue), now: now)
    if raft.leader == peer { raft.leaderConnectionLost() }
  }
}
