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
    let encoded = written { ForwardCodec.encode(forwards, into: &$0, for: .first) }
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
    #expect(try ForwardCodec.decodeForwards(&buffer) == ForwardBatch(forwards: forwards))
    #expect(buffer.readableBytes == 0)
    // To a node of level 2: the same, each with its size.
    let sized = written { ForwardCodec.encode(forwards, into: &$0, for: .second) }
    #expect(
      hex(sized)
        == hex(
          bytes(
            """
            00 02
            00000016 01 8001 03 02 8001 03 01 6D 03 632D31 00 03 416E6E 00 01 41
            0000000D 02 8001 03 22 8001 03 01 6D 00 01 41
            """)))
    buffer = ByteBuffer(bytes: sized)
    #expect(try ForwardCodec.decodeForwards(&buffer) == ForwardBatch(forwards: forwards))
  }

  @Test("a command that cannot be read takes none of the others with it, and its request is told")
  func unknownCommand() throws {
    let one = "00000007 01 8001 03 09 8020"
    let three = one.replacing("07 01 80", with: "07 03 80")
    // A widened command of a newer release, a short number nobody has, a person who was never named, one byte more.
    for odd in [
      "0000000A 02 8001 03 0F 8101 03 01 FF", "00000006 02 8001 03 0E 00", "00000007 02 8001 03 22 8001",
      "00000008 02 8001 03 09 8020 00",
    ] {
      var buffer = ByteBuffer(bytes: bytes("00 03 \(one) \(odd) \(three)"))
      let batch = try ForwardCodec.decodeForwards(&buffer)
      #expect(
        batch.forwards.map(\.request) == [1, 3] && batch.unreadable == [2] && batch.failure != nil, "\(odd)")
    }
  }

  @Test("in the form of level 1, what comes before such a command is taken")
  func unknownInFirstForm() throws {
    var buffer = ByteBuffer(bytes: bytes("03 01 8001 03 09 8020  02 8001 03 0E 00  03 8001 03 09 8020"))
    let batch = try ForwardCodec.decodeForwards(&buffer)
    #expect(batch.forwards.map(\.request) == [1] && batch.unreadable == [2])
  }

  @Test("a person behind a command that cannot be read is not taken for another")
  func person() throws {
    let ann = Person(id: "c-1", role: .customer, name: "Ann")
    func close(_ number: UInt64, _ by: Person) -> Forward {
      let session = SessionID(rawValue: 128)
      let command = CloseSession(session: session, epoch: Epoch(3), by: by, reason: "")
      return Forward(request: number, session: session, epoch: Epoch(3), command: .close(command))
    }
    let ben = Person(id: "c-2", role: .customer, name: "Ben")
    var encoded = written {
      ForwardCodec.encode([close(1, ann), close(2, ben), close(3, ben)], into: &$0, for: .second)
    }
    // The second's command becomes one of another number: behind mark, count, the first one and what stands before it.
    let first = 4 + Int(encoded[5])
    encoded[2 + first + 4 + 4] = 0x0E
    var buffer = ByteBuffer(bytes: encoded)
    let batch = try ForwardCodec.decodeForwards(&buffer)
    #expect(batch.forwards == [close(1, ann)] && batch.unreadable == [2, 3])
  }

  @Test("a forward does not refer to a server, since it has none")
  func noServer() {
    var buffer = ByteBuffer(bytes: bytes("01 01 01 01 16 01 00"))
    #expect((try? ForwardCodec.decodeForwards(&buffer))?.unreadable == [1])
  }

  @Test("the bytes of refusals")
  func refusals() throws {
    let refusals = [
      ForwardRefusal(request: 300, reason: .notOwner), ForwardRefusal(request: 1, reason: .busy),
      ForwardRefusal(request: 2, reason: .noLeader), ForwardRefusal(request: 3, reason: .unreadable),
    ]
    let encoded = written { ForwardCodec.encode(refusals, into: &$0) }
    #expect(hex(encoded) == hex(bytes("04 AC02 01 01 02 02 03 03 04")))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(try ForwardCodec.decodeRefusals(&buffer) == refusals)
  }

  @Test(
    "what no encoder writes is refused",
    arguments: ["", "01", "01 01 00", "FFFFFFFF0F 01 01"])
  func refused(hex: String) {
    var buffer = ByteBuffer(bytes: bytes(hex))
    #expect(throws: DecodingFailure.self) { try ForwardCodec.decodeRefusals(&buffer) }
  }

  @Test(
    "a reason that only newer nodes know is a refusal for good, and what is behind the refusals is passed over")
  func newer() throws {
    var buffer = ByteBuffer(bytes: bytes("01 05 63 FFFF"))
    #expect(try ForwardCodec.decodeRefusals(&buffer) == [ForwardRefusal(request: 5, reason: .unreadable)])
  }
}
