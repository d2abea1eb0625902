import Desk
import Logging
import NIOCore
import Peering
internal import Protocol
import Raft

/// What follows from a new configuration of the group for this node.
extension ReplicaCore {
  /// How long connections to a member that was removed stay, so that it hears of it.
  private var farewell: TimeAmount { .seconds(3) }

  func followMembership() {
    if raft.membershipIndex != followedMembership.index || raft.membership != followedMembership.membership {
      followedMembership = (raft.membershipIndex, raft.membership)
      membershipChanged()
    }
    if !isLeavingGroup, !raft.isRejoining, raft.membershipIndex > .zero,
      raft.membershipIndex <= raft.commitIndex, !raft.membership.contains(raft.id)
    {
      isLeavingGroup = true
      logger.notice("this node was removed from the cluster; it sends its clients to the others and ends")
      // The last words to the others, and the clients' answers, are still on their way.
      loop.scheduleTask(in: .milliseconds(500)) { [self] in fail(.removed) }
    }
  }

  private func membershipChanged() {
    let before = members
    members = directory.members(of: raft.membership, at: raft.membershipIndex)
    membersForOthers.replace(members)
    logger.notice(
      "the members have changed",
      metadata: [
        "voters": "\(names(raft.membership.voters))", "outgoing": "\(names(raft.membership.outgoing))",
        "learners": "\(names(raft.membership.learners))", "index": "\(raft.membershipIndex)",
      ])
    let leavers = before.filter { old in !members.contains { $0.id == old.id } }
    connect(to: members + leavers)
    if !leavers.isEmpty {
      loop.scheduleTask(in: farewell) { [self] in if isRunning { connect(to: members) } }
    }
    for leaver in leavers { notices[NodeID(leaver.id)] = nil }
  }

  func connect(to members: [MemberAddress]) {
    network.replacePeers(
      members.compactMap { member in
        guard member.id != server.rawValue, let (host, port) = member.peerHostAndPort else { return nil }
        return PeerAddress(id: NodeID(member.id), host: host, port: port)
      })
    tellMembersToGossip()
  }

  private func names(_ nodes: [NodeID]) -> String { nodes.map { name(of: $0) }.joined(separator: " ") }
}
