import Desk
import Kernel
import Protocol
import Raft

/// A node that must take no further part: it takes nothing, promises nothing and serves nobody, tells the others why, and
/// ends a moment later. Its disk says that it must not start again as it is.
struct Standstill {
  /// The last words are on their way, and whoever asks for the status can read it.
  static let patience = Span.milliseconds(500)

  var failure: NodeFailure
  var since: Instant
}

extension Node {
  mutating func standStill(_ failure: NodeFailure) {
    guard standstill == nil, !hasEnded else { return }
    standstill = Standstill(failure: failure, since: now)
    note(
      .error, "this node must take no further part and ends: \(failure.reason). Run `switchboard rebuild` on it"
    )
    abandonCalls()
    // Whatever was to be said in this turn is not said any more, but for this.
    output.frames = []
    for member in group.members where member.id != server.rawValue {
      let peer = NodeID(member.id)
      if peers.isConnected(peer) { output.frames.append(PeerFrame(to: peer, content: .notice(ownReport()))) }
    }
  }

  /// All that is taken at a standstill.
  mutating func takeAtStandstill(_ input: NodeInput) {
    switch input {
    case .tick:
      guard let standstill, now - standstill.since >= Standstill.patience else { return }
      fail(standstill.failure)
    case .call(let number, let call): output.answers.append((number, call.answerOfEndedNode))
    default: break
    }
  }
}

extension NodeFailure {
  /// Why the node has to stay down until its data is gone; nil: it may start again.
  package var staysDown: String? {
    switch self {
    case .oldCopy(let reason): "its data is an old copy: " + reason
    case .differs(let reason): "it differs from its cluster: " + reason
    case .unreadableEntry, .snapshot, .newerLevel, .removed: nil
    }
  }

  var reason: String { staysDown ?? "\(self)" }

  var isOldCopy: Bool {
    if case .oldCopy = self { return true }
    return false
  }
}
