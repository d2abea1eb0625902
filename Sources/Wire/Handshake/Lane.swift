/// The two connections from a node to each peer: a snapshot must not stand in the way of a heartbeat.
package enum Lane: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  /// Raft, forwards, notices.
  case control = 0
  /// Chunks of snapshots.
  case bulk = 1

  package var description: String {
    switch self {
    case .control: "control"
    case .bulk: "bulk"
    }
  }
}
