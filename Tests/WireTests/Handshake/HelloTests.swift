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

  @Test("a cluster name that is too long, and an unknown lane are refused; an unknown refusal is one")
  func refused() {
    var long = ByteBuffer(bytes: bytes("0001 00 0000000000000001 0000000000000002 8002"))
    long.writeRepeatingByte(65, count: 256)
    #expect(throws: DecodingFailure.tooLarge(limit: 255)) { try Hello.decode(&long) }
    var lane = ByteBuffer(bytes: bytes("0001 02 0000000000000001 0000000000000002 00"))
    #expect(throws: DecodingFailure.self) { try Hello.decode(&lane) }
    var refusal = ByteBuffer(bytes: bytes("0001 0000000000000002 07 00 00"))
    #expect((try? HelloReply.decode(&refusal))?.refusal == .other)
  }

  @Test("what a newer release says behind the fields of a greeting is passed over")
  func longer() throws {
    let hello = Hello(protocolVersion: 1, lane: .control, from: NodeID(1), to: NodeID(2), cluster: "dev")
    var buffer = ByteBuffer(bytes: written(hello.encode(into:)) + [1, 2, 3])
    #expect(try Hello.decode(&buffer) == hello && buffer.readableBytes == 0)
    let reply = HelloReply(protocolVersion: 1, node: NodeID(2), cluster: "dev")
    buffer = ByteBuffer(bytes: written(reply.encode(into:)) + [1, 2, 3])
    #expect(try HelloReply.decode(&buffer) == reply && buffer.readableBytes == 0)
  }

  @Test("level and protocol are announced where releases of level 1 have the time, which says level 1")
  func announcement() {
    let time: UInt64 = 0x19A_ABBC_CDDE
    let newer = Announcement(level: Level(2), highestProtocol: 3)
    #expect(newer.timestamp(at: time) == 0x0002_0003_0000_0000 | time / 1000)
    #expect(Announcement(timestamp: newer.timestamp(at: time), version: 1) == newer)
    let old = Announcement(timestamp: time, version: 4)
    #expect(old == Announcement(level: .first, highestProtocol: 4) && old.timestamp(at: time) == time)
    // Whatever a peer writes there, it is a range.
    #expect(Announcement(timestamp: 0x0002_0000_0000_0000, version: 7).highestProtocol == 7)
  }
}
