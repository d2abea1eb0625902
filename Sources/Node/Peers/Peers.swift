import Kernel
import Protocol
import Raft

/// The other nodes as this one sees them: whether frames reach them, when they were heard from, what they say of
/// themselves.
struct Peers {
  /// Those whom frames reach, and the highest level that each reads.
  private var connected: [NodeID: Level] = [:]
  /// What each node has announced last, members and others.
  private var announced: [NodeID: Level] = [:]
  private var heardAt: [NodeID: Instant] = [:]
  private var reports: [NodeID: (report: NodeNotice, at: Instant)] = [:]
  private var conditions: [NodeID: ConditionTimes] = [:]
  private var groups = PeerGroups()

  /// Frames reach it, and it is of this node's group, as far as is known.
  func isConnected(_ peer: NodeID) -> Bool { connected[peer] != nil && !groups.isStranger(peer) }

  mutating func linkUp(_ peer: NodeID, _ level: Level) {
    connected[peer] = level
    groups.linkUp(peer)
  }

  mutating func linkDown(_ peer: NodeID) { connected[peer] = nil }

  /// The highest level that the peer reads, as announced on the connection that is there now; nil: there is none.
  func level(of peer: NodeID) -> Level? { groups.isStranger(peer) ? nil : connected[peer] }

  func lastLevel(of node: NodeID) -> Level? { announced[node] }

  mutating func take(_ announced: [NodeID: Level]) { self.announced = announced }

  mutating func heard(from peer: NodeID, at now: Instant) { heardAt[peer] = now }

  func lastHeard(_ peer: NodeID) -> Instant? { heardAt[peer] }

  mutating func take(_ report: NodeNotice, from peer: NodeID, at now: Instant) {
    reports[peer] = (report, now)
    conditions[peer, default: ConditionTimes()].look(report.conditions, at: now)
  }

  /// Those who have told of themselves, in the order of their ids.
  var reporting: [NodeID] { reports.keys.sorted() }

  func report(of peer: NodeID) -> NodeNotice? { reports[peer]?.report }
  func reportedAt(_ peer: NodeID) -> Instant? { reports[peer]?.at }

  mutating func forget(_ peer: NodeID) {
    reports[peer] = nil
    conditions[peer] = nil
  }

  func since(_ condition: NodeConditions, of peer: NodeID) -> Instant? { conditions[peer]?.since(condition) }

  // MARK: Whose they are

  func isStranger(_ peer: NodeID) -> Bool { groups.isStranger(peer) }
  var strangers: [NodeID] { groups.strangers }

  /// - Returns: whether the peer has become a stranger by this, or has ceased to be one; nil: neither.
  mutating func learn(_ group: UInt64?, of peer: NodeID) -> Bool? { groups.learn(group, of: peer) }

  /// - Returns: peers that are strangers by this.
  mutating func belong(to group: UInt64?) -> [NodeID] { groups.belong(to: group) }

  /// Whether the peer has yet to hear whose this node is, on the connection that is there now.
  mutating func mustTell(_ peer: NodeID) -> Bool { groups.mustTell(peer) }
}

extension Node {
  /// - Returns: false when there is no connection: the frame is dropped.
  @discardableResult
  mutating func send(_ content: PeerContent, to peer: NodeID) -> Bool {
    noteGroup()
    guard peers.isConnected(peer) else { return false }
    // Before anything else, on each connection: whose word this is.
    if peers.mustTell(peer) {
      if case .notice = content {
      } else {
        output.frames.append(PeerFrame(to: peer, content: .notice(report(for: peer))))
      }
    }
    output.frames.append(PeerFrame(to: peer, content: content))
    return true
  }

  /// When anything last came from the peer, be it a frame or a sign of life of the transport.
  func lastHeard(_ peer: NodeID) -> Instant? {
    let told = surroundings.contacts.first { $0.node == peer }?.lastHeard
    let own = peers.lastHeard(peer)
    guard let told, let own else { return told ?? own }
    return max(told, own)
  }
}
