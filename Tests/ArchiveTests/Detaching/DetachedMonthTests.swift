import Desk
import Foundation
import GRDB
import Testing

@testable import Archive

@Suite("A month whose file is detached")
struct DetachedMonthTests {
  private let place = Place()
  private let other = Place()
  private let november = Month(year: 2026, month: 11)
  private let december = Month(year: 2026, month: 12)
  private let later = Month(year: 2027, month: 2)

  /// In November for the numbers that are even, else in December; number 4 lies in both.
  private var talks: [Talk] {
    (1...8).map { number in
      Talk(UInt64(number), (0..<70).map { "word\(number) \($0)" }).changed {
        $0.openedAt += number % 2 == 0 ? 0 : 31 * 86_400_000
        $0.customer = "c\(number)"
        if number == 4 { ($0.openedAt, $0.step) = ($0.openedAt + 29 * 86_400_000, 1_320_000) }
      }
    }
  }

  private func written(to path: String) throws -> ArchiveWriter {
    let writer = try ArchiveWriter(path)
    try writer.write(talks.flatMap(\.rows), upTo: 10)
    return writer
  }

  private func hash(_ path: String) throws -> UInt64 {
    let reader = try ArchiveReader(path)
    defer { reader.close() }
    for month in try reader.figures().months { _ = try reader.check(month.month) }
    return try reader.hash()
  }

  private func moveIntoPlace(_ file: String) throws {
    try? FileManager.default.createDirectory(atPath: place.file("attaching"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: file, toPath: place.file("attaching/2026-11.sqlite"))
  }

  @Test("is whole again when it is attached, with what has come for it meanwhile")
  func back() throws {
    let writer = try written(to: place.path)
    let file = try writer.detach(november, now: later)
    #expect(file == place.file("detached/2026-11.sqlite"))
    #expect(!place.names.contains("2026-11.sqlite") && !place.names.contains("2026-11.sqlite-wal"))
    #expect(try DetachedFile.check(november, in: place.file("detached")) > 8)
    // A session that had been open since, and a desk that is deleted.
    let late = Talk(9, (0..<3).map { "late \($0)" }).changed { ($0.made, $0.customer) = (20, "late") }
    try writer.write(late.rows + [.deskDeleted(DeskNumber(5), index: 21)], upTo: 25)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(late.id)?.customer == "late")
    #expect(try reader.session(talks[1].id) == nil)
    try moveIntoPlace(file)
    try writer.attach(november)
    #expect(try reader.session(late.id)?.customer == "late", "a reader that was there sees all of it")
    #expect(try reader.session(talks[1].id)?.customer == "c2")
    let people = try reader.file(try #require(reader.contents().entry(november))).connection.read {
      try String.fetchSet($0, sql: "SELECT person FROM participant")
    }
    #expect(people.isSuperset(of: ["clate", "cc2", "cc8"]))
    reader.close()
    writer.close()
    let same = try written(to: other.path)
    try same.write(late.rows + [.deskDeleted(DeskNumber(5), index: 21)], upTo: 25)
    same.close()
    #expect(try hash(place.path) == hash(other.path))
    let again = try ArchiveWriter(place.path)
    #expect(again.findings.isEmpty && again.contents.detached.isEmpty)
    again.close()
  }

  @Test("is a gap when its file is given up, and whole again with the rows of another archive")
  func givenUp() throws {
    let writer = try written(to: place.path)
    #expect(throws: ArchiveError.self, "it is not detached") { try writer.giveUp(november) }
    let file = try writer.detach(november, now: later)
    try FileManager.default.removeItem(atPath: file)
    try writer.giveUp(november)
    #expect(writer.contents.detached.isEmpty)
    #expect(writer.gaps.list == [ArchiveGap(month: november.gapNumber, after: 0, upTo: 10)])
    try written(to: other.path).close()
    let donor = try ArchiveReader(other.path)
    var place: ArchiveRowPlace?
    repeat {
      let gap = try #require(writer.gaps.list.first)
      let page = try donor.rows(ArchivePageRequest(gap: gap, place: place))
      #expect(page.complete == [gap])
      place = page.next
      try writer.write(page, filling: place == nil ? gap : nil)
    } while place != nil
    #expect(writer.gaps.isEmpty)
    donor.close()
    writer.close()
    #expect(try hash(self.place.path) == hash(other.path))
  }

