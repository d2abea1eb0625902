package import NIOCore
package import Raft
package import Wire

/// What a `PeerNetwork` tells its owner, always on its event loop, and never from within a call of the owner's.
package protocol PeerEvents: AnyObject {
  /// A frame has arrived. The payload is a slice of what was read: take what is needed before returning, and do
  /// not keep it.
  func received(_ type: FrameType, _ payload: ByteBuffer, from peer: NodeID, lane: Lane)
  /// The connection on which this node sends is there: `send` works from now on.
  func linkUp(_ peer: NodeID, lane: Lane)
  /// The connection on which this node sends has ended, or an attempt to make one has failed. It is dialed anew
  /// without being asked.
  func linkDown(_ peer: NodeID, lane: Lane, reason: LinkEnd)
  /// The connection on which the peer sends to this node has ended. When the peer's process dies this is known at
  /// once, and it is not called for a connection in whose place the peer has made a newer one.
  func inboundLost(_ peer: NodeID, lane: Lane, reason: LinkEnd)
  /// The end of a turn of the event loop in which frames were received: all that was read in it has been handed
  /// over.
  func turnEnded()
}

/// Why a connection has ended or could not be made.
package enum LinkEnd: Hashable, Sendable, CustomStringConvertible {
  /// The other side's system no longer knows the connection: its process has died.
  case reset
  /// The other side has ended it, as the system also does for a process that dies.
  case closed
  /// Nobody listens at the address: the process is not there.
  case refused
  /// No sign of life, or no answer, in time.
  case timedOut
  /// The two sides do not belong together: says why.
  case handshakeFailed(String)
  /// The other side has sent what no peer sends: says what.
  case violation(String)
  /// This node has ended it: it stops, or the peer is no longer a member, or its address has changed.
  case dropped

  /// Without what strangers say in it: of these there are few. The words of TLS are this program's own.
  var kind: String {
    switch self {
    case .handshakeFailed(let why) where !why.hasPrefix("TLS: "): "handshake failed"
    case .violation: "violation"
    case .reset, .closed, .refused, .timedOut, .handshakeFailed, .dropped: description
    }
  }

  package var description: String {
    switch self {
    case .reset: "connection reset"
    case .closed: "closed by the peer"
    case .refused: "connection refused"
    case .timedOut: "timed out"
    case .handshakeFailed(let why): "handshake failed: \(why)"
    case .violation(let what): "protocol violation: \(what)"
    case .dropped: "ended by this node"
    }
  }
}
