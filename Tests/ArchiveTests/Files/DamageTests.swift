import Desk
import Foundation
import Testing

@testable import Archive

@Suite("A damaged archive")
struct DamageTests {
  private let place = Place()
  private let november = Month(year: 2026, month: 11)
  private let talk = Talk(7, (0..<100).map { "gorilla \($0) in the mist" })
  private let old = Talk(3, ["giraffe"]).changed { $0.openedAt -= 86_400_000 * 3 }

  private func fill() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(talk.rows + old.rows, upTo: 100)
    writer.close()
  }

  /// As it is after the next start: the month was set aside, is said to be empty, and is filled from a whole state.
  private func expectSetAside(_ sentence: String, complete: UInt64 = 100) throws {
    let writer = try ArchiveWriter(place.path)
    #expect(writer.findings.count == 1)
    #expect(writer.findings.first?.month == november)
    let said = writer.findings.first?.description ?? ""
    #expect(said.contains(sentence), "\(said)")
    #expect(said.contains("filled again"))
    #expect(writer.needsWhole && writer.completeIndex == complete)
    #expect(writer.gaps.list == [ArchiveGap(month: 2026 * 12 + 10, after: 0, upTo: writer.completeIndex)])
    #expect(throws: ArchiveError.self) { try writer.write(talk.rows, upTo: 101) }
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(old.id) == old.record)
    #expect(try reader.session(talk.id) == nil)
    #expect(try !reader.search(SearchQuery("gorilla"), in: .desk(.main), limit: 10).isComplete)
    try writer.fill(ArchiveWhole([talk, old]), then: [], upTo: 102)
    #expect(writer.completeIndex == 102)
    #expect(try reader.page(talk.id, .after(.zero), limit: 1_000).messages == talk.messages)
    #expect(try reader.search(SearchQuery("gorilla"), in: .desk(.main), limit: 10).isComplete)
    writer.close()
    let again = try ArchiveWriter(place.path)
    #expect(again.findings.isEmpty)
    again.close()
  }

  @Test("a file that is missing is found at the start")
  func missing() throws {
    try fill()
    try FileManager.default.removeItem(atPath: place.file("2026-11.sqlite"))
    try expectSetAside("missing")
  }

  @Test("a file that has no beginning any more is found at the start and kept aside")
  func header() throws {
    try fill()
    try place.write(Data(repeating: 0x41, count: 20_000), to: "2026-11.sqlite")
    try expectSetAside("kept as")
    #expect(place.names.contains(".damaged-1-2026-11.sqlite"))
  }

  @Test("an empty file is found at the start")
  func empty() throws {
    try fill()
    try place.write(Data(), to: "2026-11.sqlite")
    try expectSetAside("older copy")
  }

  @Test("the file of another month in its place is found at the start")
  func swapped() throws {
    try fill()
    let october = try Data(contentsOf: URL(fileURLWithPath: place.file("2026-10.sqlite")))
    try place.write(october, to: "2026-11.sqlite")
    try expectSetAside("is the file of 2026-10")
  }

  @Test("an older copy of the month is found at the start")
  func oldCopy() throws {
    try fill()
    let copy = try Data(contentsOf: URL(fileURLWithPath: place.file("2026-11.sqlite")))
    let writer = try ArchiveWriter(place.path)
    try writer.write(Talk(9, ["more"]).rows, upTo: 101)
    writer.close()
    try place.write(copy, to: "2026-11.sqlite")
    try expectSetAside("older copy", complete: 101)
  }

  @Test("a flipped bit in a message is found by whoever reads it, by a search for it and by a check")
  func flippedBit() throws {
    try fill()
    try place.flip("2026-11.sqlite", at: "gorilla 7 in")
    let reader = try ArchiveReader(place.path)
    let mist = try SearchQuery("mist")
    for way in 0..<3 {
      do {
        switch way {
        case 0: _ = try reader.page(talk.id, .after(.zero), limit: 10)
        case 1: _ = try reader.search(mist, in: .desk(.main), limit: 100)
        default: _ = try reader.check(november)
        }
        Issue.record("nothing was found")
      } catch {
        #expect(error.kind == .damaged && error.month == november)
        #expect(error.description.contains("set aside and filled again"))
      }
    }
    #expect(try reader.session(old.id) == old.record)
  }

  @Test(
    "whatever byte of a file is wrong, nothing is read that was not written, and nothing ends the program",
    arguments: 0..<4)
  func anyByte(part: Int) throws {
    try fill()
    let good = try Data(contentsOf: URL(fileURLWithPath: place.file("2026-11.sqlite")))
    var found = 0
    for offset in stride(from: 24 + part * 61, to: good.count, by: 997) {
      var bytes = good
      bytes[offset] ^= UInt8(1 << (offset % 8))
      try place.write(bytes, to: "2026-11.sqlite")
      let reader = try ArchiveReader(place.path)
      do {
        let page = try reader.page(talk.id, .after(.zero), limit: 1_000)
        // A page whose tree has lost a row says that by its count alone.
        #expect(page.messages.allSatisfy { talk.messages[Int($0.sequence.rawValue) - 1] == $0 })
        for hit in try reader.search(SearchQuery("mist"), in: .desk(.main), limit: 100).hits {
          #expect(talk.texts[Int(hit.sequence.rawValue) - 1] == hit.snippet)
        }
        if let session = try reader.session(talk.id) { #expect(session == talk.record) }
        _ = try reader.sessions(ArchivedSessionFilter(desk: .main), limit: 10)
        _ = try reader.check(november)
      } catch let error as ArchiveError {
        found += 1
        #expect(error.kind == .damaged, "\(error)")
      }
      reader.close()
    }
    #expect(found > 0)
  }

  @Test("a damaged catalogue is made again, and the months that are there are kept")
  func catalogue() throws {
    try fill()
    try place.write(Data(repeating: 0x41, count: 8_192), to: "catalogue.sqlite")
    let writer = try ArchiveWriter(place.path)
    #expect(writer.findings.map(\.month) == [nil])
    #expect(writer.needsWhole && writer.completeIndex == 0)
    try writer.fill(ArchiveWhole([]), then: [], upTo: 100)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(talk.id) == talk.record)
    #expect(try reader.page(talk.id, .after(.zero), limit: 1_000).messages == talk.messages)
    writer.close()
  }

  @Test("rows that were committed before a crash and never claimed come again, and change nothing")
  func crashBeforeClaim() throws {
    let catalogue: Data
    do {
      let writer = try ArchiveWriter(place.path)
      try writer.write([], upTo: 5)
      writer.close()
      catalogue = try Data(contentsOf: URL(fileURLWithPath: place.file("catalogue.sqlite")))
    }
    try fill()
    try place.write(catalogue, to: "catalogue.sqlite")
    let writer = try ArchiveWriter(place.path)
    #expect(writer.findings.isEmpty && writer.completeIndex == 5)
    try writer.write(talk.rows + old.rows, upTo: 100)
    let figures = try ArchiveReader(place.path).figures()
    #expect(figures.completeIndex == 100 && figures.messages == 101 && figures.sessions == 2)
    writer.close()
  }
}
