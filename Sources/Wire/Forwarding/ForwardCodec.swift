internal import Desk
package import Kernel
package import NIOCore
package import Protocol

/// Forwards and their refusals, many in one payload: `count varint`, then each in the order of its fields,
/// commands as `CommandCodec` writes them.
///
/// To a receiver that reads level 2 a zero goes before the count, which is never zero, and before each forward the
/// bytes that it takes (`u32`): one that cannot be read takes none of the others with it.
package enum ForwardCodec {
  private static let sizedMark: UInt8 = 0
  /// Of one refusal, at the most.
  package static let refusalBytes = ForwardRefusal.mostBytes

  /// - Parameter reader: the highest level that the receiver reads.
  package static func encode(_ forwards: [Forward], into buffer: inout ByteBuffer, for reader: Level) {
    let isSized = reader >= .second
    let capacity = forwards.reduce(11) { $0 + 16 + CommandWriter.capacity(for: $1.command) }
    var writer = CommandWriter(reservingCapacity: capacity)
    if isSized { writer.bytes.write(sizedMark) }
    writer.bytes.writeVarint(UInt64(forwards.count))
    for forward in forwards {
      let start = writer.bytes.bytes.count
      if isSized { writer.bytes.write(0 as UInt32) }
      writer.bytes.writeVarint(forward.request)
      writer.bytes.writeVarint(forward.session.rawValue)
      writer.bytes.writeVarint(forward.epoch.rawValue)
      writer.write(forward.command)
      if isSized {
        let size = UInt32(writer.bytes.bytes.count - start - 4)
        for place in 0..<4 {
          writer.bytes.bytes[start + place] = UInt8(truncatingIfNeeded: size >> (24 - 8 * place))
        }
      }
    }
    buffer.writeBytes(writer.bytes.bytes)
  }

  /// Takes all of `buffer`.
  /// - Throws: `DecodingFailure` when not even the requests can be told apart.
  package static func decodeForwards(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> ForwardBatch {
    let bytes = buffer.readBytes(length: buffer.readableBytes) ?? []
    var reader = CommandReader(bytes)
    let isSized = bytes.first == sizedMark
    if isSized { _ = try reader.bytes.readUInt8() }
    let count = try reader.bytes.readCount(limit: .max, minimumElementSize: isSized ? 9 : 5)
    var batch = ForwardBatch()
    batch.forwards.reserveCapacity(min(count, 4096))
    for _ in 0..<count {
      var end: Int?
      if isSized {
        let size = Int(try reader.bytes.readUInt32())
        guard size <= reader.bytes.remaining else { throw .truncated }
        end = reader.bytes.offset + size
      }
      let request = try reader.bytes.readVarint()
      do throws(DecodingFailure) {
        let session = SessionID(rawValue: try reader.bytes.readVarint())
        let epoch = Epoch(try reader.bytes.readVarint())
        let command = try reader.readCommand()
        if let end, reader.bytes.offset != end { throw .invalid("a forward has another size than it says") }
        batch.forwards.append(Forward(request: request, session: session, epoch: epoch, command: command))
      } catch {
        batch.unreadable.append(request)
        batch.failure = batch.failure ?? error
        guard let end else { return batch }
        reader.goOn(at: end)
      }
    }
    guard reader.bytes.isAtEnd else {
      throw .invalid("\(reader.bytes.remaining) bytes are left over behind the forwards")
    }
    return batch
  }

  package static func encode(_ refusals: [ForwardRefusal], into buffer: inout ByteBuffer) {
    buffer.write(varint: UInt64(refusals.count))
    for refusal in refusals {
      buffer.write(varint: refusal.request)
      buffer.writeInteger(refusal.reason.rawValue)
    }
  }

  /// Takes all of `buffer`.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decodeRefusals(
    _ buffer: inout ByteBuffer
  ) throws(DecodingFailure) -> [ForwardRefusal] {
    let count = try buffer.takeCount(minimumElementSize: 2)
    var refusals: [ForwardRefusal] = []
    refusals.reserveCapacity(min(count, 4096))
    for _ in 0..<count {
      let request = try buffer.takeVarint()
      let number = try buffer.takeUInt8()
      guard number > 0 else { throw .invalid("a forward is refused without a reason") }
      // Of a newer node, for a reason that this build does not know: final as well.
      let reason = ForwardRefusal.Reason(rawValue: number) ?? .unreadable
      refusals.append(ForwardRefusal(request: request, reason: reason))
    }
    buffer.skipRest()
    return refusals
  }
}
