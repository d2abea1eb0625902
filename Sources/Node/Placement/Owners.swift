import Desk
import Protocol
import Raft

/// What is known of a member that may be given sessions.
struct OwnerCandidate: Sendable {
  var id: NodeID
  var isVoter: Bool
  /// This node can send to it; true for itself.
  var isConnected: Bool
  /// It has room on its disk, and stays.
  var takesWork: Bool
  /// Committed entries that it has not applied, as far as it is known; nil: it has said nothing yet.
  var lag: UInt64?
  /// It takes new sessions and messages, as far as it is known.
  var hasMemory = true
}

/// Who may be given sessions, new ones and those of a server that is lost. An owner answers for a session from its own
/// state, so it has to have that: a learner that is still being sent the log, or a node far behind, would keep its
/// customers waiting until it has caught up.
enum Owners {
  /// Entries. What a healthy node says of itself is up to half a second old; a status page calls more than this lagging.
  static let bearableLag: UInt64 = 10_000

  /// Voters that are caught up; if there is none, whoever can be reached and takes work. Among these, those that are not
  /// short of memory, if there are any: others would refuse what is said in the sessions.
  static func fit(_ candidates: [OwnerCandidate]) -> [NodeID] {
    let willing = candidates.filter { $0.isConnected && $0.takesWork }
    let fit = willing.filter { $0.isVoter && $0.lag.map { $0 <= bearableLag } ?? false }
    let able = fit.isEmpty ? willing : fit
    let withMemory = able.filter(\.hasMemory)
    return (withMemory.isEmpty ? able : withMemory).map(\.id)
  }
}

extension Node {
  /// Members that may be given sessions; this node may be one of them.
  func owners() -> [NodeID] {
    // A node that is behind may not know how far the others are.
    let commit = peers.reporting.reduce(raft.commitIndex.rawValue) {
      max($0, peers.report(of: $1)?.commitIndex ?? 0)
    }
    return Owners.fit(
      group.members.map { member in
        let id = NodeID(member.id)
        let isVoter = raft.membership.voters.contains(id)
        if id == raft.id {
          return OwnerCandidate(
            id: id, isVoter: isVoter, isConnected: true, takesWork: !takesNoWork && !drain.isDraining,
            lag: commit - raft.appliedIndex.rawValue, hasMemory: !memory.isShort)
        }
        let notice = peers.report(of: id)
        return OwnerCandidate(
          id: id, isVoter: isVoter, isConnected: peers.isConnected(id),
          takesWork: notice.map { !$0.diskIsFull && !$0.isDraining } ?? true,
          lag: notice.map { commit - min(commit, $0.appliedIndex) },
          hasMemory: !(notice?.memoryIsShort ?? false))
      })
  }

  /// Another node that can be given sessions, or the people of this one.
  func canOwn(_ node: NodeID) -> Bool { node != raft.id && owners().contains(node) }
}
