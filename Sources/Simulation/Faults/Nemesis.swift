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

  /// A node in whose turn the moment has come: it is struck at the end of the turn, when messages are sent and the write is
  /// on its way.
  private var struck: Int?

  /// Called within a node's turn.
  func lookAt(_ ready: Ready, _ role: Role, of node: SimulatedNode) {
    guard let (moment, _) = awaited, struck == nil else { return }
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
    if hit { struck = node.place }
  }

  /// Called when the turn has been carried out.
  func ambush(_ node: SimulatedNode, in world: World) {
    guard struck == node.place else { return }
    struck = nil
    guard let (moment, deed) = awaited else { return }
    awaited = nil
    world.tally.faults["ambush: \(moment.rawValue), \(deed.rawValue)", default: 0] += 1
    world.perform(deed, on: node)
  }
}
