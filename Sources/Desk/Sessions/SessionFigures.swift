internal import Kernel

/// What a session counts for reports, from the entry that opens it on. A function of the log, so the same on all nodes; times are
/// those of the entries, in ms since 1970.
///
/// Sessions that were opened below level 7 have none, whatever has happened since: half of a count is a wrong one.
package struct SessionFigures: Hashable, Sendable {
  static let since = Level.seventh

  /// The first words of somebody who serves.
  package struct Response: Hashable, Sendable {
    package internal(set) var time: UInt64
    package internal(set) var by: AgentID
  }

  /// When it was first given to an agent; nil: it never was.
  package internal(set) var assignedAt: UInt64?
  /// What staff said first after that; nil: nothing yet.
  package internal(set) var response: Response?
  /// Messages of its customer.
  package internal(set) var customerMessages: UInt32 = 0
  /// Messages of those who serve. What is in neither count the system has said.
  package internal(set) var staffMessages: UInt32 = 0
  /// How often it was handed on.
  package internal(set) var transfers: UInt32 = 0
  /// How often its agent did not come back, so that it waited again.
  package internal(set) var releases: UInt32 = 0

  init() {}

  mutating func isGiven(at now: UInt64) {
    if assignedAt == nil { assignedAt = now }
  }

  mutating func count(_ kind: MessageKind, by sender: Person, at now: UInt64) {
    guard kind == .text else { return }
    guard sender.role != .customer else {
      customerMessages = Self.next(customerMessages)
      return
    }
    staffMessages = Self.next(staffMessages)
    if assignedAt != nil, response == nil { response = Response(time: now, by: AgentID(sender.id)) }
  }

  mutating func isHandedOn() { transfers = Self.next(transfers) }
  mutating func isReleased() { releases = Self.next(releases) }

  /// The highest number stays what it is: a session does not live that long.
  private static func next(_ count: UInt32) -> UInt32 { count == .max ? count : count + 1 }
}

extension SessionFigures {
  /// Times are written as the ms since the session was opened, and one more; 0: none.
  func encode(into writer: inout ByteWriter, openedAt: UInt64) {
    writer.writeVarint(assignedAt.map { $0 &- openedAt &+ 1 } ?? 0)
    writer.writeVarint(response.map { $0.time &- openedAt &+ 1 } ?? 0)
    if let response { writer.write(string: response.by.rawValue) }
    for count in [customerMessages, staffMessages, transfers, releases] { writer.writeVarint(UInt64(count)) }
  }

  /// - Parameter ageLimit: no time is later than so many ms after the opening.
  init(from reader: inout ByteReader, openedAt: UInt64, ageLimit: UInt64) throws(DecodingFailure) {
    func time() throws(DecodingFailure) -> UInt64? {
      let age = try reader.readVarint()
      guard age > 0 else { return nil }
      guard age - 1 <= ageLimit else { throw .invalid("a session's figures have a time in the future") }
      return openedAt + (age - 1)
    }
    func count() throws(DecodingFailure) -> UInt32 {
      guard let count = UInt32(exactly: try reader.readVarint()) else {
        throw .invalid("a session's figures have too large a count")
      }
      return count
    }
    assignedAt = try time()
    if let time = try time() {
      response = Response(time: time, by: AgentID(try reader.readString(limit: .max)))
    }
    (customerMessages, staffMessages) = (try count(), try count())
    (transfers, releases) = (try count(), try count())
  }
}

extension Session {
  func encodeFigures(into writer: inout ByteWriter) {
    writer.write(UInt8(figures == nil ? 0 : 1))
    figures?.encode(into: &writer, openedAt: openedAt)
  }

  mutating func decodeFigures(from reader: inout ByteReader, ageLimit: UInt64) throws(DecodingFailure) {
    switch try reader.readUInt8() {
    case 0: return
    case 1: figures = try SessionFigures(from: &reader, openedAt: openedAt, ageLimit: ageLimit)
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
  }

  /// What is wrong with its figures; empty: nothing. Of messages that have left the state nobody knows here who has said them.
  func checkFigures(level: Level, now: UInt64) -> [String] {
    guard let figures else { return [] }
    var problems: [String] = []
    if level < SessionFigures.since { problems.append("counts, which level \(level) does not know") }
    var (customer, staff): (UInt64, UInt64) = (0, 0)
    for number in stride(from: transcript.firstKept, through: transcript.count, by: 1) {
      guard let message = transcript.message(at: number, openedAt: openedAt), message.kind == .text else {
        continue
      }
      if message.sender.role == .customer { customer += 1 } else { staff += 1 }
    }
    let counted = (UInt64(figures.customerMessages), UInt64(figures.staffMessages))
    let isRight =
      transcript.left.isEmpty ? counted == (customer, staff) : counted.0 >= customer && counted.1 >= staff
    if !isRight || counted.0 + counted.1 > sequence.rawValue {
      problems.append("counts \(counted) messages, and \(customer) and \(staff) of \(sequence) are there")
    }
    if let time = figures.assignedAt, time < openedAt || time > now {
      problems.append("was given to an agent at a wrong time")
    }
    if (state == .active || !agents.isEmpty) && figures.assignedAt == nil {
      problems.append("does not know when it was given to an agent")
    }
    if let response = figures.response, response.time < figures.assignedAt ?? .max || response.time > now {
      problems.append("was answered at a wrong time")
    }
    if figures.transfers > 0, !wasHandedOn { problems.append("counts transfers, and was not handed on") }
    return problems
  }
}
