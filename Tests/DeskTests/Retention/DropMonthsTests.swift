import Kernel
import Testing

@testable import Desk

@Suite("Months are dropped")
struct DropMonthsTests {
  private var desk = Desk()
  /// January 2027, of which a week is over.
  private static let january: UInt64 = 1_799_366_400_000
  private static let number: UInt32 = 2027 * 12

  init() {
    desk.time = Self.january
    desk.raise(.seventh)
  }

  @discardableResult
  private mutating func drop(_ month: UInt32) -> Desk.Outcome {
    desk.apply(.dropMonths(DropMonths(before: month)))
  }

  @Test("a month is counted from January of the year 0, in UTC")
  func numbers() {
    #expect(CalendarDay(milliseconds: Self.january).monthNumber == Self.number)
    #expect(CalendarDay(milliseconds: 1_798_761_599_999).monthNumber == Self.number - 1)
    #expect(CalendarDay(milliseconds: 1_798_761_600_000).monthNumber == Self.number)
    #expect(CalendarDay(milliseconds: 0).monthNumber == 1970 * 12)
    #expect(CalendarDay(milliseconds: .max).monthNumber == .max)
  }

  @Test("the border rises and never falls; neither the present month nor one to come is dropped")
  mutating func border() {
    #expect(drop(Self.number - 3).answer == .done && desk.state.droppedBefore == Self.number - 3)
    #expect(drop(Self.number - 5).answer == .done && desk.state.droppedBefore == Self.number - 3)
    for month in [Self.number, Self.number + 1, .max] {
      #expect(drop(month).answer == .refused(.conflict) && desk.state.droppedBefore == Self.number - 3)
    }
    #expect(drop(Self.number - 1).answer == .done && desk.state.droppedBefore == Self.number - 1)
  }

  @Test("an archive is told once, by the entry that raises the border")
  mutating func rows() {
    func rows(_ outcome: Desk.Outcome) -> [UInt32] {
      var rows: [ArchiveRow] = []
      desk.state.archive(outcome.all, index: desk.index, into: &rows)
      return rows.compactMap { if case .monthsDropped(let month) = $0 { month } else { nil } }
    }
    var outcome = drop(Self.number - 2)
    #expect(rows(outcome) == [Self.number - 2])
    outcome = drop(Self.number - 2)
    #expect(rows(outcome).isEmpty)
    outcome = drop(Self.number)
    #expect(rows(outcome).isEmpty)
  }

  @Test("a snapshot has the border; one that drops what is not over is refused")
  mutating func snapshot() throws {
    let before = desk.state.encodedSnapshot()
    drop(Self.number - 2)
    let bytes = desk.state.encodedSnapshot()
    #expect(try ReplicatedState(snapshot: bytes).droppedBefore == Self.number - 2)
    #expect(try ReplicatedState(snapshot: bytes).encodedSnapshot() == bytes)
    // At the end, as a varint: 0 takes one byte.
    var writer = ByteWriter(reservingCapacity: 8)
    writer.writeVarint(UInt64(Self.number))
    #expect(throws: SnapshotError.self) {
      try ReplicatedState(snapshot: before.dropLast() + writer.bytes)
    }
  }

  @Test("it is for level 7: below, nothing is dropped and no snapshot says anything of it")
  func level() throws {
    let command = Command.dropMonths(DropMonths(before: Self.number - 2))
    #expect(command.since == .seventh)
    var old = Desk()
    old.time = Self.january
    old.raise(.sixth)
    let before = old.state.encodedSnapshot().count
    #expect(old.apply(command).answer == .refused(.conflict) && old.state.droppedBefore == 0)
    #expect(old.state.encodedSnapshot().count == before)
    let submission = Submission(origin: Origin(server: ServerID(1), request: 0), command: command)
    let bytes = CommandCodec.encode([submission])
    #expect(try CommandCodec.decode(bytes) == [submission])
  }
}
