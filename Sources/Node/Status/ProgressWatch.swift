import Desk
import Kernel
import Protocol
import Raft

/// Whether each member comes on with what is committed: both what it has on its disk and what it has applied. One that can be
/// reached and does not is of no use to a quorum, whatever it says of itself.
struct ProgressWatch {
  /// A member is stuck that has been behind, and has not moved, for so long. Nodes tell of themselves twice a second, so it
  /// is known everywhere within 5 s.
  static let patience = Span.seconds(3)

  private struct Track {
    var value: UInt64
    /// When it last moved, or was not behind.
    var since: Instant

    mutating func look(_ value: UInt64, behind target: UInt64, at now: Instant) {
      if value != self.value || value >= target { since = now }
      self.value = value
    }
  }

  private var stored: [NodeID: Track] = [:]
  private var applied: [NodeID: Track] = [:]
  private var stuckSince: [NodeID: Instant] = [:]
  /// What was committed when it was looked at last: members get a moment for what is newer.
  private var target: UInt64 = 0

  /// - Parameter places: of the members that can be reached, how much is on the disk and how much is applied.
  /// - Returns: members that are stuck by this, and such that are not any more.
  mutating func look(
    _ places: [(member: NodeID, stored: UInt64, applied: UInt64)], committed: UInt64, at now: Instant
  ) -> (stuck: [NodeID], moving: [NodeID]) {
    let known = Set(places.map(\.member))
    stored = stored.filter { known.contains($0.key) }
    applied = applied.filter { known.contains($0.key) }
    var news: (stuck: [NodeID], moving: [NodeID]) = ([], [])
    for gone in stuckSince.keys where !known.contains(gone) { stuckSince[gone] = nil }
    for place in places {
      stored[place.member, default: Track(value: place.stored, since: now)].look(
        place.stored, behind: target, at: now)
      applied[place.member, default: Track(value: place.applied, since: now)].look(
        place.applied, behind: target, at: now)
      let since = min(stored[place.member]?.since ?? now, applied[place.member]?.since ?? now)
      let isStuck = now - since >= Self.patience
      if isStuck, stuckSince[place.member] == nil {
        stuckSince[place.member] = since
        news.stuck.append(place.member)
      } else if !isStuck, stuckSince.removeValue(forKey: place.member) != nil {
        news.moving.append(place.member)
      }
    }
    target = committed
    return news
  }

  func stuckSince(_ member: NodeID) -> Instant? { stuckSince[member] }
}

extension Node {
  /// From the tick, twice a second.
  mutating func watchProgress() {
    var places: [(member: NodeID, stored: UInt64, applied: UInt64)] = [
      (raft.id, raft.durableIndex.rawValue, raft.appliedIndex.rawValue)
    ]
    var committed = raft.commitIndex.rawValue
    for member in group.members where member.id != server.rawValue {
      let id = NodeID(member.id)
      guard peers.isConnected(id), !isSilent(id), let report = peers.report(of: id) else { continue }
      committed = max(committed, report.commitIndex)
      // Who does not vote yet, or is of an earlier release, says nothing of its disk.
      let stored = report.durable == .zero ? report.appliedIndex : report.durable.index
      places.append((id, stored, report.appliedIndex))
    }
    let news = progress.look(places, committed: committed, at: now)
    for id in news.stuck {
      note(
        .error, "a member makes no progress: it stores or applies nothing of what is committed",
        ("node", name(of: id)))
    }
    for id in news.moving { note(.notice, "a member makes progress again", ("node", name(of: id))) }
  }

  /// Nothing came from it for longer than the leader bears.
  func isSilent(_ id: NodeID) -> Bool {
    guard id != raft.id else { return false }
    return lastHeard(id).map { Int((now - $0).milliseconds) > configuration.patience.silence } ?? true
  }

  /// Whether a quorum that this voter is part of could commit something now: it can be reached, keeps its disk, has room, and
  /// comes on. One that could not may still vote.
  func carries(_ id: NodeID) -> Bool {
    if progress.stuckSince(id) != nil || integrity.ended[id] != nil { return false }
    if id == raft.id { return !takesNoWork && !diskWatch.isHanging && !raft.isRejoining && standstill == nil }
    guard peers.isConnected(id), !isSilent(id), !integrity.isOld(id) else { return false }
    guard let report = peers.report(of: id) else { return true }
    return !report.diskIsFull
      && report.conditions.isDisjoint(with: [.diskSlow, .noProgress, .doesNotVote, .differs])
  }

  /// What a quorum has and needs. While two configurations hold, the one that can lose less counts.
  func quorum() -> ClusterStatus.Quorum {
    var quorum = ClusterStatus.Quorum()
    let halves = [raft.membership.voters, raft.membership.outgoing].filter { !$0.isEmpty }
    quorum.voters = raft.membership.voters.count
    quorum.needed = quorum.voters / 2 + 1
    quorum.reachable = raft.membership.voters.count { $0 == raft.id || peers.isConnected($0) }
    quorum.canLose = halves.map { voters in voters.count(where: carries) - (voters.count / 2 + 1) }.min() ?? 0
    return quorum
  }

  func progressProblems(_ quorum: ClusterStatus.Quorum) -> [ClusterStatus.Problem] {
    var problems: [ClusterStatus.Problem] = []
    for member in group.members {
      let id = NodeID(member.id)
      let told = peers.report(of: id)?.conditions.contains(.noProgress) ?? false
      let isThere = id == raft.id || peers.isConnected(id)
      if isThere, isSilent(id), let heard = lastHeard(id) {
        problems.append(
          ClusterStatus.Problem(
            code: .noProgress, node: member.name, since: wallTime(of: heard),
            advice:
              "\(member.name) is connected and says nothing: see whether its process is stopped or its machine overloaded"
          ))
      } else if isThere, progress.stuckSince(id) != nil || told {
        problems.append(
          ClusterStatus.Problem(
            code: .noProgress, node: member.name,
            since: wallTime(of: progress.stuckSince(id) ?? peers.since(.noProgress, of: id) ?? now),
            advice:
              "\(member.name) can be reached, and stores or applies nothing of what is committed: see its log and its disk. "
              + "It counts for nothing until it does"))
      }
    }
    if quorum.voters > 1, quorum.canLose == 0, raft.leader != nil {
      problems.append(
        ClusterStatus.Problem(
          code: .noSpare, node: name(of: raft.leader ?? raft.id), since: wallTime(of: noSpareSince ?? now),
          advice: quorum.voters == 2
            ? "two voters cannot lose one: add a third with `switchboard cluster add`"
            : "one more loss stops the cluster: bring back those voters that are missing or of no use"))
    }
    return problems
  }
}
