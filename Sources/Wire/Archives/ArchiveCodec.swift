internal import Desk
package import Kernel
package import NIOCore
package import Protocol

/// What archives say to each other, in frames of the type `archive`.
///
/// `topic u8`, `number varint`; then for a question the gap, a flag for what is not all, the place; for a page the parts that are
/// complete, the deletions, the rows, the place of the next. A gap: month + 1 or 0 for any, after, up to. A place: 0 for
/// none, else 1, whether it is exact, the entry, the key. A row: since, made, the key, sum `u32`, bytes with their length. A key:
/// session, chunk + 1 or 0 for the session itself; for an entry of an audit the desk, 2^32 + 1, the number. What stands behind is of a newer node, and is passed over.
package enum ArchiveCodec {
  private static let ask: UInt8 = 1
  private static let page: UInt8 = 2
  private static let busy: UInt8 = 3

  package static func encode(_ talk: ArchiveTalk, into buffer: inout ByteBuffer) {
    switch talk {
    case .ask(let number, let request):
      buffer.writeInteger(ask)
      buffer.write(varint: number)
      write(request.gap, into: &buffer)
      buffer.write(flag: request.takesIncomplete)
      write(request.place, into: &buffer)
    case .page(let number, let page):
      buffer.writeInteger(Self.page)
      buffer.write(varint: number)
      buffer.write(varint: UInt64(page.complete.count))
      for gap in page.complete { write(gap, into: &buffer) }
      buffer.write(varint: UInt64(page.deletions.count))
      for deletion in page.deletions {
        buffer.write(varint: UInt64(deletion.desk.rawValue))
        buffer.write(varint: deletion.index)
      }
      buffer.write(varint: UInt64(page.rows.count))
      for row in page.rows { write(row, into: &buffer) }
      write(page.next, into: &buffer)
    case .busy(let number):
      buffer.writeInteger(busy)
      buffer.write(varint: number)
    }
  }

  /// Takes all of `buffer`.
  /// - Returns: nil for a topic that this build does not know: of a newer node.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made. The checksums of rows are not looked at here.
  package static func decode(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> ArchiveTalk? {
    let topic = try buffer.takeUInt8()
    let number = try buffer.takeVarint()
    let talk: ArchiveTalk
    switch topic {
    case ask:
      var request = ArchivePageRequest(gap: try takeGap(&buffer))
      request.takesIncomplete = try buffer.takeFlag()
      request.place = try takePlace(&buffer)
      talk = .ask(number: number, request)
    case page: talk = .page(number: number, try takePage(&buffer))
    case busy: talk = .busy(number: number)
    default:
      buffer.skipRest()
      return nil
    }
    buffer.skipRest()
    return talk
  }

  private static func takePage(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> ArchiveRowPage {
    var page = ArchiveRowPage()
    let parts = try buffer.takeCount(minimumElementSize: 3)
    guard parts <= ArchiveRowPage.mostParts else { throw .tooLarge(limit: ArchiveRowPage.mostParts) }
    for _ in 0..<parts { page.complete.append(try takeGap(&buffer)) }
    for _ in 0..<(try buffer.takeCount(minimumElementSize: 2)) {
      guard let desk = UInt16(exactly: try buffer.takeVarint()) else {
        throw .invalid("a desk has no such number")
      }
      page.deletions.append(ArchiveRowPage.Deletion(desk: DeskNumber(desk), index: try buffer.takeVarint()))
    }
    let rows = try buffer.takeCount(minimumElementSize: 9)
    guard rows <= ArchiveRowPage.mostRows else { throw .tooLarge(limit: ArchiveRowPage.mostRows) }
    for _ in 0..<rows { page.rows.append(try takeRow(&buffer)) }
    page.next = try takePlace(&buffer)
    return page
  }

  private static func write(_ gap: ArchiveGap, into buffer: inout ByteBuffer) {
    buffer.write(varint: gap.month.map { UInt64($0) + 1 } ?? 0)
    buffer.write(varint: gap.after)
    buffer.write(varint: gap.upTo)
  }

  private static func takeGap(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> ArchiveGap {
    ArchiveGap(
      month: try takeSmall(&buffer), after: try buffer.takeVarint(), upTo: try buffer.takeVarint())
  }

  /// A number of 32 bits that may be missing.
  private static func takeSmall(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> UInt32? {
    let value = try buffer.takeVarint()
    guard value > 0 else { return nil }
    guard let small = UInt32(exactly: value - 1) else { throw .invalid("a month is above 32 bits") }
    return small
  }

  private static func write(_ place: ArchiveRowPlace?, into buffer: inout ByteBuffer) {
    buffer.write(flag: place != nil)
    guard let place else { return }
    buffer.write(flag: place.isExact)
    buffer.write(varint: place.made)
    write(place.key, into: &buffer)
  }

  private static func takePlace(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> ArchiveRowPlace? {
    guard try buffer.takeFlag() else { return nil }
    return ArchiveRowPlace(
      isExact: try buffer.takeFlag(), made: try buffer.takeVarint(), key: try takeKey(&buffer))
  }

  /// In the place of a chunk, which has 32 bits.
  private static let ofAudit = UInt64(UInt32.max) + 2

  private static func write(_ key: ArchiveRowKey, into buffer: inout ByteBuffer) {
    switch key {
    case .chunk(let session, let number):
      buffer.write(varint: session.rawValue)
      buffer.write(varint: UInt64(number) + 1)
    case .session(let session):
      buffer.write(varint: session.rawValue)
      buffer.write(varint: 0)
    case .audit(let desk, let number):
      buffer.write(varint: UInt64(desk.rawValue))
      buffer.write(varint: ofAudit)
      buffer.write(varint: number)
    }
  }

  private static func takeKey(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> ArchiveRowKey {
    let (first, kind) = (try buffer.takeVarint(), try buffer.takeVarint())
    guard kind != ofAudit else {
      guard let desk = UInt16(exactly: first), Int(desk) <= DeskNumber.most else {
        throw .invalid("a desk has no such number")
      }
      return .audit(DeskNumber(desk), try buffer.takeVarint())
    }
    guard kind > 0 else { return .session(SessionID(rawValue: first)) }
    guard let number = UInt32(exactly: kind - 1) else { throw .invalid("a chunk is above 32 bits") }
    return .chunk(SessionID(rawValue: first), number)
  }

  private static func write(_ row: StoredArchiveRow, into buffer: inout ByteBuffer) {
    buffer.write(varint: row.origin.since)
    buffer.write(varint: row.origin.made)
    write(row.key, into: &buffer)
    buffer.writeInteger(row.sum)
    buffer.write(sized: row.bytes)
  }

  private static func takeRow(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> StoredArchiveRow {
    let (since, made) = (try buffer.takeVarint(), try buffer.takeVarint())
    guard since <= made else { throw .invalid("a row was made before it could be") }
    return StoredArchiveRow(
      origin: RowOrigin(since: since, made: made), key: try takeKey(&buffer),
      sum: try buffer.takeUInt32(), bytes: try buffer.takeSizedBytes())
  }
}
