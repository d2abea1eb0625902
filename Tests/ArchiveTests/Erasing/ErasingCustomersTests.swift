import Desk
import Foundation
import Testing

@testable import Archive

@Suite("An archive erases customers")
struct ErasingCustomersTests {
  private let place = Place()
  private let later = Talk.november + 40 * 86_400_000

  private func erased(_ customer: String, at index: UInt64, in desk: DeskNumber = .main) -> ArchiveRow {
    .customerErased(ErasedCustomer(desk: desk, customer: customer, index: index, time: 0))
  }

  private func talk(_ index: UInt64, _ customer: String, _ texts: [String]) -> Talk {
    Talk(index, texts).changed { $0.customer = customer }
  }

  @Test(
    "nothing of the customer is left in any file: not in words, people or what was set aside; others keep theirs"
  )
  func files() throws {
    let writer = try ArchiveWriter(place.path)
    let gone = talk(7, "quagga", ["zanzibar secret", "okapi"])
    // Months apart: what was said in November is known of December's record alone.
    let long = talk(8, "quagga", ["zanzibar again", "okapi"]).changed { $0.step = 30 * 86_400_000 }
    let other = talk(9, "zebra", ["walrus"])
    let elsewhere = talk(10, "quagga", ["wombat"]).changed { $0.desk = DeskNumber(3) }
    let back = talk(20, "quagga", ["narwhal"])
    try writer.write(gone.rows + long.rows + other.rows + elsewhere.rows, upTo: 11)
    try Data("zanzibar".utf8).write(to: URL(fileURLWithPath: place.file(".damaged-1-2026-11.sqlite")))
    #expect(place.holds("zanzibar") && place.holds("okapi"))
    try writer.write([erased("quagga", at: 12)] + back.rows, upTo: 20)
    let reader = try ArchiveReader(place.path)
    for talk in [gone, long] {
      #expect(try reader.session(talk.id) == nil)
      #expect(try reader.page(talk.id, .after(.zero), limit: 10).messages.isEmpty)
    }
    #expect(try reader.search(SearchQuery("zanzibar"), in: .desk(.main), limit: 10).hits.isEmpty)
    for talk in [other, elsewhere, back] { #expect(try reader.session(talk.id) == talk.record) }
    #expect(try reader.search(SearchQuery("narwhal"), in: .desk(.main), limit: 10).hits.count == 1)
    writer.close()
    for word in ["zanzibar", "okapi"] { #expect(!place.holds(word), "\(word) is left") }
  }

  @Test(
    "a month that knows the customer only by name forgets the name, told by it and told by a mark",
    arguments: [false, true])
  func named(isByMark: Bool) throws {
    let writer = try ArchiveWriter(place.path)
    let other = talk(7, "zebra", ["walrus"]).changed { $0.openedAt += 86_400_000 }
    // Opened in November, where somebody else has spoken; all of it is of later months.
    let gone = talk(8, "quagga-77", ["okapi"]).changed { $0.step = 40 * 86_400_000 }
    try writer.write(other.rows, upTo: 7)
    try writer.write(gone.rows, upTo: 9)
    if isByMark {
      let entry = ErasedCustomer(desk: .main, customer: "quagga-77", index: 12, time: 0).entry
      try writer.erase([entry])
    } else {
      try writer.write([erased("quagga-77", at: 12)], upTo: 12)
    }
    writer.close()
    #expect(!place.holds("quagga-77") && !place.holds("okapi") && place.holds("zebra"))
  }

  @Test("an archive of an earlier life goes with whoever is erased: nobody looks after it")
  func earlierLife() throws {
    let earlier = place.path + ".earlier-1"
    defer { try? FileManager.default.removeItem(atPath: earlier) }
    let old = try ArchiveWriter(earlier)
    try old.write(talk(7, "quagga", ["okapi"]).rows, upTo: 8)
    old.close()
    let writer = try ArchiveWriter(place.path)
    try writer.write(talk(7, "zebra", ["walrus"]).rows, upTo: 8)
    #expect(FileManager.default.fileExists(atPath: earlier + "/catalogue.sqlite"))
    try writer.write([erased("quagga", at: 12)], upTo: 12)
    writer.close()
    #expect(!FileManager.default.fileExists(atPath: earlier))
  }

  @Test("rows of another archive that has not heard of it are not taken, whatever the order in which they come")
  func pages() throws {
    let gone = talk(7, "quagga", (0..<70).map { "okapi \($0)" })
    let kept = talk(8, "zebra", ["walrus"])
    let after = talk(30, "quagga", ["narwhal"])
    let other = Place()
    let lender = try ArchiveWriter(other.path)
    try lender.write(gone.rows + kept.rows + after.rows, upTo: 40)
    let reading = try ArchiveReader(other.path)
    var page = try reading.rows(ArchivePageRequest(gap: ArchiveGap(after: 0, upTo: 40)))
    for isReversed in [false, true] {
      let place = Place()
      let writer = try ArchiveWriter(place.path)
      try writer.write([erased("quagga", at: 12)], upTo: 12)
      if isReversed { page.rows.reverse() }
      for row in page.rows {
        var one = page
        one.rows = [row]
        try writer.write(one, filling: nil)
      }
      let reader = try ArchiveReader(place.path)
      #expect(try reader.session(gone.id) == nil)
      #expect(try reader.page(gone.id, .after(.zero), limit: 100).messages.isEmpty)
      #expect(try reader.session(kept.id) == kept.record && reader.session(after.id) == after.record)
      writer.close()
      #expect(!place.holds("okapi"))
    }
  }

  @Test("a chunk in which the customer says nothing is known by the session, after a restart as well")
  func silent() throws {
    let gone = talk(7, "quagga", ["okapi", "okapi"])
    let silent = try #require(
      ArchivedChunk(
        of: [gone.messages[1]].map { message in
          var message = message
          message.sequence = Sequence(1)
          return message
        }, in: gone.id, openedAt: gone.openedAt))
    let writer = try ArchiveWriter(place.path)
    try writer.write(gone.rows, upTo: 8)
    try writer.write([erased("quagga", at: 12)], upTo: 12)
    writer.close()
    let again = try ArchiveWriter(place.path)
    try again.write([.chunk(silent, RowOrigin(since: 7, made: 9))], upTo: 13)
    again.close()
    #expect(!place.holds("okapi"))
  }

  @Test("what was erased while an archive was away goes when a whole state comes, by the marks alone")
  func whole() throws {
    let gone = talk(7, "quagga", ["okapi"])
    let other = talk(8, "zebra", ["walrus"])
    let back = talk(30, "quagga", ["narwhal"])
    let writer = try ArchiveWriter(place.path)
    try writer.write(gone.rows + other.rows, upTo: 9)
    let entry = ErasedCustomer(desk: .main, customer: "quagga", index: 12, time: 0).entry
    let whole = ArchiveWhole(desks: [.main], isAll: false, erasures: [entry]) { body in
      for row in back.rows { try body(row) }
    }
    try writer.fill(whole, then: [], upTo: 40)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(gone.id) == nil)
    #expect(try reader.session(other.id) != nil && reader.session(back.id) != nil)
    writer.close()
    #expect(!place.holds("okapi"))
    #expect(try ArchiveWriter(place.path).contents.erasures == [entry.mark: 12])
  }
}
