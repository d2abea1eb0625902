import Desk
import Foundation
import GRDB
import Kernel

/// A chunk and a session as rows: their bytes with a checksum over them and their key, so that neither a flipped bit nor a row in
/// the wrong place is taken for what was said.
enum StoredChunk {
  static func sum(_ session: SessionID, _ number: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    CRC32C.checksum(
      bytes,
      continuing: CRC32C.checksum(
        UInt64(number), continuing: CRC32C.checksum(session.rawValue, continuing: 0)))
  }

  /// - Parameter row: session, number, sum, bytes.
  static func read(_ row: Row, _ month: Month) throws -> ArchivedChunk {
    let session = SessionID(stored: try row.read(0))
    let (number, sum, bytes): (UInt32, UInt32, Data) = (try row.read(1), try row.read(2), try row.read(3))
    guard bytes.withUnsafeBytes({ Self.sum(session, number, $0) }) == sum,
      let chunk = try? ArchivedChunk(session: session, number: number, Array(bytes))
    else {
      throw ArchiveError(
        .damaged, month,
        "Messages \(UInt64(number) * 64 + 1) and following of session \(session) are not what was written into "
          + "\(month).sqlite. The month has to be set aside and filled again.")
    }
    return chunk
  }
}

enum StoredSession {
  static func sum(_ session: SessionID, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    CRC32C.checksum(bytes, continuing: CRC32C.checksum(session.rawValue, continuing: 0))
  }

  /// - Parameter row: id, sum, bytes.
  static func read(_ row: Row, _ month: Month) throws -> ArchivedSession {
    let session = SessionID(stored: try row.read(0))
    let (sum, bytes): (UInt32, Data) = (try row.read(1), try row.read(2))
    guard bytes.withUnsafeBytes({ Self.sum(session, $0) }) == sum,
      let record = try? ArchivedSession(stored: Array(bytes)), record.session == session
    else {
      throw ArchiveError(
        .damaged, month,
        "The record of session \(session) is not what was written into \(month).sqlite. The month has to be set "
          + "aside and filled again.")
    }
    return record
  }
}

/// How a person is called in the table of participants: customers and those who serve have ids of their own.
enum Participant {
  static func customer(_ id: String) -> String { "c" + id }
  static func staff(_ id: String) -> String { "s" + id }
  static func name(_ person: Person) -> String {
    person.role == .customer ? customer(person.id) : staff(person.id)
  }
}
