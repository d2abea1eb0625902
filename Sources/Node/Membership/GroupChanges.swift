import Desk
import Kernel
import Protocol
import Raft

/// What follows from a new configuration of the group for this node.
extension Node {
  mutating func followMembership() {
    if let leavers = group.follow(raft) { membershipChanged(leavers) }
    if group.leavesAt == nil, !raft.isRejoining, raft.membershipIndex > .zero,
      raft.membershipIndex <= raft.commitIndex, !raft.membership.contains(raft.id)
    {
      group.wasRemoved(at: now)
      note(.notice, "this node was removed from the cluster; it sends its clients to the others and ends")
    }
  }

  private mutating func membershipChanged(_ leavers: [MemberAddress]) {
    output.members = group.members
    output.belongs = raft.membership.contains(raft.id)
    let time = raft.time(at: raft.membershipIndex)
    if PastEvents.isPast(time, timeOfDay) {
      pastEvents.add(voters: names(raft.membership.voters), at: time)
    } else {
      note(
        .notice, "the members have changed", ("voters", names(raft.membership.voters)),
        ("outgoing", names(raft.membership.outgoing)), ("learners", names(raft.membership.learners)),
        ("index", "\(raft.membershipIndex)"))
    }
    output.peers = group.reached + leavers + group.acquaintances
    if !leavers.isEmpty { group.saysFarewell(at: now) }
    for leaver in leavers {
      peers.forget(NodeID(leaver.id))
      integrity.forget(NodeID(leaver.id))
    }
    refreshPlacement()
  }

  /// Another node knows of a newer configuration than this one's log.
  mutating func meet(_ report: NodeNotice, from peer: NodeID) {
    var told = report.members
    // Nobody tells of members before the newest configuration is committed, and this node's word may be what is missing for
    // that: the sender itself can be answered at least.
    if !told.contains(where: { $0.id == peer.rawValue }),
      let sender = MemberAddress(id: peer.rawValue, text: report.address)
    {
      told.append(sender)
    }
    if !has(.membersUnlearned), group.learn(told, raft) {
      output.members = group.members
      output.peers = group.reached + group.acquaintances
      refreshPlacement()
    }
    let isNewer = report.membersIndex > raft.membershipIndex.rawValue
    guard isNewer || !group.acquaintances.isEmpty, group.farewellAt == nil else { return }
    // An old one says nothing of those who have come since.
    guard
      isNewer
        || peers.reporting.allSatisfy({
          (peers.report(of: $0)?.membersIndex ?? 0) <= raft.membershipIndex.rawValue
        })
    else { return }
    let others = isNewer ? report.members.filter { $0.id != server.rawValue } : []
    if group.meet(others) { output.peers = group.reached + group.acquaintances }
  }

  /// From the tick.
  mutating func leaveGroupIfDue() {
    if let farewell = group.farewellAt, farewell <= now {
      group.saidFarewell()
      output.peers = group.reached + group.acquaintances
    }
    if let end = group.leavesAt, end <= now { fail(.removed) }
  }

  private func names(_ nodes: [NodeID]) -> String { nodes.map { name(of: $0) }.joined(separator: " ") }
}
