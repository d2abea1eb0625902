internal import Desk
package import Kernel
package import NIOCore
package import Protocol

/// Forwards and their refusals, many in one payload: `count varint`, then each in the order of its fields,
/// commands as `CommandCodec` writes them.
package enum ForwardCodec {
  /// Of one refusal, at the most.
  package static let refusalBytes = 11

  package static func encode(_ forwards: [Forward], into buffer: inout ByteBuffer) {
    let capacity = forwards.reduce(10) { $0 + 12 + CommandWriter.capacity(for: $1.command) }
    var writer = CommandWriter(reservingCapacity: capacity)
    writer.bytes.writeVarint(UInt64(forwards.count))
    for forward in forwards {
      writer.bytes.writeVarint(forward.request)
      writer.bytes.writeVarint(forward.session.rawValue)
      writer.bytes.writeVarint(forward.epoch.rawValue)
      writer.write(forward.command)
    }
    buffer.writeBytes(writer.bytes.bytes)
  }

  /// Takes all of `buffer`.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decodeForwards(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> [Forward] {
    var reader = CommandReader(buffer.readBytes(length: buffer.readableBytes) ?? [])
    let count = try reader.bytes.readCount(limit: .max, minimumElementSize: 5)
    var forwards: [Forward] = []
    forwards.reserveCapacity(min(count, 4096))
    for _ in 0..<count {
      let request = try reader.bytes.readVarint()
      let session = SessionID(rawValue: try reader.bytes.readVarint())
      let epoch = Epoch(try reader.bytes.readVarint())
      forwards.append(
        Forward(request: request, session: session, epoch: epoch, command: try reader.readCommand()))
    }
    guard reader.bytes.isAtEnd else {
      throw .invalid("\(reader.bytes.remaining) bytes are left over behind the forwards")
    }
    return forwards
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
      guard let reason = ForwardRefusal.Reason(rawValue: number) else {
        throw .invalid("refusal \(number) of a forward is not known")
      }
      refusals.append(ForwardRefusal(request: request, reason: reason))
    }
    try buffer.expectEnd()
    return refusals
  }
}
