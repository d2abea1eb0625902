import Desk
import Gossip
import Kernel
package import Protocol
import Raft

/// The status page, from what this node knows at this moment.
extension Node {
  package func status() -> ClusterStatus {
    var status = ClusterStatus()
    status.cluster = configuration.cluster
    status.observedBy = configuration.thisNode.name
    status.observedAt = TimeText.rfc3339(timeOfDay)
    status.leader = raft.leader.map { name(of: $0) }
    status.term = raft.term.rawValue
    status.commitIndex = raft.commitIndex.rawValue
    status.appliedIndex = raft.appliedIndex.rawValue
    status.level = Int(state.level.rawValue)
    status.members = group.members.map(member)
    status.change = changeUnderWay()
    status.quorum = quorum()
    let suffices = status.quorum.canLose >= 0
    status.quorum.canLose = max(0, status.quorum.canLose)
    status.sessions = sessionCounts()
    status.agents = agentCounts()
    status.problems = problems(status)
    status.health = health(status, suffices)
    return status
  }

  private func changeUnderWay() -> ClusterStatus.Change? {
    let membership = raft.membership
    guard membership.isJoint || !membership.joining.isEmpty else { return nil }
    var change = ClusterStatus.Change()
    change.step = membership.isJoint ? "joint" : "catching up"
    change.joining = membership.joining.map { name(of: $0) }
    change.leaving =
      membership.isJoint
      ? membership.outgoing.filter { !membership.voters.contains($0) }.map { name(of: $0) }
      : membership.leaving.map { name(of: $0) }
    return change
  }

  private func member(_ address: MemberAddress) -> ClusterStatus.Member {
    let id = NodeID(address.id)
    let isSelf = address.id == server.rawValue
    var member = ClusterStatus.Member()
    member.id = address.name
    member.address = address.peerAddress
    member.clientUrl = address.clientURL
    member.voter = raft.membership.voters.contains(id)
    member.reachable = isSelf || peers.isConnected(id)
    member.role = role(id, isSelf: isSelf)
    if isSelf {
      member.certificates = ownCertificates()
      member.archive = ownArchive()
      member.lastContactMs = 0
    } else {
      let contact = surroundings.contacts.first { $0.node == id }
      member.rttMs = contact?.roundTrip.map { ($0 * 1e6).rounded() / 1e3 }
      member.lastContactMs = lastHeard(id).map { Int((now - $0).milliseconds) }
    }
    let isSilent = (member.lastContactMs ?? Int.max) > configuration.patience.silence
    member.state = memberState(id, isReachable: member.reachable, isSilent: isSilent)
    member.gossip = gossipOpinion(of: id)
    if raft.role == .leader {
      member.matchIndex = isSelf ? raft.durableIndex.rawValue : raft.progress(of: id)?.match.rawValue
    }
    let notice: NodeNotice?
    var age = 0
    if isSelf {
      notice = ownReport()
    } else if let known = peers.report(of: id), let at = peers.reportedAt(id), member.reachable {
      notice = known
      age = Int((now - at).milliseconds)
    } else {
      notice = nil
    }
    guard let notice else { return member }
    member.appliedIndex = notice.appliedIndex
    member.lag = raft.commitIndex.rawValue - min(raft.commitIndex.rawValue, notice.appliedIndex)
    member.version = notice.version
    member.level = Int(notice.level.rawValue)
    member.uptimeS = Int(clamping: notice.uptimeSeconds)
    var load = ClusterStatus.Load()
    load.connections = Int(clamping: notice.connections)
    load.sessions = Int(clamping: notice.ownedSessions)
    load.cpu = (notice.cpu * 100).rounded() / 100
    load.loopLagMs = (notice.loopLagMilliseconds * 100).rounded() / 100
    load.ackP99Ms = (notice.ackP99Milliseconds * 100).rounded() / 100
    load.ageMs = age
    member.load = load
    var storage = ClusterStatus.Storage()
    storage.logBytes = notice.logBytes
    storage.fsyncP99Ms = (notice.fsyncP99Milliseconds * 100).rounded() / 100
    storage.snapshotIndex = notice.snapshotIndex
    storage.diskFreeBytes = notice.diskFreeBytes
    if isSelf, let amounts = surroundings.archive { storage.archiveRows = amounts.sessions + amounts.chunks }
    member.storage = storage
    return member
  }

  func ownArchive() -> ClusterStatus.Archive? {
    guard archive.isKept else { return nil }
    var own = ClusterStatus.Archive()
    own.completeIndex = archive.durableIndex.rawValue
    own.lag = log.index.rawValue - min(log.index.rawValue, own.completeIndex)
    own.gap = archive.hasGap || !filling.gaps.isEmpty
    own.missingEntries = filling.gaps.entries
    own.rowsFromOthers = filling.rows
    own.keptFrom = state.droppedBefore > 0 ? CalendarDay.monthName(state.droppedBefore) : nil
    own.erasing = !hasPurged
    own.sessions = surroundings.archive?.sessions ?? 0
    own.messages = surroundings.archive?.messages ?? 0
    own.bytes = surroundings.archive?.bytes ?? 0
    return own
  }

  private func role(_ id: NodeID, isSelf: Bool) -> String {
    if raft.leader == id { return "leader" }
    guard isSelf else { return raft.membership.learners.contains(id) ? "learner" : "follower" }
    switch raft.role {
    case .leader: return "leader"
    case .follower: return "follower"
    case .learner: return "learner"
    case .preCandidate, .candidate: return "candidate"
    }
  }

