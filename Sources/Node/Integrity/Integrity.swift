import Desk
import Kernel
import Protocol
import Raft

/// What this node knows of whether it and the others still have what they have promised, and the same state.
struct Integrity {
  /// Of this process.
  let life: UInt64
  /// Where the disk stood when this life began, or when the cluster took this node in.
  var start: StorePosition
  var memory = StoreMemory()
  var digests = DigestRing()
  var agreement = Agreement()
  /// Nodes whose disk is behind what they have told: nothing of them is taken.
  private(set) var old: [NodeID: (told: StorePosition, life: UInt64, since: Instant)] = [:]
  /// Nodes that have said that they end because they differ.
  private(set) var ended: [NodeID: Instant] = [:]
  private(set) var twins: [NodeID: (addresses: [String], words: Int, first: Instant, last: Instant)] = [:]

  /// So many words of a process that another has followed make two processes of them, within so much time.
  private static let wordsOfTwin = 3
  private static let twinTime = Span.seconds(10)

  init(life: UInt64, start: StorePosition) {
    self.life = life
    self.start = start
  }

  func isOld(_ peer: NodeID) -> Bool { old[peer] != nil }

  /// - Returns: whether this is news.
  mutating func foundOld(_ peer: NodeID, told: StorePosition, life: UInt64, at now: Instant) -> Bool {
    defer { old[peer] = (told, life, old[peer]?.since ?? now) }
    return old[peer] == nil
  }

  mutating func isGood(_ peer: NodeID) -> Bool { old.removeValue(forKey: peer) != nil }

  mutating func foundTwo(_ peer: NodeID, _ addresses: [String], at now: Instant) -> Bool {
    var twin = twins[peer] ?? (addresses, 0, now, now)
    if now - twin.last > Self.twinTime { twin = (addresses, 0, now, now) }
    twin.words += 1
    twin.last = now
    twin.addresses = addresses
    twins[peer] = twin
    return twin.words == Self.wordsOfTwin
  }

  mutating func told(_ peer: NodeID, differs: Bool, at now: Instant) {
    ended[peer] = differs ? ended[peer] ?? now : nil
  }

  func isTwo(_ peer: NodeID, at now: Instant) -> Bool {
    twins[peer].map { $0.words >= Self.wordsOfTwin && now - $0.last <= Self.twinTime } ?? false
  }

  mutating func forget(_ peer: NodeID) {
    memory.forget(peer)
    agreement.forget(peer)
    old[peer] = nil
    ended[peer] = nil
    twins[peer] = nil
  }
}

extension Node {
  // MARK: What is told

  /// The part of a report that others hold this node against.
  func addIntegrity(to report: inout NodeNotice) {
    report.life = integrity.life
    report.start = integrity.start
    if raft.membership.votes(raft.id), !raft.isRejoining {
      report.durable = StorePosition(
        term: raft.durableState.term.rawValue, index: raft.promisedIndex.rawValue)
    }
    report.address = configuration.thisNode.text
    report.heard = integrity.memory.told(of: raft.membership.members.filter { $0 != raft.id })
    if state.level >= .second { report.digests = integrity.digests.told }
  }

  /// What is on this node's own disk.
  var ownPosition: StorePosition {
    StorePosition(term: raft.durableState.term.rawValue, index: raft.durableIndex.rawValue)
  }

  /// With what only the receiver is to know.
  func report(for peer: NodeID) -> NodeNotice {
    var report = ownReport()
    if let old = integrity.old[peer] { report.finding = OldStoreFinding(life: old.life, told: old.told) }
    return report
  }

  // MARK: What is heard

  /// - Returns: whether anything else of the peer may be taken.
  mutating func examine(_ content: PeerContent, from peer: NodeID) -> Bool {
    if case .notice(let notice) = content {
      examine(notice, from: peer)
      return true
    }
    return !integrity.isOld(peer)
  }

  private mutating func examine(_ notice: NodeNotice, from peer: NodeID) {
    if let finding = notice.finding, finding.life == integrity.life, integrity.start < finding.told,
      !raft.isRejoining
    {
      return standStill(
        .oldCopy(
          "its disk stood at term \(integrity.start.term) and entry \(integrity.start.index) when it started, and this node "
            + "has told \(name(of: peer)) before that it has term \(finding.told.term) and entry \(finding.told.index)"
        ))
    }
    integrity.told(peer, differs: notice.conditions.contains(.differs), at: now)
    judge(integrity.memory.take(notice, of: peer, at: now), peer, life: notice.life)
    for heard in notice.heard where heard.node != server.rawValue {
      let other = NodeID(heard.node)
      guard raft.membership.votes(other) else { continue }
      let finding = integrity.memory.learn(heard, of: other)
      if finding != .nothing { judge(finding, other, life: integrity.memory.record(of: other)?.life) }
    }
    compareStates()
  }

