import Desk
internal import Kernel
import Logging
import NIOCore
import Peering
internal import Protocol
import Raft
import Storage
import Wire

/// What peers send. A frame that cannot be read is dropped and logged: the sender repeats what matters.
extension ReplicaCore: PeerEvents {
  func received(_ type: FrameType, _ payload: ByteBuffer, from peer: NodeID, lane: Lane) {
    guard isRunning else { return }
    var payload = payload
    do {
      switch type {
      case .raft, .chunk:
        let (group, messages) = try RaftCodec.decode(&payload)
        guard group == .main else { return }
        for message in messages where message.from == peer && isIntact(message) && hasRoom(for: message) {
          guard isReadable(message) else { continue }
          raft.step(message)
        }
      case .forward:
        takeForwards(try ForwardCodec.decodeForwards(&payload), from: ServerID(peer.rawValue))
      case .refused:
        for refusal in try ForwardCodec.decodeRefusals(&payload) { forwardWasRefused(refusal) }
      case .signal where AttendanceCodec.isMarked(payload):
        if let content = try AttendanceCodec.decode(&payload) { take(content, from: ServerID(peer.rawValue)) }
      case .signal: take(try SignalCodec.decode(&payload))
      case .notice:
        let notice = try NodeNotice.decode(&payload)
        notices[peer] = (notice, now)
        noteReluctance()
        firstStart.heard(from: peer, inUse: notice.inUse)
        decideFirstStart()
      default:
        break
      }
    } catch {
      logger.warning(
        "a frame of a peer cannot be read", metadata: ["peer": "\(name(of: peer))", "error": "\(error)"])
    }
    scheduleTurnEnd()
  }

  /// What cannot be written must not stand before a vote in the queue of the disk. The leader sends it again. And what no
  /// frame could bring to the others is never appended (see `ReplicaOptions.maxEntryBytes`).
  private func hasRoom(for message: Raft.Message) -> Bool {
    if case .propose(let payloads) = message.body,
      payloads.contains(where: { $0.data.count > options.maxEntryBytes })
    {
      return false
    }
    guard takesNoWork else { return true }
    switch message.body {
    case .append(let request): return request.entries.isEmpty
    case .snapshotChunk, .propose: return false
    default: return true
    }
  }

  /// Damaged entries stop here: neither the log nor the state machine ever sees them.
  private func isIntact(_ message: Raft.Message) -> Bool {
    let intact =
      switch message.body {
      case .append(let request):
        request.entries.allSatisfy { CRC32C.checksum($0.data) == $0.checksum }
      case .propose(let payloads):
        payloads.allSatisfy { CRC32C.checksum($0.data) == $0.checksum }
      default:
        true
      }
    if !intact {
      logger.error(
        "an entry was damaged on its way and is dropped", metadata: ["from": "\(name(of: message.from))"])
    }
    return intact
  }

  func linkUp(_ peer: NodeID, lane: Lane) {
    guard isRunning, lane == .control else { return }
    logger.info("connected to peer", metadata: ["peer": "\(name(of: peer))"])
    watch.linkUp(peer)
    breakers[ServerID(peer.rawValue)]?.close()
    sendNotice(to: peer)
    localAttendance.tellAgain()
    // What was forwarded on the old connection may not have arrived.
    retry { [desk] in
      guard let session = $0.session, let owner = desk.owner(of: session) else { return false }
      return owner.server.rawValue == peer.rawValue
    }
    scheduleTurnEnd()
  }

  func linkDown(_ peer: NodeID, lane: Lane, reason: LinkEnd) {
    guard isRunning, lane == .control else { return }
    now = .now()
    watch.linkDown(peer, refused: reason == .refused, at: now)
    raft.peerUnreachable(peer)
    scheduleTurnEnd()
  }

  func inboundLost(_ peer: NodeID, lane: Lane, reason: LinkEnd) {
    guard isRunning, lane == .control else { return }
    now = .now()
    watch.linkDown(peer, refused: false, at: now)
    attendance.lost(ServerID(peer.rawValue), now: now)
    if raft.leader == peer { raft.leaderConnectionLost() }
    scheduleTurnEnd()
  }

  func turnEnded() {
    scheduleTurnEnd()
  }
}
