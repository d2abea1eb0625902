internal import Kernel

/// That the customer of a session is gone. In an object of its own: most sessions have none.
final class Absence: Sendable {
  /// ms since 1970.
  let since: UInt64
  let queueGrace: UInt64
  let openGrace: UInt64

  init(since: UInt64, queueGrace: UInt64, openGrace: UInt64) {
    self.since = since
    self.queueGrace = queueGrace
    self.openGrace = openGrace
  }
}

/// When a session is closed because its customer is gone, in the order in which that happens.
struct AbsenceDeadline: Comparable, Sendable {
  /// ms since 1970.
  var time: UInt64
  var session: SessionID

  static func < (left: AbsenceDeadline, right: AbsenceDeadline) -> Bool {
    left.time != right.time ? left.time < right.time : left.session < right.session
  }
}

extension Session {
  /// It waits, and its customer is gone: it has its place, and is in no line.
  package var isPassedOver: Bool { state == .queued && absence.map { $0.queueGrace > 0 } ?? false }

  /// Whoever comes into the line while the customer is gone has all of the grace before it.
  var absenceDeadline: AbsenceDeadline? {
    guard let absence, state != .closed else { return nil }
    let (begin, grace) =
      isPassedOver ? (max(absence.since, queuedAt), absence.queueGrace) : (absence.since, absence.openGrace)
    guard grace > 0 else { return nil }
    let (time, overflow) = begin.addingReportingOverflow(grace)
    return AbsenceDeadline(time: overflow ? .max : time, session: id)
  }
}

extension Session {
  func encodeAbsence(into writer: inout ByteWriter) {
    writer.write(UInt8(absence == nil ? 0 : 1))
    guard let absence else { return }
    writer.writeVarint(absence.since &- opening.openedAt)
    writer.writeVarint(absence.queueGrace)
    writer.writeVarint(absence.openGrace)
  }

  mutating func decodeAbsence(from reader: inout ByteReader, ageLimit: UInt64) throws(DecodingFailure) {
    switch try reader.readUInt8() {
    case 0: return
    case 1: break
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
    let age = try reader.readVarint()
    guard age <= ageLimit else { throw .invalid("a customer has been gone since the future") }
    guard state != .closed else { throw .invalid("a closed session has nobody to wait for") }
    absence = Absence(
      since: opening.openedAt + age, queueGrace: try reader.readVarint(), openGrace: try reader.readVarint())
  }
}
