package import Kernel

/// The data of a log entry: the submissions that it carries.
///
/// This format is for ever, since logs and backups are made of it. `version u8`, then, in version 2 alone, the entry's
/// `level varint`; `count varint`; then per submission:
///
/// - `tag u8`: the command's number in the low four bits; `sameServer` when the origin's server is that of the
///   submission before, `samePerson` when its person is that of the last submission that had one;
/// - the origin's server (varint, unless the same) and request (varint);
/// - the command's own fields, as `CommandWriter` writes them.
///
/// Number 15 is the widened form: in front of the fields stand the command's own `number varint`, the first level that
/// knows it (`varint`) and the bytes that the fields take (`varint`). It has no person to share. So a command that a
/// build does not know can be passed over, and told from damage.
///
/// Version 1 is written for all that releases of level 1 read, and nothing else is in it. Version 2 names the highest
/// level that one of its commands needs, so that an entry can be refused before it is appended or sent.
///
/// Strings and byte strings are bounded by the bytes that there are and by nothing else: what was once committed
/// must be readable. Limits on what clients say belong where they say it.
package enum CommandCodec {
  private static let firstVersion: UInt8 = 1
  private static let levelledVersion: UInt8 = 2
  /// Bytes before the first submission, at the most: version, level, count.
  package static let headerBytes = 14

  package static func encode(_ submissions: [Submission]) -> [UInt8] {
    var capacity = headerBytes
    var level = Level.first
    for submission in submissions {
      capacity += CommandWriter.capacity(for: submission.command)
      level = max(level, submission.command.since)
    }
    var writer = CommandWriter(reservingCapacity: capacity)
    if level == .first {
      writer.bytes.write(firstVersion)
    } else {
      writer.bytes.write(levelledVersion)
      writer.bytes.writeVarint(UInt64(level.rawValue))
    }
    writer.bytes.writeVarint(UInt64(submissions.count))
    for submission in submissions { writer.write(submission) }
    return writer.bytes.bytes
  }

  /// - Throws: `DecodingFailure` for any bytes that `encode` could not have made; no prefix is returned then.
  package static func decode(_ data: [UInt8]) throws(DecodingFailure) -> [Submission] {
    var reader = CommandReader(data)
    let level = try readLevel(&reader.bytes)
    guard level <= .newest else {
      throw .invalid("its commands are of level \(level), and this node reads up to level \(Level.newest)")
    }
    // No submission is smaller than its tag, its request and one byte of a command.
    let count = try reader.bytes.readCount(limit: .max, minimumElementSize: 3)
    var submissions: [Submission] = []
    submissions.reserveCapacity(min(count, 4096))
    for _ in 0..<count {
      let submission = try reader.readSubmission()
      guard submission.command.since <= level else {
        throw .invalid("an entry of level \(level) holds a command of level \(submission.command.since)")
      }
      submissions.append(submission)
    }
    guard reader.bytes.isAtEnd else {
      throw .invalid("\(reader.bytes.remaining) bytes are left over behind an entry's commands")
    }
    return submissions
  }

  /// The level that an entry's data needs, from its first bytes alone.
  /// - Throws: `DecodingFailure` when they are not those of an entry's commands.
  package static func level(of data: [UInt8]) throws(DecodingFailure) -> Level {
    // By far the most are of the first version: quicker than a reader.
    if data.first == firstVersion { return .first }
    var reader = ByteReader(data)
    return try readLevel(&reader)
  }

  private static func readLevel(_ reader: inout ByteReader) throws(DecodingFailure) -> Level {
    switch try reader.readUInt8() {
    case firstVersion: return .first
    case levelledVersion:
      guard let level = UInt16(exactly: try reader.readVarint()), level > Level.first.rawValue else {
        throw .invalid("an entry has a level that there is not")
      }
      return Level(level)
    case let other: throw .invalid("an entry's commands have version \(other), which this node does not know")
    }
  }
}

/// The numbers of the commands on the wire and in logs. One that was ever used keeps its meaning.
enum CommandTag {
  static let open: UInt8 = 1
  static let send: UInt8 = 2
  static let close: UInt8 = 3
  static let setStatus: UInt8 = 4
  static let endPresences: UInt8 = 5
  static let serverLost: UInt8 = 6
  // As 4 to 6, with how long agents keep their chats, and how many sessions or agents may change at once.
  static let boundedEndPresences: UInt8 = 7
  static let boundedServerLost: UInt8 = 8
  static let timePasses: UInt8 = 9
  static let setStatusWithGrace: UInt8 = 10
  static let transfer: UInt8 = 11
  // 12 to 14 are free, for what is so frequent that a byte counts.
  /// The command's own number follows: see `WidenedNumber`.
  static let widened: UInt8 = 15

  static let number: UInt8 = 0x0F
  static let sameServer: UInt8 = 0x10
  static let samePerson: UInt8 = 0x20
}

/// The numbers of commands in the widened form. As for all numbers: one that was ever used keeps its meaning.
enum WidenedNumber {
  static let raiseLevel: UInt64 = 16
  static let attend: UInt64 = 17
  /// The number of a desk that is not the main one (varint), then a command with its tag: `open`, `setStatus`,
  /// `endPresences`. From level 4 on.
  static let inDesk: UInt64 = 18
  /// `timePasses`, with how long ago sessions ended that leave the state. From level 6 on.
  static let retire: UInt64 = 19
  /// Months leave the archives. From level 7 on.
  static let dropMonths: UInt64 = 20
  /// The number of a desk (varint), then what is noted. From level 8 on.
  static let noteRead: UInt64 = 21
  /// The number of an operation (varint), what it says, then what archives have of its session. From level 9 on.
  static let annotate: UInt64 = 22
}

/// To whom a session is handed on.
enum TransferTargetTag {
  static let agent: UInt8 = 0
  static let skill: UInt8 = 1
}
