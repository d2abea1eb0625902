package import Kernel

/// The data of a log entry: the submissions that it carries.
///
/// This format is for ever, since logs and backups are made of it. `version u8` (1), `count varint`, then per
/// submission:
///
/// - `tag u8`: the command's number in the low four bits; `sameServer` when the origin's server is that of the
///   submission before, `samePerson` when its person is that of the last submission that had one;
/// - the origin's server (varint, unless the same) and request (varint);
/// - the command's own fields, as `CommandWriter` writes them.
///
/// Strings and byte strings are bounded by the bytes that there are and by nothing else: what was once committed
/// must be readable. Limits on what clients say belong where they say it.
package enum CommandCodec {
  package static let version: UInt8 = 1
  /// Bytes before the first submission, at the most.
  package static let headerBytes = 11

  package static func encode(_ submissions: [Submission]) -> [UInt8] {
    var capacity = headerBytes
    for submission in submissions { capacity += CommandWriter.capacity(for: submission.command) }
    var writer = CommandWriter(reservingCapacity: capacity)
    writer.bytes.write(version)
    writer.bytes.writeVarint(UInt64(submissions.count))
    for submission in submissions { writer.write(submission) }
    return writer.bytes.bytes
  }

  /// - Throws: `DecodingFailure` for any bytes that `encode` could not have made; no prefix is returned then.
  package static func decode(_ data: [UInt8]) throws(DecodingFailure) -> [Submission] {
    var reader = CommandReader(data)
    let found = try reader.bytes.readUInt8()
    guard found == version else {
      throw .invalid("an entry's commands have version \(found), and this node reads \(version)")
    }
    // No submission is smaller than its tag, its request and one byte of a command.
    let count = try reader.bytes.readCount(limit: .max, minimumElementSize: 3)
    var submissions: [Submission] = []
    submissions.reserveCapacity(min(count, 4096))
    for _ in 0..<count { submissions.append(try reader.readSubmission()) }
    guard reader.bytes.isAtEnd else {
      throw .invalid("\(reader.bytes.remaining) bytes are left over behind an entry's commands")
    }
    return submissions
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

  static let number: UInt8 = 0x0F
  static let sameServer: UInt8 = 0x10
  static let samePerson: UInt8 = 0x20
}

/// To whom a session is handed on.
enum TransferTargetTag {
  static let agent: UInt8 = 0
  static let skill: UInt8 = 1
}
