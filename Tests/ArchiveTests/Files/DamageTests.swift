import Desk
import Foundation
import GRDB
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

  @Test("a month that is damaged again and again does not fill the disk: the first files are kept, and no more")
  func again() throws {
    try fill()
    let writer = try ArchiveWriter(place.path)
    for _ in 1...12 {
      _ = try writer.setAside(november, because: "of a test.")
      try writer.fill(ArchiveWhole([talk, old]), then: [], upTo: 102)
    }
    writer.close()
    let aside = place.names.filter { $0.hasPrefix(".damaged-") && $0.hasSuffix(".sqlite") }
    #expect(aside == (1...8).map { ".damaged-\($0)-2026-11.sqlite" })
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

  @Test(
    "the file of another archive is found at the start, whatever batches it has, and so is the journal of one",
    arguments: ["2026-11.sqlite", "2026-11.sqlite-wal"])
  func foreign(name: String) throws {
    let other = Place()
    let strange = try ArchiveWriter(other.path)
    // It has later batches, and lacks something.
    for index in 1...5 as ClosedRange<UInt64> {
      try strange.write(Talk(20 + index, ["x"]).rows, upTo: 50 + index)
    }
    // Open files have journals that another one can be put in the place of.
    if !name.hasSuffix("wal") { strange.close() }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: other.file(name)))
    if name.hasSuffix("wal") { strange.close() }
    try fill()
    _ = FileManager.default.createFile(atPath: place.file(name), contents: bytes)
    let writer = try ArchiveWriter(place.path)
    let said = writer.findings.first?.description ?? "nothing"
    #expect(writer.findings.count == 1 && said.contains("2026-11"), "\(said)")
    if !name.hasSuffix("wal") { #expect(said.contains("of another archive"), "\(said)") }
    #expect(writer.needsWhole && !writer.gaps.isEmpty)
    try writer.fill(ArchiveWhole([talk, old]), then: [], upTo: 102)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.page(talk.id, .after(.zero), limit: 1_000).messages == talk.messages)
    writer.close()
  }

  @Test("the catalogue of another archive is kept aside, and the months that are there are kept")
  func foreignCatalogue() throws {
    let other = Place()
    let strange = try ArchiveWriter(other.path)
    try strange.write(talk.rows + old.rows + Talk(9, ["x"]).rows, upTo: 500)
    strange.close()
    try fill()
    try place.write(
      try Data(contentsOf: URL(fileURLWithPath: other.file("catalogue.sqlite"))), to: "catalogue.sqlite")
    let writer = try ArchiveWriter(place.path)
    #expect(writer.findings.map(\.month) == [nil])
    #expect(writer.findings.first?.description.contains("of another archive") == true)
    #expect(writer.needsWhole && writer.completeIndex == 0)
    #expect(place.names.contains(".damaged-1-catalogue.sqlite"))
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(talk.id) == talk.record)
    writer.close()
    #expect(try ArchiveWriter(place.path).findings.isEmpty)
  }

  @Test(
    "whatever byte of the catalogue is wrong, it says what was written or is kept aside, and no month is",
    arguments: 0..<4)
  func anyByteOfCatalogue(part: Int) throws {
    try fill()
    let good = try Data(contentsOf: URL(fileURLWithPath: place.file("catalogue.sqlite")))
    let before = try ArchiveReader(place.path).contents()
    var found = 0
    // All that is not zero: most of it is room.
    for (number, offset) in good.indices.filter({ good[$0] != 0 && $0 >= 24 }).enumerated()
    where number % 160 == part * 40 {
      var bytes = good
      bytes[offset] ^= UInt8(1 << (offset % 8))
      for name in place.names where name.contains("catalogue") || name.contains("damaged") {
        try FileManager.default.removeItem(atPath: place.file(name))
      }
      _ = FileManager.default.createFile(atPath: place.file("catalogue.sqlite"), contents: bytes)
      do {
        let writer = try ArchiveWriter(place.path)
        if writer.findings.isEmpty {
          #expect(writer.contents.sum == before.sum, "byte \(offset)")
        } else {
          found += 1
          #expect(
            writer.findings.map(\.month) == [nil] && writer.needsWhole, "byte \(offset): \(writer.findings)")
        }
        writer.close()
      } catch {
        // It says that a newer program has written it, or what SQLite says of it.
        #expect(error.kind != .damaged, "byte \(offset): \(error)")
      }
      #expect(FileManager.default.fileExists(atPath: place.file("2026-11.sqlite")), "byte \(offset)")
    }
    #expect(found > 2)
  }

  @Test("what the release before has written into the catalogue is taken: it knows of no sum")
  func sumOfBefore() throws {
    try fill()
    let writer = try ArchiveWriter(place.path)
    try writer.catalogue.connection.write {
      try $0.execute(sql: "UPDATE fact SET value = 99 WHERE name = 'complete'")
    }
    writer.close()
    let again = try ArchiveWriter(place.path)
    #expect(again.findings.isEmpty && again.completeIndex == 99)
    try again.write([], upTo: 120)
    again.close()
    try ArchiveWriter(place.path).close()
    let reader = try ArchiveReader(place.path)
    #expect(
      try reader.catalogue.connection.read {
        try Int64.fetchOne($0, sql: "SELECT value FROM fact WHERE name = 'sum'")
      }
        == reader.contents().sum)
  }

  @Test("files of a release that did not say of which archive they are are taken, and say so from then on")
  func unnamed() throws {
    try fill()
    let writer = try ArchiveWriter(place.path)
    try writer.catalogue.connection.write {
      try $0.execute(sql: "DELETE FROM fact WHERE name IN ('archive', 'sum')")
    }
    for month in ["2026-10", "2026-11"] {
      let file = try writer.file(#require(Month(name: month)))
      try file.connection.write { try $0.execute(sql: "DELETE FROM fact WHERE name = 'archive'") }
    }
    writer.close()
    let again = try ArchiveWriter(place.path)
    #expect(again.findings.isEmpty && again.contents.identity > 0)
    #expect(try again.file(november).archive() == again.contents.identity)
    #expect(try again.file(#require(Month(name: "2026-10"))).archive() == again.contents.identity)
    again.close()
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
