/// A member whose disk was emptied while the group went on.
///
/// It has forgotten whom it voted for and which entries it has acknowledged, so it must not count as the voter
/// that it was (the paper's persistent state, figure 2, is gone). It listens to no leader before that has made it
/// a learner in a committed configuration; it gives no vote until it has on disk everything up to that
/// configuration; the leader makes it a voter again when it has caught up.
struct RejoinState: Sendable {
  /// False for a member like any other.
  var isRejoining: Bool
  /// The leader of this term has made it a learner, in the configuration at this index.
  var agreed: (term: Term, index: LogIndex)?
  /// The tick of the last request.
  var asked: UInt64?
}

extension RaftNode {
  /// Whether this member waits to be taken back: it gives no votes and does not campaign.
  package var isRejoining: Bool { rejoin.isRejoining }

  /// Begins a group: its first configuration becomes the first entry of the log, and this member its first leader. To be
  /// called when an operator has said so, and no member has anything of an earlier group.
  ///
  /// A group begins with a single voter, so that there is one disk that it begins on, and no other member can begin it
  /// as well. The others stand in `first` as learners that join, and vote when they have caught up.
  ///
  /// - Returns: false when this member has forgotten something, or votes already; then nothing was done.
  @discardableResult
  package mutating func beginGroup(_ first: Membership) -> Bool {
    guard rejoin.isRejoining, term == .zero, log.lastIndex == .zero, snapshot == nil, reception == nil,
      !handout.installPending, first.voters == [id], first.outgoing.isEmpty, (try? first.validate()) != nil
    else { return false }
    rejoin = RejoinState(isRejoining: false)
    term = Term(1)
    let data = first.encoded()
    let entry = Entry(
      index: LogIndex(1), term: term, time: clock, kind: .membership, checksum: checksum(of: data), data: data)
    log.append(entry)
    noteMemberships(in: CollectionOfOne(entry))
    role = passiveRole
    campaignForVotes(transfer: false)
    return true
  }

  /// What a leader sends is of no use before the leader knows that this member starts from nothing.
  ///
  /// - Returns: whether the leader's message is to be handled.
  mutating func acceptsLeader(_ sender: NodeID) -> Bool {
    guard rejoin.isRejoining, !configuration.mistakes.contains(.emptiedNodeVotes) else { return true }
    if let agreed = rejoin.agreed, agreed.term == term { return true }
    leader = sender
    timer.elapsed = 0
    if rejoin.asked.map({ now - $0 >= UInt64(configuration.heartbeatTicks) }) ?? true {
      rejoin.asked = now
      replyOnceTermIsDurable(.rejoin, to: sender)
    }
    return false
  }

  /// A member has lost what it knew.
  mutating func receiveRejoin(from sender: NodeID) {
    guard role == .leader, let position = position(of: sender), membership.contains(sender) else { return }
    peers[position].lastHeard = now
    mark(.rejoinAsked)
    if membership.votes(sender) {
      peers[position].askedToRejoin = now
      guard repeatsRejoin(at: position) else { return }
      _ = changeMembership(MembershipChange(add: [sender], demote: [sender]))
      return
    }
    guard membershipIndex <= commitIndex else { return }
    if peers[position].match > .zero {
      peers[position] = Progress(id: sender, next: log.lastIndex.next, now: now)
    }
    send(.rejoinReply(RejoinReply(index: membershipIndex)), to: sender)
  }

  /// A word of an earlier time may come late, when the member has long been taken back; while another disk is lost, the group
  /// could not do without the vote that it would cost. Who has nothing says so with each heartbeat, and answers nothing else.
  private mutating func repeatsRejoin(at position: Int) -> Bool {
    guard let since = peers[position].rejoinsSince else {
      peers[position].rejoinsSince = now
      return false
    }
    return now - since >= UInt64(configuration.heartbeatTicks)
  }

  /// What it may say to have, while it gives no votes: less than the configuration that took it back, which no leader's log is
  /// without. So no leader makes it a voter before it is ready to vote. It could be needed at once, when that leader ends
  /// with the new configuration on its own disk alone, and nobody could be elected any more.
  var mostWhileRejoining: LogIndex {
    guard rejoin.isRejoining, let agreed = rejoin.agreed, !configuration.mistakes.contains(.emptiedNodeVotes),
      !configuration.mistakes.contains(.readyBeforeVoting)
    else { return LogIndex(.max) }
    return agreed.index.previous
  }

  mutating func receiveRejoinReply(_ reply: RejoinReply) {
    guard rejoin.isRejoining else { return }
    rejoin.agreed = (term, reply.index)
  }

  /// - Returns: true once, when this member has become one like any other.
  mutating func endsRejoining() -> Bool {
    guard rejoin.isRejoining, let agreed = rejoin.agreed, agreed.term == term, !handout.installPending,
      commitIndex >= agreed.index, writes.durableIndex >= agreed.index, membershipIndex >= agreed.index
    else { return false }
    mark(.rejoined)
    rejoin = RejoinState(isRejoining: false)
    role = role == .learner ? passiveRole : role
    return true
  }
}
