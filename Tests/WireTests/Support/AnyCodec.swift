import Desk
import Kernel
import NIOCore
import Protocol
import Raft
import Testing
import Wire

/// One codec under the same hostile bytes as all others.
struct AnyCodec: Sendable, CustomTestStringConvertible {
  var name: String
  /// The encoding of a random value.
  var sample: @Sendable (inout SeededGenerator) -> [UInt8]
  /// Decodes, encodes what was decoded, decodes that, and tells whether both values are equal.
  var survives: @Sendable ([UInt8]) throws -> Bool

  var testDescription: String { name }

  private init<Value: Equatable & SendableMetatype>(
    _ name: String, sample: @escaping @Sendable (inout SeededGenerator) -> Value,
    encode: @escaping @Sendable (Value, inout ByteBuffer) -> Void,
    decode: @escaping @Sendable (inout ByteBuffer) throws -> Value
  ) {
    self.name = name
    self.sample = { generator in
      let value = sample(&generator)
      return written { encode(value, &$0) }
    }
    survives = { bytes in
      var buffer = ByteBuffer(bytes: bytes)
      let first = try decode(&buffer)
      var again = ByteBuffer(bytes: written { encode(first, &$0) })
      return try decode(&again) == first
    }
  }

  /// All or nothing.
  private static func readable(_ buffer: inout ByteBuffer) throws -> [Forward] {
    let batch = try ForwardCodec.decodeForwards(&buffer)
    if let failure = batch.failure { throw failure }
    return batch.forwards
  }

  static let all: [AnyCodec] = [
    AnyCodec(
      "commands", sample: { $0.submissions() }, encode: { $1.writeBytes(CommandCodec.encode($0)) },
      decode: { try CommandCodec.decode($0.readBytes(length: $0.readableBytes)!) }),
    AnyCodec(
      "raft", sample: { $0.messages() },
      encode: { RaftCodec.encode($0, group: GroupID(rawValue: 77), into: &$1) },
      decode: { try RaftCodec.decode(&$0).1 }),
    AnyCodec(
      "forwards", sample: { $0.forwards() },
      // None are never sent, and would look like the mark of the other form.
      encode: { ForwardCodec.encode($0, into: &$1, for: $0.isEmpty ? .second : .first) },
      decode: { try readable(&$0) }),
    AnyCodec(
      "sized forwards", sample: { $0.forwards() }, encode: { ForwardCodec.encode($0, into: &$1, for: .second) },
      decode: { try readable(&$0) }),
    AnyCodec(
      "refusals",
      sample: { generator in
        generator.list(upTo: 5) {
          ForwardRefusal(
            request: $0.number(), reason: ForwardRefusal.Reason.allCases.randomElement(using: &$0)!)
        }
      },
      encode: { ForwardCodec.encode($0, into: &$1) }, decode: { try ForwardCodec.decodeRefusals(&$0) }),
    AnyCodec(
      "attendance", sample: { $0.attendance() },
      encode: { if let content = $0 { AttendanceCodec.encode(content, into: &$1) } },
      decode: { try AttendanceCodec.decode(&$0) }),
    AnyCodec(
      "archives", sample: { $0.archiveTalk() },
      encode: { if let talk = $0 { ArchiveCodec.encode(talk, into: &$1) } },
      decode: { try ArchiveCodec.decode(&$0) }),
    AnyCodec(
      "notices",
      sample: { generator in
        var notice = NodeNotice()
        notice.appliedIndex = generator.number(below: 1 << 62)
        notice.version = generator.text()
        notice.cpu = Double(generator.number(below: 1 << 62)) / 1000
        notice.diskFreeBytes = generator.number(below: 1 << 62)
        // A level above 1 is optional in the bytes: none is sampled, for what is cut there is whole.
        return notice
      },
      encode: { $0.encode(into: &$1, for: $0.level) }, decode: { try NodeNotice.decode(&$0) }),
    AnyCodec(
      "hello",
      sample: {
        Hello(
          protocolVersion: UInt16(truncatingIfNeeded: $0.next()),
          lane: Lane.allCases.randomElement(using: &$0)!,
          from: NodeID($0.number()), to: NodeID($0.number()), cluster: $0.text())
      },
      encode: { $0.encode(into: &$1) }, decode: { try Hello.decode(&$0) }),
    AnyCodec(
      "hello reply",
      sample: {
        HelloReply(
          protocolVersion: UInt16(truncatingIfNeeded: $0.next()), node: NodeID($0.number()), cluster: $0.text(),
          refusal: $0.next() % 2 == 0 ? nil : HelloRefusal.allCases.randomElement(using: &$0)!,
          explanation: $0.text())
      },
      encode: { $0.encode(into: &$1) }, decode: { try HelloReply.decode(&$0) }),
  ]
}
