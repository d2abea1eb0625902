import Desk
internal import Kernel
import Logging
import Peering
internal import Protocol
import Raft
import Wire

/// The cluster's level: raised by the leader, kept by the state machine, and a bound on what this node takes from whom.
extension ReplicaCore {
  /// As the leader, once all members read more than the cluster writes.
  func raiseLevel() {
    guard raft.role == .leader else { return }
    let others = raft.membership.members.filter { $0 != raft.id }.map { network.level(of: $0) }
    guard
      let level = levelRaising.due(
        current: desk.level, own: options.peering.level, others: others, now: now)
    else { return }
    logger.notice(
      "every member reads more: the level of the cluster is raised",
      metadata: ["from": "\(desk.level)", "to": "\(level)"])
    // Before the entry can leave this node.
    network.require(level)
    gathered.add(
      Submission(origin: Origin(server: server, request: 0), command: .raiseLevel(RaiseLevel(level))))
  }

  /// Whoever has an entry of a level in its log, be it committed or not, sends nothing to those who could not read it.
  func levelWasRaised(to level: Level) {
    network.require(level)
    logger.notice("the cluster has a new level", metadata: ["level": "\(level)"])
  }

  /// What this node may hold already, before it speaks with anybody.
  func requireRecoveredLevel(_ entries: [Entry]) {
    var level = desk.level
    for entry in entries where entry.kind == .command {
      if let own = try? CommandCodec.level(of: entry.data) { level = max(level, own) }
    }
    recoveredLevel = level
  }

  /// Looks at entries before Raft does. One above what this node reads ends it, before anything of it is on the disk.
  func isReadable(_ message: Raft.Message) -> Bool {
    switch message.body {
    case .append(let request):
      for entry in request.entries where entry.kind == .command {
        do throws(UnreadableLevel) {
          let level = try CommandCodec.checkLevel(of: entry.data)
          if level > network.requiredLevel { network.require(level) }
        } catch {
          fail(.newerLevel("entry \(entry.index) of the log cannot be read: \(error)"))
          return false
        }
      }
      return true
    case .propose(let payloads):
      let isReadable = payloads.allSatisfy { (try? CommandCodec.checkLevel(of: $0.data)) != nil }
      if !isReadable {
        logger.error(
          "a proposal of a newer release is dropped", metadata: ["from": "\(name(of: message.from))"])
      }
      return isReadable
    default: return true
    }
  }

  /// nil: the command may be written. A client is told to wait for the upgrade to end.
  func upgradeFailure(_ command: Command) -> Failure? {
    command.since <= desk.level ? nil : .upgrading
  }

  /// How this node writes for a peer: what it does not read is left out.
  func level(of peer: NodeID) -> Level { network.level(of: peer) ?? .first }

  /// What can be read of a frame of forwards is taken, and the rest is refused one by one.
  func takeForwards(_ batch: ForwardBatch, from origin: ServerID) {
    if let failure = batch.failure {
      logger.warning(
        "a command of a peer cannot be read and is refused",
        metadata: ["peer": "\(name(of: origin))", "error": "\(failure)"])
    }
    for request in batch.unreadable {
      refusals[origin, default: []].append(ForwardRefusal(request: request, reason: .unreadable))
    }
    for forward in batch.forwards { takeForward(forward, from: origin) }
  }

  /// A node of level 1 could read none of them if it did not know one's reason.
  func readable(_ refusals: [ForwardRefusal], by origin: ServerID) -> [ForwardRefusal] {
    guard level(of: NodeID(origin.rawValue)) < .second else { return refusals }
    return refusals.map { $0.reason == .unreadable ? ForwardRefusal(request: $0.request, reason: .busy) : $0 }
  }

  /// The owner does not read the command, now or ever.
  func forwardWasUnreadable(_ number: UInt64) {
    giveUp(number, .upgrading)
  }

  /// A node below the cluster's level cannot become a member.
  func refuseBelowLevel(_ address: MemberAddress) throws {
    guard let level = network.lastLevel(of: NodeID(address.id)), level < network.requiredLevel else { return }
    throw ControlFailure.refused(
      options.peering.explanation(of: level, below: network.requiredLevel, node: NodeID(address.id)))
  }

  /// Members that are kept out because they read too little.
  func levelProblems(since: String) -> [ClusterStatus.Problem] {
    members.compactMap { member in
      let id = NodeID(member.id)
      guard id != raft.id, !network.isConnected(id), let level = network.lastLevel(of: id),
        level < network.requiredLevel
      else { return nil }
      return ClusterStatus.Problem(
        code: "below_level", node: member.name, since: since,
        advice: options.peering.explanation(of: level, below: network.requiredLevel, node: id))
    }
  }
}

extension Failure {
  static let upgrading = Failure(
    .upgrading,
    "the cluster is being upgraded, and not all of its nodes know this yet; try again once every node runs the new version",
    retryAfterMilliseconds: 5_000)
}
