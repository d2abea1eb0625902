package import Desk
package import Kernel
package import NIOCore
package import Protocol

/// Attendance in frames of the type `signal`, told from signals by a zero where those have their number, which is never
/// zero. A node that only knows signals drops such a frame and goes on; a frame of a type of its own would end the
/// connection to that node.
///
/// Behind the zero: `topic u8`, `count varint`, then for each report session, seen, isFollowed, people; for each list
/// session, version, people. People: `count varint`, then id, role and name of each.
package enum AttendanceCodec {
  package static let mostPeople = AttendanceList.mostPeople
  /// Of an id or a name, in bytes.
  package static let longestText = 1024
  private static let mark: UInt8 = 0
  private static let reports: UInt8 = 1
  private static let lists: UInt8 = 2

  package typealias Content = AttendanceContent

  /// Of one report or list with these people, at the most.
  package static func mostBytes(of people: [Person]) -> Int {
    people.mostBytes
  }

  /// Whether the frame has attendance in it, and not signals.
  package static func isMarked(_ buffer: ByteBuffer) -> Bool {
    buffer.readableBytes > 1 && buffer.getInteger(at: buffer.readerIndex) == mark
  }

  package static func encode(_ content: Content, into buffer: inout ByteBuffer) {
    switch content {
    case .reports(let reports):
      buffer.writeMultipleIntegers(mark, Self.reports)
      buffer.write(varint: UInt64(reports.count))
      for report in reports {
        buffer.write(varint: report.session.rawValue)
        buffer.write(varint: report.seen)
        buffer.write(flag: report.isFollowed)
        write(report.people, into: &buffer)
      }
    case .lists(let lists):
      buffer.writeMultipleIntegers(mark, Self.lists)
      buffer.write(varint: UInt64(lists.count))
      for list in lists {
        buffer.write(varint: list.session.rawValue)
        buffer.write(varint: list.version)
        write(list.people, into: &buffer)
      }
    }
  }

  /// Takes all of `buffer`. People in roles that only newer nodes know are left out.
  /// - Returns: nil for a topic that this build does not know: of a newer node.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decode(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> Content? {
    guard try buffer.takeUInt8() == mark else { throw .invalid("attendance does not begin with its mark") }
    let content: Content
    switch try buffer.takeUInt8() {
    case reports:
      let count = try buffer.takeCount(minimumElementSize: 4)
      var reports: [AttendanceReport] = []
      reports.reserveCapacity(min(count, 1024))
      for _ in 0..<count {
        let session = SessionID(rawValue: try buffer.takeVarint())
        reports.append(
          AttendanceReport(
            session: session, seen: try buffer.takeVarint(), isFollowed: try buffer.takeFlag(),
            people: try takePeople(&buffer)))
      }
      content = .reports(reports)
    case lists:
      let count = try buffer.takeCount(minimumElementSize: 3)
      var lists: [AttendanceList] = []
      lists.reserveCapacity(min(count, 1024))
      for _ in 0..<count {
        let session = SessionID(rawValue: try buffer.takeVarint())
        lists.append(
          AttendanceList(
            session: session, version: try buffer.takeVarint(), people: try takePeople(&buffer)))
      }
      content = .lists(lists)
    default: return nil
    }
    // Of a newer node.
    buffer.skipRest()
    return content
  }

  private static func write(_ people: [Person], into buffer: inout ByteBuffer) {
    buffer.write(varint: UInt64(people.count))
    for person in people {
      buffer.write(sized: person.id)
      buffer.writeInteger(person.role.rawValue)
      buffer.write(sized: person.name)
    }
  }

  private static func takePeople(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> [Person] {
    let count = try buffer.takeCount(minimumElementSize: 3)
    guard count <= mostPeople else { throw .tooLarge(limit: mostPeople) }
    var people: [Person] = []
    people.reserveCapacity(count)
    for _ in 0..<count {
      let id = try buffer.takeSizedString(limit: longestText)
      let role = UserRole(rawValue: try buffer.takeUInt8())
      let name = try buffer.takeSizedString(limit: longestText)
      // A role that only newer nodes know.
      guard let role else { continue }
      people.append(Person(id: id, role: role, name: name))
    }
    return people
  }
}