  private func problems(_ status: ClusterStatus) -> [ClusterStatus.Problem] {
    var problems: [ClusterStatus.Problem] = []
    for member in status.members where !member.reachable {
      let id = group.members.first { $0.name == member.id }?.id ?? 0
      let since = watch.downSince(NodeID(id)).map { wallTime(of: $0) } ?? wallTime(of: metrics.startedAt)
      problems.append(
        ClusterStatus.Problem(
          code: .peerUnreachable, node: member.id, since: since,
          advice: "see whether \(member.id) runs and whether \(member.address) can be reached from here"))
    }
    problems += levelProblems(since: wallTime(of: now))
    problems += unheardProblems(since: wallTime(of: now))
    problems += strangerProblems(since: wallTime(of: now))
    problems += integrityProblems()
    if let lost = leadership.lostAt {
      problems.append(
        ClusterStatus.Problem(
          code: .noLeader, node: configuration.thisNode.name, since: wallTime(of: lost),
          advice:
            "an election needs \(status.quorum.needed) of \(status.quorum.voters) voters that reach one another"
        ))
    }
    if raft.membershipIndex == LogIndex(1), !raft.membership.joining.isEmpty {
      problems.append(
        ClusterStatus.Problem(
          code: .beginning, node: name(of: raft.membership.voters[0]), since: wallTime(of: now),
          advice: "the cluster begins: \(raft.membership.joining.map { name(of: $0) }.joined(separator: ", ")) "
            + "will vote in a moment"))
    }
    problems += diskProblems()
    problems += progressProblems(status.quorum)
    problems += conditionProblems()
    problems += certificateProblems()
    for member in status.members where (member.lag ?? 0) > 10_000 {
      problems.append(
        ClusterStatus.Problem(
          code: .lagging, node: member.id, since: wallTime(of: now),
          advice:
            "\(member.id) is behind by \(member.lag ?? 0) entries; it catches up by itself, or its disk is slow"
        ))
    }
    return problems
  }

  private func diskProblems() -> [ClusterStatus.Problem] {
    var problems: [ClusterStatus.Problem] = []
    if takesNoWork {
      problems.append(
        ClusterStatus.Problem(
          code: .diskFull, node: configuration.thisNode.name, since: wallTime(of: now),
          advice: diskIsFull
            ? "make room below the data directory; the node goes on by itself"
            : "its disk does not keep up; the node goes on by itself once it does"))
    }
    for member in group.members where member.id != server.rawValue && peers.isConnected(NodeID(member.id)) {
      guard let report = peers.report(of: NodeID(member.id)), report.diskIsFull,
        let at = peers.reportedAt(NodeID(member.id))
      else { continue }
      problems.append(
        ClusterStatus.Problem(
          code: .diskFull, node: member.name, since: wallTime(of: at),
          advice:
            "\(member.name) can store nothing: make room below its data directory, or see whether its disk "
            + "keeps up; it goes on by itself"))
    }
    return problems
  }

  /// - Parameter suffices: those who could commit something are a majority.
  private func health(_ status: ClusterStatus, _ suffices: Bool) -> ClusterStatus.Health {
    if raft.leader == nil || !suffices { return .noQuorum }
    return status.problems.isEmpty ? .ok : .degraded
  }

  func wallTime(of deadline: Instant) -> String {
    let ago = UInt64(max(0, (now - deadline).milliseconds))
    let time = timeOfDay
    return TimeText.rfc3339(time - min(time, ago))
  }

  func sessionCounts() -> ClusterStatus.Sessions {
    var counts = ClusterStatus.Sessions()
    (counts.active, counts.queued, counts.closed) = (
      state.sessionCounts.active, state.sessionCounts.queued, state.sessionCounts.closed
    )
    return counts
  }

  func agentCounts() -> ClusterStatus.Agents {
    var counts = ClusterStatus.Agents()
    counts.online = state.agentCounts.online
    counts.busy = state.agentCounts.busy
    counts.away = state.agentCounts.away
    counts.offline = state.agentCounts.offline
    return counts
  }

  package func figures() -> ReplicaFigures {
    var figures = ReplicaFigures()
    figures.isLeader = raft.role == .leader
    figures.hasLeader = raft.leader != nil
    figures.term = raft.term.rawValue
    figures.commitIndex = raft.commitIndex.rawValue
    figures.appliedIndex = raft.appliedIndex.rawValue
    figures.leaderChanges = leadership.changes
    figures.proposals = metrics.proposals
    figures.entriesApplied = metrics.entriesApplied
    figures.messagesAcknowledged = metrics.messagesAcknowledged
    figures.messagesDelivered = metrics.messagesDelivered
    figures.archive = ownArchive()
    figures.pendingRequests = pending.count
    let status = status()
    figures.health = status.health
    figures.quorum = status.quorum
    for problem in status.problems { figures.problems[problem.code, default: 0] += 1 }
    figures.greatestLag = status.members.compactMap(\.lag).max() ?? 0
    figures.diskFreeBytes = surroundings.disk.freeBytes
    figures.memoryIsShort = memory.isShort
    figures.memoryLimitBytes = UInt64(max(0, memory.high))
    figures.snapshotsRefused = metrics.snapshotsRefused
    figures.logBytes = surroundings.disk.logBytes
    figures.syncs = metrics.syncSeconds.count
    figures.ackSeconds = metrics.ackSeconds
    figures.syncSeconds = metrics.syncSeconds
    figures.sessions = sessionCounts()
    figures.agents = agentCounts()
    return figures
  }
}
