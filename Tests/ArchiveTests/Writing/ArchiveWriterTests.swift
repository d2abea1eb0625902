import Desk
import Foundation
import Testing

@testable import Archive

@Suite("Writing the archive")
struct ArchiveWriterTests {
  private let place = Place()

  private func figures() throws -> ArchiveFigures {
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    return try reader.figures()
  }

  @Test("what was written is there after a restart, and so is how far it is complete")
  func durable() throws {
    let talk = Talk(7, (0..<130).map { "hello \($0)" })
    do {
      let writer = try ArchiveWriter(place.path)
      #expect(writer.completeIndex == 0 && !writer.needsWhole)
      try writer.write(talk.rows, upTo: 300)
      writer.close()
    }
    let writer = try ArchiveWriter(place.path)
    #expect(writer.completeIndex == 300)
    #expect(writer.findings.isEmpty)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.page(talk.id, .after(.zero), limit: 1_000).messages == talk.messages)
    #expect(try reader.session(talk.id) == talk.record)
    #expect(try figures().messages == 130)
    writer.close()
  }

  @Test("rows that come again change nothing, a chunk with more messages takes the place of the shorter one")
  func idempotent() throws {
    let writer = try ArchiveWriter(place.path)
    let long = Talk(7, (0..<20).map { "word\($0)" })
    let short = long.changed { $0.texts.removeLast(15) }
    try writer.write(short.chunks, upTo: 10)
    try writer.write(long.rows, upTo: 20)
    let first = try figures()
    try writer.write(long.rows + long.rows, upTo: 20)
    try writer.write(short.chunks, upTo: 15)
    #expect(
      try figures().months.map { [$0.sessions, $0.chunks, $0.messages, $0.textBytes] } == [
        [1, 1, 20, first.months[0].textBytes]
      ])
    #expect(writer.completeIndex == 20)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.search(SearchQuery("word3"), in: .desk(.main), limit: 10).hits.count == 1)
    #expect(try reader.search(SearchQuery("word19"), in: .desk(.main), limit: 10).hits.count == 1)
    #expect(try reader.check(Month(year: 2026, month: 11)) == 2)
    try writer.checkIndex(Month(year: 2026, month: 11))
    writer.close()
  }

  @Test("a session's record takes the place of the one before it")
  func record() throws {
    let writer = try ArchiveWriter(place.path)
    let talk = Talk(7, ["a"])
    try writer.write(talk.rows, upTo: 1)
    let rated = talk.changed { $0.rating = 5 }
    try writer.write([.session(rated.record, RowOrigin(2))], upTo: 2)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(talk.id)?.rating == 5)
    #expect(try figures().sessions == 1)
    writer.close()
  }

  @Test("each month has a file, and one that is dropped is gone at once and stays so")
  func months() throws {
    let writer = try ArchiveWriter(place.path)
    let old = Talk(7, ["alpha one"]).changed { $0.openedAt -= 86_400_000 }
    let new = Talk(8, ["alpha two"])
    try writer.write(old.rows + new.rows, upTo: 1)
    #expect(
      place.names.filter { $0.hasSuffix(".sqlite") } == [
        "2026-10.sqlite", "2026-11.sqlite", "catalogue.sqlite",
      ])
    let reader = try ArchiveReader(place.path)
    #expect(
      try reader.search(SearchQuery("alpha"), in: .desk(.main), limit: 10).hits.map(\.session) == [
        new.id, old.id,
      ])
    try writer.drop(Month(year: 2026, month: 10))
    #expect(!place.names.contains { $0.hasPrefix("2026-10") })
    #expect(
      try reader.search(SearchQuery("alpha"), in: .desk(.main), limit: 10).hits.map(\.session) == [new.id])
    #expect(try reader.session(old.id) == nil)
    try writer.write(old.rows, upTo: 2)
    #expect(!place.names.contains { $0.hasPrefix("2026-10") })
    #expect(try reader.figures().months.map(\.state) == [.dropped, .kept])
    writer.close()
    #expect(try ArchiveWriter(place.path).findings.isEmpty)
  }

  @Test("a deleted desk leaves no word in any file, and others, and a later desk with its number, keep theirs")
  func deskDeleted() throws {
    let writer = try ArchiveWriter(place.path)
    let desk = DeskNumber(700)
    let gone = Talk(7, ["zanzibar secret", "okapi"]).changed { ($0.desk, $0.customer) = (desk, "quagga") }
    let other = Talk(8, ["zebra"])
    let later = Talk(20, ["walrus"]).changed { $0.desk = desk }
    try writer.write(gone.rows + other.rows, upTo: 9)
    #expect(place.holds("zanzibar"))
    try writer.write([.deskDeleted(desk, index: 10)] + later.rows, upTo: 20)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(gone.id) == nil)
    #expect(try reader.page(gone.id, .after(.zero), limit: 10).messages.isEmpty)
    #expect(try reader.page(later.id, .after(.zero), limit: 10).messages.count == 1)
    #expect(try reader.search(SearchQuery("zanzibar"), in: .desk(desk), limit: 10).hits.isEmpty)
    #expect(try reader.search(SearchQuery("zebra"), in: .desk(.main), limit: 10).hits.count == 1)
    writer.close()
    for word in ["zanzibar", "okapi", "quagga"] { #expect(!place.holds(word), "\(word) is left") }
    #expect(try ArchiveReader(place.path).check(Month(year: 2026, month: 11)) == 4)
  }

  @Test("a whole state fills what is missing and removes what other desks do not have any more")
  func whole() throws {
    let writer = try ArchiveWriter(place.path)
    let main = Talk(7, ["alpha"])
    let lost = Talk(8, (0..<200).map { "beta \($0)" })
    let gone = Talk(9, ["gamma"]).changed { $0.desk = DeskNumber(4) }
    let negative = Talk(9, ["gamma"]).changed { $0.desk = DeskNumber(900) }
    let kept = Talk(10, ["gamma"]).changed { $0.desk = DeskNumber(3) }
    try writer.write(main.rows + gone.rows + negative.rows, upTo: 5)
    try writer.fill(ArchiveWhole([lost, kept]), then: [], upTo: 50)
    #expect(writer.completeIndex == 50)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(main.id) == main.record)
    #expect(try reader.page(lost.id, .after(.zero), limit: 1_000).messages == lost.messages)
    #expect(
      try reader.search(SearchQuery("gamma"), in: .desk(DeskNumber(3)), limit: 10).hits.map(\.session) == [
        kept.id
      ])
    #expect(try reader.session(negative.id) == nil && reader.session(gone.id) == nil)
    writer.close()
  }

  @Test("of a session's record the newest stands, wherever it comes from, and the log has the last word")
  func newest() throws {
    let writer = try ArchiveWriter(place.path)
    let talk = Talk(7, ["a"])
    let reader = try ArchiveReader(place.path)
    func rated(_ rating: UInt32, _ made: UInt64) -> Talk {
      talk.changed { ($0.rating, $0.made) = (rating, made) }
    }
    try writer.write(rated(3, 30).rows, upTo: 30)
    let missing = ArchiveGap(after: 30, upTo: 40)
    try writer.fill(ArchiveWhole([rated(2, 20)], isAll: false, missing: missing), then: [], upTo: 40)
    #expect(try reader.session(talk.id)?.rating == 3)
    #expect(writer.gaps.list == [missing])
    try writer.fill(ArchiveWhole([rated(4, 40)], isAll: false), then: [], upTo: 50)
    #expect(try reader.session(talk.id)?.rating == 4)
    #expect(writer.gaps.list == [missing])
    try writer.write(rated(1, 10).rows, upTo: 50)
    #expect(try reader.session(talk.id)?.rating == 1)
    // A state is not older than the rows that come with it.
    try writer.fill(ArchiveWhole([rated(5, 60)], isAll: false), then: rated(2, 55).rows, upTo: 60)
    #expect(try reader.session(talk.id)?.rating == 5)
    try writer.fill(ArchiveWhole([]), then: [], upTo: 60)
    #expect(writer.gaps.isEmpty)
    writer.close()
  }

  @Test("a full disk is an error that claims nothing, and the next try works")
  func fullDisk() throws {
    let small = try ArchiveWriter(place.path, ArchiveWriter.Options(mostPages: 60))
    let first = Talk(7, ["alpha"])
    let large = Talk(8, (0..<64).map { "\($0) " + String(repeating: "x", count: 20_000) })
    try small.write(first.rows, upTo: 1)
    do {
      try small.write(large.rows, upTo: 2)
      Issue.record("it had room")
    } catch {
      #expect(error.kind == .disk)
      #expect(error.description.contains("Make room"))
    }
    #expect(small.completeIndex == 1)
    #expect(try ArchiveReader(place.path).session(large.id) == nil)
    small.close()
    let writer = try ArchiveWriter(place.path)
    #expect(writer.findings.isEmpty)
    try writer.write(large.rows, upTo: 2)
    #expect(try ArchiveReader(place.path).page(large.id, .after(.zero), limit: 100).messages == large.messages)
    writer.close()
  }
}
