import Desk
import Protocol

extension SeededGenerator {
  mutating func archiveTalk() -> ArchiveTalk {
    let number = number()
    switch next() % 3 {
    case 0: return .busy(number: number)
    case 1:
      return .ask(
        number: number,
        ArchivePageRequest(gap: archiveGap(), place: archivePlace(), takesIncomplete: next() % 2 == 0))
    default:
      var page = ArchiveRowPage()
      page.complete = list(upTo: 3) { $0.archiveGap() }
      page.deletions = list(upTo: 2) {
        ArchiveRowPage.Deletion(desk: DeskNumber(UInt16(truncatingIfNeeded: $0.next())), index: $0.number())
      }
      page.rows = list(upTo: 3) { generator in
        let since = generator.number(below: 1 << 40)
        return StoredArchiveRow(
          origin: RowOrigin(since: since, made: since + generator.number(below: 1 << 40)),
          key: generator.archiveKey(),
          sum: UInt32(truncatingIfNeeded: generator.next()), bytes: generator.bytes(upTo: 20))
      }
      page.next = archivePlace()
      return .page(number: number, page)
    }
  }

  private mutating func archiveGap() -> ArchiveGap {
    ArchiveGap(month: small(), after: number(), upTo: number())
  }

  private mutating func archivePlace() -> ArchiveRowPlace? {
    guard next() % 2 == 0 else { return nil }
    return ArchiveRowPlace(isExact: next() % 2 == 0, made: number(), key: archiveKey())
  }

  private mutating func archiveKey() -> ArchiveRowKey {
    if next() % 3 == 0 { return .audit(DeskNumber(UInt16(next() % 1_024)), number()) }
    return ArchiveRowKey(SessionID(rawValue: number()), chunk: small())
  }

  private mutating func small() -> UInt32? { next() % 2 == 0 ? nil : UInt32(truncatingIfNeeded: number()) }
}
