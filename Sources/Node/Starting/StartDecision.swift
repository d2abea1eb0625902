package import Desk
import Protocol
package import Raft

/// How a node starts: as a member that votes, or as one that waits to be taken in, or as one that begins a cluster; or not at
/// all. Decided from its disk alone: the file may only agree. See docs/decisions/0010.
package struct StartDecision: Sendable {
  /// In effect before the first configuration in the log.
  private(set) var base = Membership.unknown
  /// The node has nothing that counts, or has lost something: it does not vote before its cluster has spoken.
  package private(set) var isRejoining: Bool
  /// The disk has to say so before the node does anything: it holds something that looks like a member's.
  package private(set) var mustBeMarked = false
  /// The members of the cluster that this node was told to begin.
  private(set) var beginning: Membership?
  /// To be on the disk before the node does anything.
  package private(set) var record: MembersRecord
  /// What the operator should know.
  package private(set) var notes: [String] = []

  /// - Parameter mistakes: for the simulator alone.
  /// - Throws: when the file tells another story than the disk.
  package init(
    _ disk: DiskFindings, file: MembersFile, mistakes: NodeMistakes = []
  ) throws(StartFailure) {
    record = disk.record ?? MembersRecord()
    isRejoining = disk.opening != .restored
    if disk.opening == .fresh {
      beginning = disk.beginning
      if let beginning, beginning.members != file.ids {
        throw StartFailure(
          description:
            "this node was told to begin a cluster of \(file.names(beginning.members, beginning)), and `members` names "
            + "\(file.names(file.ids, beginning)): let both say the same, or remove the empty data directory and say "
            + "`switchboard begin` again")
      }
    }
    let configurations = Self.configurations(disk)
    if disk.snapshot == nil { base = record.pinned ?? Self.before(configurations.first) }
    if let current = configurations.last?.membership ?? record.pinned {
      if disk.opening == .restored, !mistakes.contains(.fileSaysWhoVotes) {
        if let reason = file.disagreement(with: current, record: disk.record) {
          throw StartFailure(description: reason)
        }
        if let remark = file.remark(on: current) { notes.append(remark) }
      }
      if record.first.isEmpty {
        record.first = configurations.first?.membership.members ?? current.members
      }
    } else if disk.opening == .restored {
      try pin(disk, file)
    }
    record.file = file.ids
    let named = configurations.flatMap { $0.membership.members } + base.members + record.known
    record.known = Set(named).sorted()
    mistake(mistakes, disk, file)
  }

  /// What a node finds that starts so.
  ///
  /// - Parameter state: what the snapshot holds; empty without one.
  package func restored(_ disk: DiskFindings, state: ReplicatedState) -> RestoredNode {
    var node = RestoredNode()
    node.hardState = disk.hardState
    node.snapshot = disk.snapshot
    node.state = state
    node.entries = disk.entries
    node.membership = base
    node.isRejoining = isRejoining
    node.mustMark = disk.opening == .fresh && isRejoining
    node.wasMarked = isRejoining && disk.opening != .fresh
    node.beginning = beginning
    return node
  }

  private mutating func mistake(_ mistakes: NodeMistakes, _ disk: DiskFindings, _ file: MembersFile) {
    let votesAnyway =
      switch disk.opening {
      case .fresh: mistakes.contains(.emptyDiskVotes) && beginning == nil
      case .rejoining: mistakes.contains(.markedDiskVotes)
      case .restored: mistakes.contains(.fileSaysWhoVotes)
      }
    guard votesAnyway else { return }
    isRejoining = false
    mustBeMarked = false
    if disk.snapshot == nil { base = Membership(voters: file.ids) }
  }

  /// A log of the first releases, of which the configuration file has always said who the members are: for the last time
  /// it is believed, and only as far as it fits what the members have done.
  private mutating func pin(_ disk: DiskFindings, _ file: MembersFile) throws(StartFailure) {
    let actors = Self.actors(in: disk)
    guard !actors.isEmpty else {
      // A vote, or the first words of a leader. It may not be given again, and nothing says by whom it counts.
      isRejoining = true
      mustBeMarked = true
      notes.append(
        "this node has a vote and no data that says who its cluster is: it votes once it has been taken in")
      return
    }
    let strangers = (actors + [disk.hardState.vote].compactMap { $0 }).filter { !file.ids.contains($0) }
    guard strangers.isEmpty else {
      let names = Set(strangers).sorted().map { "node\($0)" }.joined(separator: ", ")
      throw StartFailure(
        description:
          "`members` in the configuration does not fit the data of this node: its log has what \(names) did, which "
          + "`members` does not name. This data was written by an earlier release, and its members are read from the "
          + "file for the last time: let `members` name all that the cluster had")
    }
    base = Membership(voters: file.ids)
    record.pinned = base
    record.first = file.ids
    notes.append(
      "the data was written by an earlier release: the members \(file.names(file.ids, base)) are noted on the disk, and "
        + "the configuration file has no say in it any more")
  }

  private static func configurations(_ disk: DiskFindings) -> [(index: LogIndex, membership: Membership)] {
    var all: [(LogIndex, Membership)] = []
    if let snapshot = disk.snapshot { all.append((snapshot.index, snapshot.membership)) }
    for entry in disk.entries where entry.kind == .membership {
      if let membership = try? Membership(encoded: entry.data) { all.append((entry.index, membership)) }
    }
    return all
  }

  /// What was in effect before the first configuration in the log, as that one shows.
  private static func before(_ first: (index: LogIndex, membership: Membership)?) -> Membership {
    guard let first, first.index > LogIndex(1) else { return .unknown }
    return Membership(voters: first.membership.isJoint ? first.membership.outgoing : first.membership.voters)
  }

  /// The nodes whose requests are in the log.
  private static func actors(in disk: DiskFindings) -> [NodeID] {
    var actors: Set<NodeID> = []
    for entry in disk.entries where entry.kind == .command {
      for submission in (try? CommandCodec.decode(entry.data)) ?? [] {
        actors.insert(NodeID(submission.origin.server.rawValue))
      }
    }
    return actors.sorted()
  }
}
