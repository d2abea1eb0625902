import Desk
import Protocol
import Raft

/// How a node comes to its cluster that has an empty disk, or one that was marked because what it held is lost.
///
/// It joins: it waits until the leader of its cluster has taken it in, and does not vote before, whatever its
/// configuration says. Only a node that was told to begin a cluster (`switchboard begin`, noted on its disk) does so, once
/// all its other members have said that they have nothing of an earlier one. Fewer would not do: the one that does not
/// answer may have everything.
struct FirstStart {
  /// The members of the cluster to begin; nil: this node joins.
  let beginning: Membership?
  /// The disk has said when it was opened that what this node promised is lost.
  let wasMarked: Bool
  /// The disk does not say yet that this node must be taken in. It has to before anything else is written to it.
  var mustMark: Bool
  /// Peers that have said that their disks are empty.
  private var emptyPeers: Set<NodeID> = []
  private(set) var groupIsInUse = false
  var isDecided = false
  /// What its log has said last.
  var wait: Wait?

  enum Wait {
    case forAnybody
    /// Nobody has data: an operator has to say that a cluster begins.
    case forWord
  }

  init(beginning: Membership? = nil, mustMark: Bool = false, wasMarked: Bool = false) {
    self.wasMarked = wasMarked
    self.beginning = beginning
    self.mustMark = mustMark
  }

  mutating func heard(from peer: NodeID, inUse: Bool) {
    if inUse {
      groupIsInUse = true
      emptyPeers.remove(peer)
    } else {
      emptyPeers.insert(peer)
    }
  }

  func everyoneIsNew(_ others: [NodeID]) -> Bool {
    !groupIsInUse && others.allSatisfy { emptyPeers.contains($0) }
  }
}

extension Node {
  /// Whether this node has anything that a node of a new cluster does not have: a term or a vote, a log, a disk that was
  /// marked, or the order to begin.
  var isInUse: Bool {
    raft.term > .zero || raft.lastIndex > .zero || raft.commitIndex > .zero || group.firstStart.wasMarked
      || group.firstStart.beginning != nil
  }

  mutating func decideFirstStart() {
    guard raft.isRejoining, !group.firstStart.isDecided else { return }
    guard var first = group.firstStart.beginning else { return sayWhyItWaits() }
    if group.firstStart.groupIsInUse {
      group.firstStart.isDecided = true
      note(
        .error,
        "this node was told to begin a cluster, and one of its members has data, or was told so, too: nothing is begun, and this node waits to be taken in"
      )
      return
    }
    let others = first.members.filter { $0 != raft.id }
    guard group.firstStart.everyoneIsNew(others) else { return }
    group.firstStart.isDecided = true
    first.identity = drawIdentity()
    guard raft.beginGroup(first) else { return }
    group.firstStart.mustMark = false
    note(
      .notice, "a new cluster begins")
  }

  /// A node that joins does nothing by itself; whoever reads its log should know what it waits for.
  private mutating func sayWhyItWaits() {
    if group.firstStart.groupIsInUse {
      group.firstStart.isDecided = true
      return note(
        .notice,
        "the disk of this node is empty and the cluster is in use: the node votes once it has been taken in and has caught up"
      )
    }
    if group.firstStart.wait == nil {
      group.firstStart.wait = .forAnybody
      note(
        .notice,
        "the disk of this node is empty: it waits to be taken in by its cluster, and does not vote before")
    }
    let others = configuration.members.filter { $0.id != server.rawValue }.map { NodeID($0.id) }
    guard group.firstStart.wait == .forAnybody, !group.firstStart.wasMarked,
      group.firstStart.everyoneIsNew(others)
    else { return }
    group.firstStart.wait = .forWord
    if others.isEmpty {
      note(
        .warning,
        "`members` names this node alone: if it belongs to a cluster, name the others, or it cannot answer them"
      )
    }
    note(
      .warning,
      "no member has any data, and none was told to begin the cluster: if it is a new one, stop the node with the lowest number, say `switchboard begin` there, and start it again"
    )
  }

  /// The disk says that this node must be taken in before it holds anything that looks like a member's.
  mutating func markBeforeFirstWrite() {
    guard group.firstStart.mustMark, raft.isRejoining else { return }
    group.firstStart.mustMark = false
    output.marksDisk = true
  }
}
