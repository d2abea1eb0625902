package import Desk
package import Raft

/// Looks at a node from within its turn, for checks that need to see every step. A node that serves has none.
///
/// The node must not be reached otherwise during the call.
package protocol NodeObserver: AnyObject, Sendable {
  func proposes(_ submissions: [Submission])
  func took(_ ready: Ready, _ raft: inout RaftNode)
  /// Before the state is changed by it.
  func willApply(_ entry: Entry, _ state: borrowing ReplicatedState)
  func applied(_ entry: Entry, _ submissions: [Submission], _ effects: [Effect], _ state: ReplicatedState)
  /// A received snapshot has taken the place of the state.
  func installed(_ meta: SnapshotMeta, _ state: ReplicatedState)
}