  private mutating func judge(_ finding: StoreMemory.Finding, _ peer: NodeID, life: UInt64?) {
    switch finding {
    case .nothing:
      if integrity.isGood(peer) {
        note(.notice, "the data of a node is no old copy any more", ("peer", name(of: peer)))
        if peers.isConnected(peer) { watch.linkUp(peer) }
        sendReport(to: peer)
      }
    case .isOld(let told):
      guard !has(.oldCopyTaken), let life else { return }
      if integrity.foundOld(peer, told: told, life: life, at: now) {
        note(.error, oldCopyAdvice(peer), ("peer", name(of: peer)))
        watch.linkDown(peer, refused: false, at: now)
        raft.peerUnreachable(peer)
      }
      output.frames.append(PeerFrame(to: peer, content: .notice(report(for: peer))))
    case .isTwo(let one, let other):
      if integrity.foundTwo(peer, [one, other], at: now) {
        note(.error, twoProcessesAdvice(peer), ("peer", name(of: peer)))
      }
    }
  }

  /// A message by which a peer promises something.
  mutating func notePromise(_ message: Raft.Message) {
    var index: UInt64
    switch message.body {
    case .appendReply(let reply) where !reply.rejected: index = reply.index.rawValue
    case .snapshotReply(let reply) where reply.installed: index = reply.index.rawValue
    case .voteReply(let reply) where reply.granted && !reply.preVote: index = 0
    default: return
    }
    guard raft.membership.votes(message.from) else { return }
    // Of a term that this node is not in, it cannot be known what the entry is.
    if message.term != raft.term { index = 0 }
    integrity.memory.promised(
      StorePosition(term: message.term.rawValue, index: index), by: message.from)
  }

  // MARK: States

  /// Holds what others have told of their states against this one's.
  mutating func compareStates() {
    guard state.level >= .second else { return }
    for peer in peers.reporting {
      guard let report = peers.report(of: peer), !integrity.isOld(peer) else { continue }
      for digest in report.digests {
        guard let own = integrity.digests.value(at: digest.index) else { continue }
        if integrity.agreement.found(peer, isSame: own == digest.value, at: digest.index, now: now) {
          note(
            .error, "another node has another state at the same entry", ("peer", name(of: peer)),
            ("index", "\(digest.index)"), ("own", String(own, radix: 16)),
            ("other", String(digest.value, radix: 16)))
        }
      }
    }
    guard integrity.agreement.isOutvoted(in: raft.membership) else { return }
    let others = integrity.agreement.differing
    let names = others.map { name(of: $0.peer) }.joined(separator: ", ")
    standStill(
      .differs(
        "its state at entry \(others[0].index) of the log is another one than that of \(names), who are a majority"
      ))
  }

  /// The leader's log contradicts what was committed here.
  mutating func lookForContradiction() {
    guard let found = raft.contradiction else { return }
    standStill(
      .differs(
        "entry \(found.index) was committed here with term \(found.own), and \(name(of: found.leader)), which a majority has "
          + "elected, has term \(found.leaders) there"))
  }

  // MARK: Words

  func oldCopyAdvice(_ peer: NodeID) -> String {
    let told = integrity.old[peer]?.told ?? .zero
    return
      "the data of \(name(of: peer)) is an old copy: it has told before that it has term \(told.term) and entry "
      + "\(told.index), and does not have that any more. Nothing is taken from it. Run `switchboard rebuild` there, and it "
      + "gets its data from the others"
  }

  func twoProcessesAdvice(_ peer: NodeID) -> String {
    let addresses = integrity.twins[peer]?.addresses ?? []
    return
      "two processes run as \(name(of: peer)): \(addresses.map { "\"\($0)\"" }.joined(separator: " and ")). End the one that "
      + "should not, or give it a number of its own"
  }

  func integrityProblems() -> [ClusterStatus.Problem] {
    var problems: [ClusterStatus.Problem] = []
    for member in group.members {
      let id = NodeID(member.id)
      if let old = integrity.old[id] {
        problems.append(
          ClusterStatus.Problem(
            code: .oldCopy, node: member.name, since: wallTime(of: old.since), advice: oldCopyAdvice(id)))
      } else if let since = integrity.ended[id] {
        problems.append(
          ClusterStatus.Problem(
            code: .stateDiffers, node: member.name, since: wallTime(of: since),
            advice:
              "\(member.name) has found that its data differs from that of its cluster, and has ended: its log says why. "
              + "Run `switchboard rebuild` there, and report it"))
      }
      if integrity.isTwo(id, at: now), let twin = integrity.twins[id] {
        problems.append(
          ClusterStatus.Problem(
            code: .twoProcesses, node: member.name, since: wallTime(of: twin.first),
            advice: twoProcessesAdvice(id)))
      }
    }
    for other in integrity.agreement.differing {
      problems.append(
        ClusterStatus.Problem(
          code: .stateDiffers, node: name(of: other.peer), since: wallTime(of: other.since),
          advice:
            "\(name(of: other.peer)) and \(name(of: raft.id)) have different states since entry \(other.index) at the latest: "
            + "the one that differs from a majority ends; run `switchboard rebuild` there, and report it"))
    }
    if let standstill {
      problems.append(
        ClusterStatus.Problem(
          code: standstill.failure.isOldCopy ? .oldCopy : .stateDiffers, node: name(of: raft.id),
          since: wallTime(of: standstill.since), advice: "this node has stopped: \(standstill.failure.reason)"))
    }
    return problems
  }
}
