import Protocol
import Raft

/// Data of the first releases has the first members in no entry of the log, or without their addresses. The leader writes
/// them there, from what it knows itself, so that every node finds the others by its disk.
extension Node {
  mutating func writeMissingAddresses() {
    // As the first releases did, whose files said who votes.
    guard !has(.fileSaysWhoVotes) else { return }
    guard raft.role == .leader, raft.transferTarget == nil, raft.hasQuorumContact() else { return }
    let missing = raft.membership.members.filter { raft.membership.address(of: $0) == nil }
    let known = missing.compactMap { id -> Membership.Address? in
      guard let address = group.members.first(where: { $0.id == id.rawValue }),
        MemberAddress(id: address.id, text: address.text) != nil
      else { return nil }
      return Membership.Address(id: id, text: address.text)
    }
    guard !known.isEmpty else { return }
    guard case .appended(let index) = raft.changeMembership(MembershipChange(addresses: known)) else { return }
    note(.notice, "the members and their addresses are written to the log", ("index", "\(index)"))
  }
}