  @Test("stays away when the log makes its rows once more after a crash; what is new of it is kept")
  func again() throws {
    let writer = try written(to: place.path)
    _ = try writer.detach(november, now: later)
    try writer.write(talks.flatMap(\.rows), upTo: writer.contents.completeIndex)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.session(talks[1].id) == nil)
    let late = Talk(9, (0..<3).map { "late \($0)" }).changed { ($0.made, $0.customer) = (20, "late") }
    try writer.write(talks.flatMap(\.rows) + late.rows, upTo: 25)
    #expect(try reader.session(late.id)?.customer == "late")
    #expect(try reader.session(talks[1].id) == nil)
    reader.close()
    writer.close()
  }

  @Test("comes back without the customers who were erased meanwhile, and what they have said in it")
  func erased() throws {
    let writer = try written(to: place.path)
    let file = try writer.detach(november, now: later)
    // Number 2 is in that month alone, number 4 in the next one as well.
    let erased = ["c2", "c4"].map { name in
      ArchiveRow.customerErased(ErasedCustomer(desk: .main, customer: name, index: 20, time: 1))
    }
    try writer.write(erased, upTo: 20)
    try moveIntoPlace(file)
    try FileManager.default.removeItem(atPath: file)
    try writer.attach(november)
    #expect(writer.contents.erasedSessions.isEmpty, "saved")
    writer.close()
    let same = try written(to: other.path)
    try same.write(erased, upTo: 20)
    same.close()
    #expect(try hash(place.path) == hash(other.path))
    for word in ["word2 1", "word4 1", "cc2", "cc4"] { #expect(!place.holds(word), "\(word)") }
    #expect(place.holds("word6 1"))
  }

  @Test(
    "loses whoever is erased while it still lies in the archive's folder, or in the one to attach from, and stays the same file",
    arguments: [false, true], [false, true])
  func erasedInFolder(isByMark: Bool, isDamaged: Bool) throws {
    let writer = try written(to: place.path)
    let file = try writer.detach(november, now: later)
    try moveIntoPlace(file)
    if isDamaged { try place.flip("detached/2026-11.sqlite", at: "word2 1") }
    let erased = ["c2", "c4"].map { ErasedCustomer(desk: .main, customer: $0, index: 20, time: 1) }
    #expect(place.holds("word2 3", in: "detached") && place.holds("word2 3", in: "attaching"))
    if isByMark {
      try writer.erase(erased.map(\.entry))
    } else {
      try writer.write(erased.map { .customerErased($0) }, upTo: 20)
    }
    for folder in ["detached", "attaching"] {
      for word in ["word2 3", "word4 1", "word4 69", "cc2", "cc4"] {
        #expect(!place.holds(word, in: folder), "\(word) in \(folder)")
      }
    }
    #expect(FileManager.default.fileExists(atPath: file) != isDamaged, "what nobody can read is deleted")
    if !isDamaged { #expect(try DetachedFile.check(november, in: place.file("detached")) > 4) }
    try writer.attach(november)
    writer.close()
    #expect(!place.holds("word4 69") && place.holds("word6 1"))
    _ = try hash(place.path)
  }

  @Test("is said to be missing where it could have a part of what is asked for, and nowhere else")
  func completeness() throws {
    let writer = try written(to: place.path)
    defer { writer.close() }
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    func sessions(_ closed: Range<UInt64>?) throws -> ArchivedSessionPage {
      try reader.sessions(ArchivedSessionFilter(desk: .main, closed: closed), limit: 100)
    }
    func isComplete(_ talk: Talk) throws -> Bool {
      try reader.part(of: talk.id, .after(.zero), limit: 1_000, bytes: .max).isComplete
    }
    let december = december.start..<later.start
    #expect(try sessions(nil).isComplete && isComplete(talks[1]))
    _ = try writer.detach(november, now: later)
    #expect(try !sessions(nil).isComplete)
    #expect(try sessions(december).isComplete && sessions(december).sessions.count == 5)
    #expect(try !isComplete(talks[1]), "all of it is in that month")
    #expect(try isComplete(talks[0]), "opened in the next month")
    #expect(try !isComplete(talks[3]), "begun in that month")
    #expect(try isComplete(Talk(50, ["new"])), "opened by a later entry than any in that file")
    let query = try SearchQuery("word1")
    #expect(try !reader.search(query, in: .desk(.main), limit: 5).isComplete)
    #expect(try reader.figures().months.map(\.state) == [.detached, .kept])
    // What is said to other archives.
    func parts(_ gap: ArchiveGap) throws -> [ArchiveGap] {
      try reader.rows(ArchivePageRequest(gap: gap)).complete
    }
    #expect(try parts(ArchiveGap(after: 0, upTo: 10)) == [])
    #expect(try parts(ArchiveGap(month: self.december.gapNumber, after: 0, upTo: 10)).count == 1)
    try writer.write([], upTo: 40)
    #expect(try parts(ArchiveGap(after: 10, upTo: 40)) == [ArchiveGap(after: 10, upTo: 40)])
  }

  @Test("is refused for a month that is written, missing, incomplete or away, with nothing changed")
  func declined() throws {
    let writer = try written(to: place.path)
    defer { writer.close() }
    func refused(_ month: Month, _ now: Month, _ word: String) {
      let error = #expect(throws: ArchiveError.self) { try writer.detach(month, now: now) }
      #expect(
        error?.kind == .declined && error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
    let before = writer.contents
    refused(november, november, "still written")
    refused(november, december, "still written")
    refused(Month(year: 2020, month: 1), later, "nothing")
    #expect(writer.contents.months == before.months && writer.contents.detached.isEmpty)
    _ = try writer.detach(november, now: later)
    refused(november, later, "already")
    _ = try writer.setAside(december, because: "of a test.")
    refused(december, later, "missing")
  }

  @Test("takes its own file alone: not that of another archive, not an older one, not one that is damaged")
  func strange() throws {
    let writer = try written(to: place.path)
    defer { writer.close() }
    func refused(_ word: String) {
      let error = #expect(throws: ArchiveError.self) { try writer.attach(november) }
      #expect(
        error?.kind == .declined && error?.description.contains(word) == true, "\(error?.description ?? "")")
      try? FileManager.default.removeItem(atPath: place.file("attaching"))
    }
    refused("not detached")
    let file = try writer.detach(november, now: later)
    refused("There is no")
    let strange = try written(to: other.path)
    try moveIntoPlace(try strange.detach(november, now: later))
    strange.close()
    refused("not the file")
    try moveIntoPlace(other.file("2026-12.sqlite"))
    refused("the file of 2026-12")
    // A flipped bit is found before the node is asked.
    let text = "word4 7"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let found = try #require(bytes.range(of: Data(text.utf8)))
    bytes[found.lowerBound] ^= 1
    try bytes.write(to: URL(fileURLWithPath: file))
    let damaged = #expect(throws: ArchiveError.self) {
      try DetachedFile.check(november, in: place.file("detached"))
    }
    #expect(damaged?.kind == .damaged)
    #expect(throws: ArchiveError.self) { try DetachedFile.check(november, in: place.file("nowhere")) }
  }

  @Test("stays away over a new start, is attached when an end came in the middle, and can be dropped")
  func restarts() throws {
    let first = try written(to: place.path)
    let file = try first.detach(november, now: later)
    first.close()
    let second = try ArchiveWriter(place.path)
    #expect(second.findings.isEmpty && second.gaps.isEmpty && second.contents.detached[november] != nil)
    let late = Talk(9, ["late"]).changed { $0.made = 20 }
    try second.write(late.rows, upTo: 20)
    second.close()
    let third = try ArchiveWriter(place.path)
    #expect(third.findings.isEmpty && third.contents.entry(november)?.stamp ?? 0 > 0)
    third.close()
    // As when the end comes after the file was put into its place, and before the catalogue says so.
    let before = try Data(contentsOf: URL(fileURLWithPath: place.file("catalogue.sqlite")))
    let fourth = try ArchiveWriter(place.path)
    try moveIntoPlace(file)
    try fourth.attach(november)
    fourth.close()
    let whole = try hash(place.path)
    try place.write(before, to: "catalogue.sqlite")
    let fifth = try ArchiveWriter(place.path)
    #expect(fifth.findings.isEmpty && fifth.contents.detached.isEmpty)
    try FileManager.default.removeItem(atPath: file)
    _ = try fifth.detach(november, now: later)
    try fifth.attachAgain(place, november)
    fifth.close()
    #expect(try hash(place.path) == whole)
    let sixth = try ArchiveWriter(place.path)
    _ = try sixth.detach(november, now: later)
    try sixth.drop(november)
    #expect(sixth.contents.detached.isEmpty && sixth.contents.entry(november)?.state == .dropped)
    sixth.close()
  }
}

extension ArchiveWriter {
  fileprivate func attachAgain(_ place: Place, _ month: Month) throws {
    try? FileManager.default.createDirectory(
      atPath: place.file("attaching"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: place.file("detached/\(month).sqlite"), toPath: place.file("attaching/\(month).sqlite"))
    try attach(month)
  }
}
