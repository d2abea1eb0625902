import Protocol
import Raft

/// Who the members are and where they are reached: those of the configuration file, and those that were added to the
/// running cluster, whose addresses travel in the group's own configuration.
struct MemberDirectory {
  /// As the file has them, this node among them.
  private let configured: [MemberAddress]
  private let thisNode: MemberAddress
  /// Members of which the file says nothing, as others have told of them. No more than there are members.
  private var heard: [MemberAddress] = []

  init(configured: [MemberAddress], thisNode: MemberAddress) {
    self.configured = configured
    self.thisNode = thisNode
  }

  mutating func hear(of addresses: [MemberAddress], in membership: Membership) {
    heard = heard.filter { membership.contains(NodeID($0.id)) } + addresses.map(\.cleaned)
  }

  /// All members and this node, in the order of their ids.
  ///
  /// - Parameter index: where `membership` stands in the log; before any change the file is right.
  func members(of membership: Membership, at index: LogIndex) -> [MemberAddress] {
    var members: [MemberAddress] = membership.members.compactMap { id in
      if let text = membership.address(of: id), let address = MemberAddress(id: id.rawValue, text: text) {
        return address.cleaned
      }
      return configured.first { $0.id == id.rawValue } ?? heard.first { $0.id == id.rawValue }
    }
    if !membership.contains(NodeID(thisNode.id)) {
      // Not a member yet, or no longer: it talks to those that it was told of.
      for address in configured where !members.contains(where: { $0.id == address.id }) {
        if index == .zero || address.id == thisNode.id { members.append(address) }
      }
    }
    return members.sorted { $0.id < $1.id }
  }
}
