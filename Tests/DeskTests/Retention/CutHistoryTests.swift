import Kernel
import Testing

@testable import Desk

@Suite("A history of which a part was dropped")
struct CutHistoryTests {
  private var desk: Desk
  private var archive = RowArchive()
  private let session: SessionID
  private let whole: Session
  private let count: UInt64 = 400
  private static let november: UInt64 = 1_793_491_200_000

  /// A session that goes on for a hundred days, from November to February, and is in March.
  init() throws {
    var (desk, twin) = (Desk(), Desk())
    (desk.time, twin.time) = (Self.november, Self.november)
    desk.raise(.seventh)
    session = desk.open()
    let other = twin.open()
    for number in 1...count {
      desk.time += 6 * 3_600_000
      twin.time = desk.time
      let body = String(repeating: "x", count: Int(number % 50))
      Self.take(desk.send(session, "m\(number)", body: body), desk, &archive)
      twin.send(other, "m\(number)", body: body)
    }
    whole = try #require(twin.state.session(other))
    desk.time += 40 * 86_400_000
    Self.take(desk.pass(1), desk, &archive)
    self.desk = desk
  }

  private static func take(_ outcome: Desk.Outcome, _ desk: Desk, _ archive: inout RowArchive) {
    var rows: [ArchiveRow] = []
    desk.state.archive(outcome.all, index: desk.index, into: &rows)
    for row in rows { archive.take(row) }
  }

  private mutating func take(_ outcome: Desk.Outcome) { Self.take(outcome, desk, &archive) }

  private mutating func drop(before month: UInt32) {
    #expect(desk.apply(.dropMonths(DropMonths(before: month))).answer == .done)
    archive.dropMonths(before: month)
  }

  private func page(
    _ range: TranscriptRange, _ limit: Int, _ bytes: Int = .max, isCaughtUp: Bool = true
  ) throws -> TranscriptPage {
    try desk.state.history(
      of: session, range, limit: limit, bytes: bytes, by: .customer("alice"), of: .main, from: archive,
      isCaughtUp: isCaughtUp)
  }

  private func month(of sequence: UInt64) -> UInt32 {
    CalendarDay(milliseconds: whole.message(at: Sequence(sequence))?.time ?? 0).monthNumber
  }

  /// The first message of the first chunk whose last one is not in a dropped month.
  private func firstKept(_ border: UInt32) -> UInt64 {
    stride(from: 1, to: count, by: 64).first { month(of: min($0 + 63, count)) >= border } ?? count + 1
  }

  /// Compares pages from all places with those of a state that keeps everything, without what lies before `cut`.
  private func compare(from cut: UInt64) throws {
    let kept = desk.state.session(session)?.firstKept.rawValue ?? cut
    let borders = [1, cut, kept, count].flatMap { [$0 - 1, $0, $0 + 1] }
    for place in Array(stride(from: 0, through: count, by: 23)) + borders + [.max] {
      for (limit, bytes) in [(1, Int.max), (64, .max), (150, .max), (1_000, .max), (100, 3_000)] {
        let after = try page(.after(Sequence(place)), limit, bytes)
        var wanted = whole.page(.after(Sequence(max(place, cut - 1))), limit: limit, bytes: bytes)
        wanted.isCut = place < cut - 1 && place < count
        #expect(after == wanted, "after \(place), \(limit), \(bytes)")

        let before = try page(.before(Sequence(place)), limit, bytes)
        wanted = whole.page(.before(Sequence(place)), limit: limit, bytes: bytes)
        if wanted.messages.first?.sequence.rawValue ?? 1 <= cut {
          wanted.messages.removeAll { $0.sequence.rawValue < cut }
          (wanted.more, wanted.isCut) = (false, place > 1)
        }
        // Whether there is anything behind a full page that ends at the border is seen with the next one.
        if before.more, before.messages.first?.sequence.rawValue == cut {
          (wanted.more, wanted.isCut) = (true, false)
        }
        #expect(before == wanted, "before \(place), \(limit), \(bytes)")

        guard place >= 1, let time = whole.message(at: Sequence(place))?.time else { continue }
        let since = try page(.since(time), limit, bytes)
        wanted = whole.page(.after(Sequence(max(place, cut) - 1)), limit: limit, bytes: bytes)
        wanted.isCut = place < cut
        #expect(
          since.messages == wanted.messages && since.more == wanted.more, "since \(place), \(limit), \(bytes)")
        #expect(since.isCut || !wanted.isCut, "since \(place), \(limit), \(bytes)")
      }
    }
  }

  @Test(
    "begins with the first message that the archive keeps, from any place, in any direction, and says that it is not all"
  )
  mutating func inArchive() throws {
    let border = month(of: 1) + 1
    let cut = firstKept(border)
    let kept = try #require(desk.state.session(session)).firstKept.rawValue
    try #require(cut > 1 && cut < kept)
    drop(before: border)
    try compare(from: cut)
  }

  @Test("begins with the first message that the state keeps where the archive has nothing of it any more")
  mutating func inState() throws {
    let kept = try #require(desk.state.session(session)).firstKept.rawValue
    let border = month(of: kept - 1) + 1
    drop(before: border)
    try compare(from: kept)
  }

  @Test(
    "of a session that has left the state is the same, and it is not there when the month of its end is gone")
  mutating func over() throws {
    take(desk.close(session))
    desk.time += 1_000
    take(desk.apply(.timePasses(TimePasses(limit: 10, endedBefore: .max))))
    try #require(desk.state.session(session) == nil)
    let border = month(of: 200) + 1
    drop(before: border)
    try compare(from: firstKept(border))
    let last = month(of: count) + 1
    desk.time += 31 * 86_400_000
    drop(before: last)
    #expect(try page(.after(.zero), 10) == cut([]))
    #expect(try page(.before(Sequence(.max)), 10) == cut([]))
    desk.time += 70 * 86_400_000
    drop(before: CalendarDay(milliseconds: desk.time).monthNumber - 1)
    #expect(throws: Failure.noSuchSession) { try page(.after(.zero), 10) }
  }

  private func cut(_ messages: [Message]) -> TranscriptPage {
    var page = TranscriptPage(of: messages, more: false)
    page.isCut = true
    return page
  }

  @Test(
    "has no hole where the archive is behind or has a gap, and where nothing of the session was dropped: it is refused"
  )
  mutating func behind() throws {
    let kept = try #require(desk.state.session(session)).firstKept.rawValue
    let border = month(of: kept - 1) + 1
    // It has lost all, and the state says of no month that it is gone.
    let full = archive
    archive.dropMonths(before: border)
    #expect(throws: Failure.notInArchive) { try page(.after(.zero), 10) }
    #expect(throws: Failure.notInArchive) { try page(.before(Sequence(kept)), 10) }
    archive = full
    drop(before: border)
    #expect(throws: Failure.notInArchive) { try page(.after(.zero), 10, isCaughtUp: false) }
    #expect(throws: Failure.notInArchive) { try page(.before(Sequence(kept)), 10, isCaughtUp: false) }
    #expect(try page(.after(.zero), 1).messages.first?.sequence.rawValue == kept)
    archive.beginGap()
    #expect(throws: Failure.notInArchive) { try page(.after(.zero), 10) }
    #expect(throws: Failure.notInArchive) { try page(.before(Sequence(kept)), 10) }
  }
}
