import Desk
import Kernel
import NIOCore
import Raft
import Testing
import Wire

@Suite("Greetings of nodes")
struct HelloTests {
  @Test("the bytes of a hello")
  func hello() throws {
    let hello = Hello(protocolVersion: 258, lane: .bulk, from: NodeID(1), to: NodeID(2), cluster: "dev")
    let encoded = written(hello.encode(into:))
    #expect(
      hex(encoded) == hex(bytes("0102 01 0000000000000001 0000000000000002 03 646576")))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(try Hello.decode(&buffer) == hello)
  }

  @Test("the bytes of a reply that takes the connection, and of one that does not")
  func reply() throws {
    let replies = [
      HelloReply(protocolVersion: 1, node: NodeID(2), cluster: "dev"),
      HelloReply(
        protocolVersion: 1, node: NodeID(2), cluster: "dev", refusal: .unknownNode, explanation: "who?"),
    ]
    let golden = [
      "0001 0000000000000002 00 03 646576 00", "0001 0000000000000002 03 03 646576 04 77686F3F",
    ]
    for (reply, golden) in zip(replies, golden) {
      let encoded = written(reply.encode(into:))
      #expect(hex(encoded) == hex(bytes(golden)))
      var buffer = ByteBuffer(bytes: encoded)
      #expect(try HelloReply.decode(&buffer) == reply)
    }
  }

  @Test("a cluster name that is too long, an unknown lane and an unknown refusal are refused")
  func refused() {
    var long = ByteBuffer(bytes: bytes("0001 00 0000000000000001 0000000000000002 8002"))
    long.writeRepeatingByte(65, count: 256)
    #expect(throws: DecodingFailure.tooLarge(limit: 255)) { try Hello.decode(&long) }
    var lane = ByteBuffer(bytes: bytes("0001 02 0000000000000001 0000000000000002 00"))
    #expect(throws: DecodingFailure.self) { try Hello.decode(&lane) }
    var refusal = ByteBuffer(bytes: bytes("0001 0000000000000002 07 00 00"))
    #expect(throws: DecodingFailure.self) { try HelloReply.decode(&refusal) }
  }
}
