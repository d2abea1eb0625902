import Desk
import Kernel
import NIOCore
import Protocol
import Testing
import Wire

@Suite("Frame header")
struct FrameHeaderTests {
  static let golden = bytes("00000102 01 10 0000019aabbccdde")

  @Test("the header is 14 bytes, big endian: length, version, type, timestamp")
  func goldenBytes() throws {
    let header = FrameHeader(length: 258, type: .raft, timestamp: 0x19A_ABBC_CDDE)
    #expect(written(header.write(into:)) == Self.golden)
    #expect(Self.golden.count == FrameHeader.byteCount)
    var buffer = ByteBuffer(bytes: Self.golden + [0xFF])
    #expect(try FrameHeader.read(from: &buffer) == header)
    #expect(buffer.readableBytes == 1)
  }

  @Test("that of clients' binary frames is the same")
  func clients() throws {
    let read = try #require(Self.golden.withUnsafeBytes { BinaryFrameHeader($0) })
    #expect(read.length == 258 && read.version == FrameHeader.currentVersion)
    #expect(read.type == FrameType.raft.rawValue && read.timestamp == 0x19A_ABBC_CDDE)
    #expect(BinaryFrameHeader.byteCount == FrameHeader.byteCount)
    let payload = BinaryFrame.bytes(
      FrameType.raft.rawValue, id: "", Array(repeating: 0, count: 258), at: 0x19A_ABBC_CDDE)
    #expect(Array(payload.prefix(14)) == Self.golden)
  }

  @Test("the length can be filled in behind what was written after it")
  func setLength() {
    var buffer = ByteBuffer(bytes: [7])
    FrameHeader(length: 0, type: .raft, timestamp: 0x19A_ABBC_CDDE).write(into: &buffer)
    buffer.writeInteger(8 as UInt8)
    FrameHeader.setLength(258, at: 1, in: &buffer)
    #expect(Array(buffer.readableBytesView) == [7] + Self.golden + [8])
  }

  @Test("fewer than 14 bytes are no header yet, and none of them is taken", arguments: 0..<14)
  func partial(count: Int) throws {
    var buffer = ByteBuffer(bytes: Self.golden.prefix(count))
    #expect(try FrameHeader.read(from: &buffer) == nil)
    #expect(buffer.readableBytes == count)
  }

  @Test("another version is refused, and an unknown type is told as one")
  func refused() throws {
    var version = ByteBuffer(bytes: bytes("00000000 02 10 0000000000000000"))
    #expect(throws: DecodingFailure.self) { try FrameHeader.read(from: &version) }
    var type = ByteBuffer(bytes: bytes("00000000 01 FF 0000000000000000"))
    #expect(try FrameHeader.read(from: &type)?.type == nil)
  }

  @Test("the numbers of the frame types stay what they are")
  func numbers() {
    let numbers = FrameType.allCases.map { "\($0) \($0.rawValue)" }
    #expect(
      numbers == [
        "hello 1", "helloReply 2", "ping 3", "pong 4", "raft 16", "forward 17", "forwardReply 18", "chunk 19",
        "notice 20", "refused 24", "signal 25", "archive 26",
      ])
  }
}
