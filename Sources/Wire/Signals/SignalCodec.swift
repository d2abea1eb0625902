internal import Desk
package import Kernel
package import NIOCore
package import Protocol

/// Signals of a frame: `count varint`, then for each session, person (id, name, role), kind, its value, origin (server,
/// loop, number) and whether it was relayed.
package enum SignalCodec {
  private static let longestName = 1024

  /// Of one signal, at the most.
  package static func mostBytes(of signal: Signal) -> Int {
    signal.mostBytes
  }

  package static func encode(_ signals: [Signal], into buffer: inout ByteBuffer) {
    buffer.write(varint: UInt64(signals.count))
    for signal in signals {
      buffer.write(varint: signal.session.rawValue)
      buffer.write(sized: signal.person.id)
      buffer.write(sized: signal.person.name)
      buffer.writeInteger(signal.person.role.rawValue)
      switch signal.kind {
      case .typing(let isOn):
        buffer.writeInteger(UInt8(1))
        buffer.write(varint: isOn ? 1 : 0)
      case .read(let sequence):
        buffer.writeInteger(UInt8(2))
        buffer.write(varint: sequence.rawValue)
      }
      buffer.write(varint: signal.server.rawValue)
      buffer.writeInteger(signal.sink)
      buffer.write(varint: signal.connection)
      buffer.write(flag: signal.isRelayed)
    }
  }

  /// Takes all of `buffer`. Signals of a kind or a role that only newer nodes know are left out; so is what stands
  /// behind the signals.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decode(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> [Signal] {
    let count = try buffer.takeCount(minimumElementSize: 11)
    var signals: [Signal] = []
    signals.reserveCapacity(min(count, 1024))
    for _ in 0..<count {
      let session = SessionID(rawValue: try buffer.takeVarint())
      let id = try buffer.takeSizedString(limit: longestName)
      let name = try buffer.takeSizedString(limit: longestName)
      let role = UserRole(rawValue: try buffer.takeUInt8())
      let kind: Signal.Kind?
      switch (try buffer.takeUInt8(), try buffer.takeVarint()) {
      case (1, let value):
        guard value <= 1 else { throw .invalid("somebody types neither at all nor not") }
        kind = .typing(value == 1)
      case (2, let value): kind = .read(Sequence(value))
      default: kind = nil
      }
      let server = ServerID(try buffer.takeVarint())
      let sink = UInt16(
        truncatingIfNeeded: UInt32(try buffer.takeUInt8()) << 8 | UInt32(try buffer.takeUInt8()))
      let connection = try buffer.takeVarint()
      let isRelayed = try buffer.takeFlag()
      guard let role, let kind else { continue }
      signals.append(
        Signal(
          session: session, person: Person(id: id, role: role, name: name), kind: kind, server: server,
          sink: sink, connection: connection, isRelayed: isRelayed))
    }
    buffer.skipRest()
    return signals
  }
}
