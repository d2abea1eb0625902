import NIOCore
import Peering
import Raft
import Wire

/// Everything that a network has told, in order.
final class RecordedEvents: PeerEvents {
  enum Event: Equatable {
    case frame(FrameType, [UInt8], NodeID, Lane)
    case up(NodeID, Lane)
    case down(NodeID, Lane, LinkEnd)
    case lost(NodeID, Lane, LinkEnd)
    case turnEnded
  }

  private(set) var all: [Event] = []
  /// Takes frames in place of `all`, where there are too many of them.
  var onFrame: ((ByteBuffer) -> Void)?
  private(set) var turnsEnded = 0

  func received(_ type: FrameType, _ payload: ByteBuffer, from peer: NodeID, lane: Lane) {
    if let onFrame {
      onFrame(payload)
    } else {
      all.append(.frame(type, Array(payload.readableBytesView), peer, lane))
    }
  }

  func linkUp(_ peer: NodeID, lane: Lane) { all.append(.up(peer, lane)) }

  func linkDown(_ peer: NodeID, lane: Lane, reason: LinkEnd) { all.append(.down(peer, lane, reason)) }

  func inboundLost(_ peer: NodeID, lane: Lane, reason: LinkEnd) { all.append(.lost(peer, lane, reason)) }

  func turnEnded() {
    turnsEnded += 1
    if onFrame == nil { all.append(.turnEnded) }
  }

  var frames: [Event] {
    all.filter { if case .frame = $0 { true } else { false } }
  }

  func isUp(_ peer: NodeID, _ lane: Lane) -> Bool {
    for event in all.reversed() {
      switch event {
      case .up(peer, lane): return true
      case .down(peer, lane, _): return false
      default: continue
      }
    }
    return false
  }

  func ends(of peer: NodeID) -> [LinkEnd] {
    all.compactMap { if case .down(peer, _, let reason) = $0 { reason } else { nil } }
  }

  func losses(of peer: NodeID) -> [LinkEnd] {
    all.compactMap { if case .lost(peer, _, let reason) = $0 { reason } else { nil } }
  }

  /// Whether an attempt to reach the peer has failed with these words.
  func wasRefused(by peer: NodeID, saying words: String) -> Bool {
    ends(of: peer).contains {
      if case .handshakeFailed(let why) = $0 { why.contains(words) } else { false }
    }
  }

  func clear() { all = [] }

  /// Attempts to connect that came before the other side knew this one are of no interest.
  func forgetEarlyAttempts() {
    all.removeAll { if case .down = $0 { true } else { false } }
  }

  var summary: String { "\(all.suffix(12))" }
}
