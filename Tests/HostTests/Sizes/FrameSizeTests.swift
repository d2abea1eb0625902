import Node
import Peering
import Protocol
import Raft
import Testing

@testable import Host

/// Where what the node decides meets what the peers' connections take.
@Suite("Sizes of frames")
struct FrameSizeTests {
  @Test("a frame of many things fits into a queue twice, and an entry into a frame twice")
  func relations() {
    let member = MemberAddress(id: 1, name: "node1", peerAddress: "", clientURL: "")
    let options = ReplicaOptions(
      node: NodeConfiguration(cluster: "test", thisNode: member, members: [member], seed: 1),
      peering: PeeringConfiguration(
        cluster: "test", thisNode: NodeID(1), listenHost: "127.0.0.1", listenPort: 0, peers: []),
      dataDirectory: "")
    #expect(options.node.maxFrameBytes * 2 <= options.peering.maxQueuedControlBytes)
    #expect(options.node.maxEntryBytes * 2 <= options.peering.maxFrameBytes)
    #expect(options.node.level == options.peering.level)
  }
}
