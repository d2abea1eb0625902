package import Desk
package import NIOCore

/// A command on its way from the node of the client to the node that owns the session.
package struct Forward: Hashable, Sendable {
  /// The origin's own number for it, as in `Origin.request`. The origin's server is the node that sent the frame.
  package var request: UInt64
  package var session: SessionID
  /// The epoch under which the sender believes the receiver to own the session.
  package var epoch: Epoch
  package var command: Command

  package init(request: UInt64, session: SessionID, epoch: Epoch, command: Command) {
    self.request = request
    self.session = session
    self.epoch = epoch
    self.command = command
  }
}

/// A forward that the receiver has not taken, and never will: it may be sent again, elsewhere or later.
package struct ForwardRefusal: Hashable, Sendable {
  package enum Reason: UInt8, Sendable, CaseIterable {
    /// The receiver does not own the session: look the owner up anew.
    case notOwner = 1
    /// The receiver's queues are full: wait, then send again.
    case busy = 2
    /// The receiver knows no leader that could take a proposal.
    case noLeader = 3
  }

  /// `Forward.request` of the one that is refused.
  package var request: UInt64
  package var reason: Reason

  package init(request: UInt64, reason: Reason) {
    self.request = request
    self.reason = reason
  }
}

/// Forwards and their refusals, many in one payload: `count varint`, then each in the order of its fields,
/// commands as `CommandCodec` writes them.
package enum ForwardCodec {
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
