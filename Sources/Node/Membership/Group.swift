import Kernel
import Protocol
import Raft

/// Who belongs to the cluster, as this node has it from the log, and what it owes to changes of that.
struct Group {
  private var directory: MemberDirectory
  /// The members and this node, in the order of their ids.
  private(set) var members: [MemberAddress]
  /// Members that others know of and this node's log does not name yet: it was away when they came. It talks to them, for
  /// one of them may lead; who votes is for the log to say.
  private(set) var acquaintances: [MemberAddress] = []
  var moves = MovedNodes()
  private var followed: (index: LogIndex, membership: Membership)
  var firstStart: FirstStart
  /// Operators who wait for another leader.
  private(set) var transfers: [(call: UInt64, since: Instant)] = []
  /// This node was removed, and ends then.
  private(set) var leavesAt: Instant?
  /// Connections to members that were removed stay until then, so that they hear of it.
  private(set) var farewellAt: Instant?

  /// Operators who wait until their change is done.
  private var changes: [(change: MemberChange, call: UInt64, since: Instant)] = []
  /// So long; then they are told that it goes on.
  static let changePatience = Span.seconds(2)

  /// How long connections to a member that was removed stay.
  private static let farewell = Span.seconds(3)
  /// The last words to the others, and the clients' answers, are still on their way when a node is removed.
  private static let lastWords = Span.milliseconds(500)

  init(directory: MemberDirectory, firstStart: FirstStart, raft: RaftNode) {
    self.firstStart = firstStart
    self.directory = directory
    members = directory.members(of: raft.membership, at: raft.membershipIndex)
    followed = (raft.membershipIndex, raft.membership)
  }

  /// - Returns: members that are none any more; nil: nothing has changed.
  mutating func follow(_ raft: RaftNode) -> [MemberAddress]? {
    guard raft.membershipIndex != followed.index || raft.membership != followed.membership else { return nil }
    followed = (raft.membershipIndex, raft.membership)
    let before = members
    members = directory.members(of: raft.membership, at: raft.membershipIndex)
    acquaintances.removeAll { other in members.contains { $0.id == other.id } }
    moves.follow(members)
    return before.filter { old in !members.contains { $0.id == old.id } }
  }

  /// The log names members that neither it nor the file gives an address: the file was written without them.
  ///
  /// - Returns: others know where they are, and this node does not.
  mutating func learn(_ others: [MemberAddress], _ raft: RaftNode) -> Bool {
    let missing = others.filter { other in
      other.problem == nil && raft.membership.contains(NodeID(other.id))
        && !members.contains { $0.id == other.id }
    }
    guard !missing.isEmpty else { return false }
    directory.hear(of: missing, in: raft.membership)
    members = directory.members(of: raft.membership, at: raft.membershipIndex)
    return true
  }

  /// - Returns: these are new.
  mutating func meet(_ others: [MemberAddress]) -> Bool {
    let strangers = others.filter { other in !members.contains { $0.id == other.id } }
    guard strangers != acquaintances else { return false }
    acquaintances = strangers
    return true
  }

  /// The members where they are reached.
  var reached: [MemberAddress] {
    members.map { moves.address(of: $0.id) ?? $0 }
  }

  mutating func wasRemoved(at now: Instant) { leavesAt = now + Self.lastWords }

  mutating func saysFarewell(at now: Instant) { farewellAt = now + Self.farewell }
  mutating func saidFarewell() { farewellAt = nil }

  var isChanging: Bool { !changes.isEmpty }

  mutating func waitForChange(_ change: MemberChange, call: UInt64, since: Instant) {
    changes.append((change, call, since))
  }

  mutating func takeChanges() -> [(change: MemberChange, call: UInt64, since: Instant)] {
    defer { changes = [] }
    return changes
  }

  mutating func waitForTransfer(_ call: UInt64, since now: Instant) { transfers.append((call, now)) }

  mutating func takeTransfers() -> [(call: UInt64, since: Instant)] {
    defer { transfers = [] }
    return transfers
  }
}
