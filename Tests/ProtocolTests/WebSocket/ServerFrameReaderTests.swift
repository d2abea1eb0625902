import Kernel
import Testing

@testable import Protocol

@Suite struct ServerFrameReaderTests {
  private func read(_ bytes: [UInt8], by size: Int) throws -> [ServerFrameReader.Frame] {
    var reader = ServerFrameReader()
    var frames: [ServerFrameReader.Frame] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      reader.append(bytes[start..<min(start + size, bytes.count)])
      while let frame = try reader.next() { frames.append(frame) }
    }
    return frames
  }

  @Test("frames of every length are read, whatever the pieces are", arguments: [1, 2, 3, 7, 1_000, 1_000_000])
  func pieces(_ size: Int) throws {
    var buffer = FrameBuffer()
    let sizes = [0, 1, 125, 126, 65_535, 65_536]
    for count in sizes { buffer.writeTextFrame { $0.write([UInt8](repeating: 0x61, count: count)) } }
    [1, 2, 3].withUnsafeBytes { buffer.writeFrame(opcode: Opcode.ping, $0) }
    let frames = try read(buffer.bytes, by: size)
    #expect(frames.dropLast().map(\.payload.count) == sizes)
    #expect(frames.last?.opcode == Opcode.ping)
  }

  @Test("a message in fragments is put together, with a ping in between")
  func fragments() throws {
    let bytes: [UInt8] = [0x01, 2, 0x61, 0x62, 0x89, 0, 0x00, 1, 0x63, 0x80, 1, 0x64]
    let frames = try read(bytes, by: 1)
    #expect(frames.map(\.opcode) == [Opcode.ping, Opcode.text])
    #expect(frames.last?.payload == Array("abcd".utf8))
  }

  @Test(
    "what breaks RFC 6455 is no frame",
    arguments: [
      [0x81, 0x81, 0, 0, 0, 0, 0x61], [0x91, 0], [0x83, 0], [0x8b, 0], [0x80, 0], [0x09, 0],
      [0x89, 126, 0, 126],
      [0x81, 126, 0, 1], [0x01, 0, 0x81, 0], [0x81, 127, 0, 0, 0, 0, 1, 0, 0, 1],
    ] as [[UInt8]])
  func violations(_ bytes: [UInt8]) {
    #expect(throws: ServerFrameReader.Violation.self) { try read(bytes, by: 100) }
  }
}
