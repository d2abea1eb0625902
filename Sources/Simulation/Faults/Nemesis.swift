import Raft

/// Chooses what goes wrong. Half of its choices are aimed: at the leader, and at moments at which something is half
/// done.
final class Nemesis {
  /// A moment to wait for.
  enum Moment: String, CaseIterable {
    /// A leader has handed out entries, and sends them.
    case leaderAppends = "append"
    /// A leader's commit index has risen, and nobody else knows yet.
    case leaderCommits = "commit"
    /// A node has received a part of a snapshot.
    case chunkReceived = "chunk received"
    /// A node reads a part of a snapshot to send it.
    case chunkSent = "chunk sent"
    /// A node is about to write its vote.
    case voteWritten = "vote"
    /// A node has become a leader.
    case elected = "elected"
    /// A received snapshot has just been installed.
    case installed = "installed"
  }

  enum Deed: String, CaseIterable { case crash, isolate, freeze, oneWay = "one way" }

  private(set) var awaited: (moment: Moment, deed: Deed)?

  func lieInWait(_ moment: Moment, _ deed: Deed) { awaited = (moment, deed) }
  func giveUp() { awaited = nil }

  /// Called while a node carries out what is ready: messages are sent, the write is on its way.
  func ambush(_ node: SimulatedNode, _ ready: Ready, in world: World) {
    guard let (moment, deed) = awaited, let role = node.raft?.role else { return }
    let hit =
      switch moment {
      case .leaderAppends: role == .leader && !(ready.write?.entries.isEmpty ?? true)
      case .leaderCommits: role == .leader && !ready.committed.isEmpty
      case .chunkReceived: ready.write?.chunk != nil
      case .chunkSent: !ready.chunkReads.isEmpty
      case .voteWritten:
        ready.write?.hardState?.vote != nil && role != .leader && ready.write?.entries.isEmpty == true
      case .elected: ready.status?.role == .leader
      case .installed: ready.installed != nil
      }
    guard hit else { return }
    awaited = nil
    world.tally.faults["ambush: \(moment.rawValue), \(deed.rawValue)", default: 0] += 1
    world.perform(deed, on: node)
  }
}
