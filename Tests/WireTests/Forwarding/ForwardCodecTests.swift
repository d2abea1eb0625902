import Desk
import Kernel
import NIOCore
import Protocol
import Testing
import Wire

@Suite("Forwards between nodes")
struct ForwardCodecTests {
  @Test("the bytes of forwards; the second one's sender is that of the first")
  func forwards() throws {
    let ann = Person(id: "c-1", role: .customer, name: "Ann")
    let forwards = (1...2).map { number in
      Forward(
        request: UInt64(number), session: SessionID(rawValue: 128), epoch: Epoch(3),
        command: .send(
          SendMessage(
            session: SessionID(rawValue: 128), epoch: Epoch(3), id: "m", sender: ann, kind: .text, body: [65])))
    }
    let encoded = written { ForwardCodec.encode(forwards, into: &$0) }
    #expect(
      hex(encoded)
        == hex(
          bytes(
            """
            02
            01 8001 03 02 8001 03 01 6D 03 632D31 00 03 416E6E 00 01 41
            02 8001 03 22 8001 03 01 6D 00 01 41
            """)))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(try ForwardCodec.decodeForwards(&buffer) == forwards)
    #expect(buffer.readableBytes == 0)
  }

  @Test("a forward does not refer to a server, since it has none")
  func noServer() {
    var buffer = ByteBuffer(bytes: bytes("01 01 01 01 16 01 00"))
    #expect(throws: DecodingFailure.self) { try ForwardCodec.decodeForwards(&buffer) }
  }

  @Test("the bytes of refusals")
  func refusals() throws {
    let refusals = [
      ForwardRefusal(request: 300, reason: .notOwner), ForwardRefusal(request: 1, reason: .busy),
      ForwardRefusal(request: 2, reason: .noLeader),
    ]
    let encoded = written { ForwardCodec.encode(refusals, into: &$0) }
    #expect(hex(encoded) == hex(bytes("03 AC02 01 01 02 02 03")))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(try ForwardCodec.decodeRefusals(&buffer) == refusals)
  }

  @Test(
    "what no encoder writes is refused",
    arguments: ["", "01", "01 01 04", "01 01 00", "FFFFFFFF0F 01 01", "01 01 01 00"])
  func refused(hex: String) {
    var buffer = ByteBuffer(bytes: bytes(hex))
    #expect(throws: DecodingFailure.self) { try ForwardCodec.decodeRefusals(&buffer) }
  }
}
