import Desk
import Kernel
import Protocol
import Raft

/// The cluster's level: raised by the leader, kept by the state machine, and a bound on what this node takes from whom.
extension Node {
  /// As the leader, once all members read more than the cluster writes.
  mutating func raiseLevel() {
    // Who was removed a moment ago still hears what is said, and may not read what a level brings.
    guard raft.role == .leader, group.farewellAt == nil else { return }
    // From level 6 on the state does not have everything any more: what is over has to be in an archive by then.
    guard state.level >= .sixth || !archive.isKept || archive.isFilled else { return }
    let others: [Level?] =
      has(.raisesBlindly)
      ? [] : raft.membership.members.filter { $0 != raft.id }.map { peers.level(of: $0) }
    guard
      let level = levelRaising.due(
        current: state.level, own: configuration.level, others: others, now: now)
    else { return }
    note(
      .notice, "every member reads more: the level of the cluster is raised", ("from", "\(state.level)"),
      ("to", "\(level)"))
    // Before the entry can leave this node.
    require(level)
    batch.add(
      Submission(origin: Origin(server: server, request: 0), command: .raiseLevel(RaiseLevel(level))))
  }

  /// From now on this node sends nothing to peers below this level, and takes nothing from them: whoever has an entry of a
  /// level in its log, be it committed or not, sends nothing to those who could not read it.
  mutating func require(_ level: Level) {
    guard level > requiredLevel else { return }
    requiredLevel = level
    output.requiredLevel = level
  }

  /// What this node may hold already, before it speaks with anybody.
  static func recoveredLevel(_ state: ReplicatedState, _ entries: [Entry]) -> Level {
    var level = state.level
    for entry in entries where entry.kind == .command {
      if let own = try? CommandCodec.level(of: entry.data) { level = max(level, own) }
    }
    return level
  }

  /// Looks at entries before Raft does. One above what this node reads ends it, before anything of it is on the disk.
  mutating func isReadable(_ message: Raft.Message) -> Bool {
    switch message.body {
    case .append(let request):
      for entry in request.entries where entry.kind == .command {
        do throws(UnreadableLevel) {
          let level = try CommandCodec.checkLevel(of: entry.data)
          if level > requiredLevel { require(level) }
        } catch {
          fail(.newerLevel("entry \(entry.index) of the log cannot be read: \(error)"))
          return false
        }
      }
      return true
    case .propose(let payloads):
      let isReadable = payloads.allSatisfy { (try? CommandCodec.checkLevel(of: $0.data)) != nil }
      if !isReadable {
        note(.error, "a proposal of a newer release is dropped", ("from", name(of: message.from)))
      }
      return isReadable
    case .voteRequest, .voteReply, .appendReply, .heartbeat, .heartbeatReply, .snapshotChunk, .snapshotReply,
      .timeoutNow, .readIndex, .readIndexReply, .rejoin, .rejoinReply:
      return true
    }
  }

  /// nil: the command may be written. A client is told to wait for the upgrade to end.
  func upgradeFailure(_ command: Command) -> Failure? {
    command.since <= state.level ? nil : .upgrading
  }

  /// What can be read of a frame of forwards is taken, and the rest is refused one by one.
  mutating func takeForwards(_ batch: ForwardBatch, from origin: ServerID) {
    if let failure = batch.failure {
      note(
        .warning, "a command of a peer cannot be read and is refused",
        ("peer", name(of: NodeID(origin.rawValue))), ("error", "\(failure)"))
    }
    for request in batch.unreadable { routes.refuse(request, .unreadable, to: origin) }
    for forward in batch.forwards { takeForward(forward, from: origin) }
  }

  /// A node of level 1 could read none of them if it did not know one's reason.
  func readable(_ refusals: [ForwardRefusal], by origin: ServerID) -> [ForwardRefusal] {
    guard peers.level(of: NodeID(origin.rawValue)) ?? .first < .second else { return refusals }
    return refusals.map { $0.reason == .unreadable ? ForwardRefusal(request: $0.request, reason: .busy) : $0 }
  }

  /// The owner does not read the command, now or ever.
  mutating func forwardWasUnreadable(_ number: UInt64) {
    giveUp(number, .upgrading)
  }

  /// A node below the cluster's level cannot become a member.
  func refuseBelowLevel(_ address: MemberAddress) throws(ControlFailure) {
    guard let level = peers.lastLevel(of: NodeID(address.id)), level < requiredLevel else { return }
    throw ControlFailure.refused(
      LevelRefusal.explanation(
        of: level, below: requiredLevel, node: NodeID(address.id), cluster: configuration.cluster))
  }

  /// A member that was added before it was ever started may be of a release that is too old: nobody can tell yet.
  func unheardProblems(since: String) -> [ClusterStatus.Problem] {
    guard requiredLevel > .first else { return [] }
    return group.members.compactMap { member in
      let id = NodeID(member.id)
      guard raft.membership.joining.contains(id), !peers.isConnected(id), peers.lastLevel(of: id) == nil else {
        return nil
      }
      return ClusterStatus.Problem(
        code: .notStarted, node: member.name, since: since,
        advice: "\(member.name) was added, and nothing was ever heard of it: start it, with version "
          + "\(requiredLevel.release ?? "of the other nodes") or newer, and it joins")
    }
  }

  /// Members that are kept out because they read too little.
  func levelProblems(since: String) -> [ClusterStatus.Problem] {
    group.members.compactMap { member in
      let id = NodeID(member.id)
      guard id != raft.id, !peers.isConnected(id), let level = peers.lastLevel(of: id),
        level < requiredLevel
      else { return nil }
      return ClusterStatus.Problem(
        code: .belowLevel, node: member.name, since: since,
        advice: LevelRefusal.explanation(
          of: level, below: requiredLevel, node: id, cluster: configuration.cluster))
    }
  }
}

extension Failure {
  static let upgrading = Failure(
    .upgrading,
    "the cluster is being upgraded, and not all of its nodes know this yet; try again once every node runs the new version",
    retryAfterMilliseconds: 5_000)
}
