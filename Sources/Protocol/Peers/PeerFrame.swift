package import Raft

/// What one node says to another, before it is bytes.
package enum PeerContent: Sendable {
  /// Consensus, but for chunks of snapshots.
  case raft([Raft.Message])
  /// Chunks of snapshots: they go on a connection of their own, so that they never stand before a heartbeat.
  case chunk([Raft.Message])
  /// Commands for the owner of their session.
  case forward(ForwardBatch)
  case refused([ForwardRefusal])
  case signals([Signal])
  case attendance(AttendanceContent)
  case notice(NodeNotice)
  case archive(ArchiveTalk)

  package var isBulk: Bool {
    switch self {
    case .chunk, .archive(.page): true
    case .raft, .forward, .refused, .signals, .attendance, .notice, .archive: false
    }
  }
}

/// A frame on its way out.
package struct PeerFrame: Sendable {
  package var to: NodeID
  package var content: PeerContent
  package init(to: NodeID, content: PeerContent) {
    self.to = to
    self.content = content
  }
}
