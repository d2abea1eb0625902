import Desk
import Kernel
import NIOCore
import Protocol
import Testing
import Wire

@Suite("The size of commands")
struct CommandSizeTests {
  @Test("is never above what is counted, alone and in a forward", arguments: 1...300 as ClosedRange<UInt64>)
  func bound(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for submission in generator.submissions() {
      let alone = CommandCodec.encode([submission]).count
      #expect(alone <= CommandCodec.headerBytes + submission.command.mostBytes)
      var buffer = ByteBuffer()
      let forward = Forward(
        request: .max, session: SessionID(rawValue: .max), epoch: Epoch(.max), command: submission.command)
      ForwardCodec.encode([forward], into: &buffer, for: .newest)
      #expect(buffer.readableBytes <= CommandCodec.headerBytes + submission.command.mostBytes)
      // Nor far from it: what is cut by it would be cut too small.
      #expect(submission.command.mostBytes <= 2 * alone + 256)
    }
    let all = generator.submissions()
    #expect(
      CommandCodec.encode(all).count <= all.reduce(CommandCodec.headerBytes) { $0 + $1.command.mostBytes })
  }
}
