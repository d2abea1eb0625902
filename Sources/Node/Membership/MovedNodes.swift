import Desk
import Kernel
import Protocol
import Raft

/// A member that has moved, with its data, says by each report where it is now (`NodeNotice.address`). Whoever does not reach
/// it where the log has it tries there, so that a quorum comes about even when several have moved; and the leader writes it
/// to the log, for all others and for ever.
struct MovedNodes {
  /// An address at which nobody answers for so long is given up, and tried again after `pause`.
  private static let patience = Span.seconds(5)
  private static let pause = Span.seconds(20)

  /// Members where they say they are.
  private(set) var addresses: [MemberAddress] = []
  private var tried: [UInt64: (address: MemberAddress, at: Instant)] = [:]

  func address(of id: UInt64) -> MemberAddress? { addresses.first { $0.id == id } }

  /// - Parameters:
  ///   - said: what the member says of where it is, when that is elsewhere; nil: it says nothing of the kind now.
  ///   - isConnected: at the address that is tried, or else where the log has it.
  /// - Returns: whether others are to be dialed now.
  mutating func look(_ id: UInt64, said: MemberAddress?, isConnected: Bool, now: Instant) -> Bool {
    if let known = address(of: id) {
      guard !isConnected, let since = tried[id]?.at, now - since >= Self.patience else { return false }
      // Neither there: perhaps it is where it was.
      addresses.removeAll { $0.id == id && $0 == known }
      return true
    }
    guard let said, !isConnected else { return false }
    if let last = tried[id], last.address == said, now - last.at < Self.pause { return false }
    tried[id] = (said, now)
    addresses.append(said)
    addresses.sort { $0.id < $1.id }
    return true
  }

  /// The members have changed.
  mutating func follow(_ members: [MemberAddress]) {
    addresses.removeAll { moved in members.contains(moved) || !members.contains { $0.id == moved.id } }
    tried = tried.filter { id, _ in members.contains { $0.id == id } }
  }
}

extension Node {
  /// From the tick, twice a second.
  mutating func followMoves() {
    var isNews = false
    for member in group.members where member.id != server.rawValue {
      let id = NodeID(member.id)
      let said = announcedAddress(of: member)
      guard group.moves.look(member.id, said: said, isConnected: peers.isConnected(id), now: now) else {
        continue
      }
      isNews = true
      if let moved = group.moves.address(of: member.id) {
        note(.notice, "a node says that it has moved", ("node", moved.name), ("peer", moved.peerAddress))
      }
    }
    if isNews { output.peers = group.reached + group.acquaintances }
    writeMoves()
  }

  /// Where the member says that it is, if that is not where the log has it; nil: it is there, or cannot be taken at its word.
  private func announcedAddress(of member: MemberAddress) -> MemberAddress? {
    let id = NodeID(member.id)
    guard let report = peers.report(of: id), let at = peers.reportedAt(id), now - at < .seconds(3),
      let address = MemberAddress(id: member.id, text: report.address), address.problem == nil,
      address != member, address.name == member.name, raft.membership.contains(id),
      !integrity.isTwo(id, at: now), !integrity.isOld(id), !peers.isStranger(id),
      let down = watch.downSince(id), now - down >= .seconds(1)
    else { return nil }
    let isTaken = group.members.contains {
      $0.id != member.id && ($0.peerAddress == address.peerAddress || $0.clientURL == address.clientURL)
    }
    return isTaken ? nil : address
  }

  /// The leader writes what it has seen for itself: the member answers there.
  private mutating func writeMoves() {
    guard raft.role == .leader, raft.transferTarget == nil, raft.hasQuorumContact() else { return }
    let moved = group.moves.addresses.filter { peers.isConnected(NodeID($0.id)) }
    let addresses = moved.map { Membership.Address(id: NodeID($0.id), text: $0.text) }
    guard !addresses.isEmpty else { return }
    guard case .appended(let index) = raft.changeMembership(MembershipChange(addresses: addresses)) else {
      return
    }
    note(
      .notice, "the new addresses of members are written to the log",
      ("nodes", moved.map(\.name).joined(separator: " ")), ("index", "\(index)"))
  }
}
