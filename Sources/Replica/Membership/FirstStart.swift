internal import Desk
import Logging
import Protocol
import Raft
import Storage

/// How a node comes to its cluster that has an empty disk, or one that was marked because what it held is lost.
///
/// It joins: it waits until the leader of its cluster has taken it in, and does not vote before, whatever its
/// configuration says. Only a node that was told to begin a cluster (`switchboard begin`, noted on its disk) does so, once
/// all its other members have said that they have nothing of an earlier one. Fewer would not do: the one that does not
/// answer may have everything.
struct FirstStart {
  /// The members of the cluster to begin; nil: this node joins.
  let beginning: Membership?
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

  init(beginning: Membership? = nil, mustMark: Bool = false) {
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

extension ReplicaCore {
  /// Whether this node has anything that a node of a new cluster does not have: a term or a vote, a log, a disk that was
  /// marked, or the order to begin.
  var isInUse: Bool {
    raft.term > .zero || raft.lastIndex > .zero || raft.commitIndex > .zero || wasMarked
      || firstStart.beginning != nil
  }

  func decideFirstStart() {
    guard raft.isRejoining, !firstStart.isDecided else { return }
    guard let first = firstStart.beginning else { return sayWhyItWaits() }
    if firstStart.groupIsInUse {
      firstStart.isDecided = true
      logger.error(
        "this node was told to begin a cluster, and one of its members has data, or was told so, too: nothing is begun, and this node waits to be taken in"
      )
      return
    }
    let others = first.members.filter { $0 != raft.id }
    guard firstStart.everyoneIsNew(others) else { return }
    firstStart.isDecided = true
    guard raft.beginGroup(first) else { return }
    firstStart.mustMark = false
    logger.notice("a new cluster begins")
    scheduleTurnEnd()
  }

  /// A node that joins does nothing by itself; whoever reads its log should know what it waits for.
  private func sayWhyItWaits() {
    if firstStart.groupIsInUse {
      firstStart.isDecided = true
      return logger.notice(
        "the disk of this node is empty and the cluster is in use: the node votes once it has been taken in and has caught up"
      )
    }
    if firstStart.wait == nil {
      firstStart.wait = .forAnybody
      logger.notice(
        "the disk of this node is empty: it waits to be taken in by its cluster, and does not vote before")
    }
    let others = options.members.filter { $0.id != server.rawValue }.map { NodeID($0.id) }
    guard firstStart.wait == .forAnybody, !wasMarked, firstStart.everyoneIsNew(others) else { return }
    firstStart.wait = .forWord
    if others.isEmpty {
      logger.warning(
        "`members` names this node alone: if it belongs to a cluster, name the others, or it cannot answer them"
      )
    }
    logger.warning(
      "no member has any data, and none was told to begin the cluster: if it is a new one, stop the node with the lowest number, say `switchboard begin` there, and start it again"
    )
  }

  /// The disk says that this node must be taken in before it holds anything that looks like a member's.
  func markBeforeFirstWrite() {
    guard firstStart.mustMark, raft.isRejoining else { return }
    firstStart.mustMark = false
    do { try store.beginRejoining() } catch { fail(.disk(error)) }
  }

  func endRejoining() {
    do { try store.endRejoining() } catch { fail(.disk(error)) }
  }
}
