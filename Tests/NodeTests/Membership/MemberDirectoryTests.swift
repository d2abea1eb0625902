import Protocol
import Raft
import Testing

@testable import Node

@Suite("Who the members are and where they are")
struct MemberDirectoryTests {
  private func address(_ id: UInt64) -> MemberAddress {
    MemberAddress(
      id: id, name: "node\(id)", peerAddress: "10.0.0.\(id):9101", clientURL: "http://10.0.0.\(id):8101")
  }
  private func ids(_ numbers: UInt64...) -> [NodeID] { numbers.map { NodeID($0) } }

  @Test("members that were added at run time are found by the address in the group's configuration")
  func added() {
    let directory = MemberDirectory(configured: [address(1), address(2), address(3)], thisNode: address(1))
    let membership = Membership(
      voters: ids(1, 3, 4), addresses: [.init(id: NodeID(4), text: address(4).text)])
    #expect(
      directory.members(of: membership, at: LogIndex(9)) == [address(1), address(3), address(4)])
  }

  @Test(
    "members that the file leaves out are found where others have told that they are, as long as they are members"
  )
  func heard() {
    var directory = MemberDirectory(configured: [address(1), address(3)], thisNode: address(3))
    let membership = Membership(voters: ids(1, 2, 3))
    #expect(directory.members(of: membership, at: LogIndex(5)) == [address(1), address(3)])
    directory.hear(of: [address(2)], in: membership)
    #expect(directory.members(of: membership, at: LogIndex(5)) == [address(1), address(2), address(3)])
    #expect(directory.members(of: Membership(voters: ids(1, 3)), at: LogIndex(6)) == [address(1), address(3)])
  }

  @Test("a node that is not taken in yet talks to those that its file names")
  func newcomer() {
    let file = [address(1), address(2), address(3), address(4)]
    let directory = MemberDirectory(configured: file, thisNode: address(4))
    #expect(directory.members(of: Membership(voters: ids(1, 2, 3)), at: .zero) == file)
  }

  @Test("a node that was removed keeps only itself beside the members")
  func removed() {
    let directory = MemberDirectory(configured: [address(1), address(2), address(3)], thisNode: address(2))
    #expect(
      directory.members(of: Membership(voters: ids(1, 3)), at: LogIndex(5)) == [
        address(1), address(2), address(3),
      ])
    let other = MemberDirectory(configured: [address(1), address(2), address(3)], thisNode: address(1))
    #expect(other.members(of: Membership(voters: ids(1, 3)), at: LogIndex(5)) == [address(1), address(3)])
  }

  @Test(
    "an address that is not three words, or has no port, is none",
    arguments: ["", "node4", "node4 h:1", "node4 h:1 http://h:2 more", " h:1 http://h:2"])
  func broken(text: String) { #expect(MemberAddress(id: 4, text: text) == nil) }

  @Test("host and port of a peer address are told apart, also for IPv6")
  func hosts() {
    var member = address(4)
    member.peerAddress = "[::1]:9104"
    #expect(member.peerHostAndPort?.host == "::1" && member.peerHostAndPort?.port == 9104)
    for wrong in ["host", "host:", ":9", "host:0", "host:70000"] {
      member.peerAddress = wrong
      #expect(member.peerHostAndPort == nil, "\(wrong)")
    }
  }
}
