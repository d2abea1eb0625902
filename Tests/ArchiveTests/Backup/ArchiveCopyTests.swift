import Desk
import Foundation
import Testing

@testable import Archive

@Suite("A copy of an archive that is being written")
struct ArchiveCopyTests {
  private let place = Place()
  private let other = Place()

  private func talk(_ index: UInt64, month: UInt64) -> Talk {
    Talk(index, (0..<70).map { "word\(index) \($0)" }).changed { $0.openedAt += month * 31 * 86_400_000 }
  }

  private func hash(_ path: String) throws -> UInt64 {
    let reader = try ArchiveReader(path)
    defer { reader.close() }
    for month in try reader.figures().months { _ = try reader.check(month.month) }
    return try reader.hash()
  }

  @Test("has what was there when it was begun, in files that need nothing beside them")
  func copied() throws {
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    try writer.write((1...6).flatMap { talk($0, month: $0 % 2).rows }, upTo: 6)
    let before = try hash(place.path)
    var told: Set<String> = []
    var isWritten = false
    let copy = try ArchiveCopy(of: place.path, to: other.path) { found in
      #expect(found.completeIndex == 6 && found.gaps.isEmpty && !found.needsWhole)
    } progress: { file, part in
      #expect((0...1).contains(part))
      told.insert(file)
      // The catalogue is copied, and the months are not.
      guard !isWritten else { return }
      isWritten = true
      try writer.write(talk(7, month: 5).rows, upTo: 7)
    }
    #expect(copy.files == ["catalogue.sqlite", "2026-11.sqlite", "2026-12.sqlite"])
    #expect(told == Set(copy.files) && other.names == copy.files.sorted())
    #expect(try hash(other.path) == before)
    #expect(try hash(place.path) != before)
    for name in copy.files {
      let header = try Data(contentsOf: URL(fileURLWithPath: other.file(name))).prefix(20)
      #expect(header[18] == 1 && header[19] == 1, "no log belongs to it")
    }
    let again = try ArchiveWriter(other.path)
    #expect(again.findings.isEmpty && again.completeIndex == 6)
    again.close()
  }

  @Test("of a file that is written between two steps is of the moment at which it was begun")
  func steps() throws {
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    try writer.write((1...20).flatMap { talk($0, month: 0).rows }, upTo: 20)
    let before = try hash(place.path)
    let reader = try ArchiveReader(place.path)
    let month = Month(ms: Talk.november)
    let entry = try #require(reader.contents().entry(month))
    let target = try ArchiveFolder(other.path)
    var steps = 0
    try reader.file(entry).connection.copy(to: target.file(month), pagesAtOnce: 1) { part in
      steps += 1
      guard part < 1, steps <= 30 else { return }
      try writer.write(talk(UInt64(20 + steps), month: 0).rows, upTo: UInt64(20 + steps))
    }
    reader.close()
    #expect(steps > 20)
    #expect(try hash(place.path) != before)
    let copy = try ArchiveWriter(other.path)
    #expect(copy.findings.isEmpty)
    copy.close()
    #expect(try hash(other.path) == before)
    // What the one who watches throws ends it.
    struct Enough: Error {}
    let third = Place()
    #expect(throws: Enough.self) {
      try ArchiveCopy(of: place.path, to: third.path, progress: { _, _ in throw Enough() })
    }
  }

  @Test("leaves out a month that is dropped meanwhile, and ends where one is missing or detached")
  func dropped() throws {
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    try writer.write((1...4).flatMap { talk($0, month: $0 % 2).rows }, upTo: 4)
    let december = try #require(Month(name: "2026-12"))
    let copy = try ArchiveCopy(of: place.path, to: other.path) { _ in try writer.drop(december) }
    #expect(copy.files == ["catalogue.sqlite", "2026-11.sqlite"])
    let again = try ArchiveWriter(other.path)
    #expect(again.findings.isEmpty && again.contents.entry(december)?.state == .dropped)
    again.close()
    let november = try #require(Month(name: "2026-11"))
    for isWrittenSince in [false, true] {
      let fourth = Place()
      let error = #expect(throws: ArchiveError.self) {
        try ArchiveCopy(of: place.path, to: fourth.path) { _ in
          _ = try writer.detach(november, now: december.next)
          // A file of what has come since does not stand for it.
          if isWrittenSince { try writer.write(talk(9, month: 0).rows, upTo: 9) }
        }
      }
      #expect(error?.kind == .declined)
      if isWrittenSince { break }
      try FileManager.default.moveItem(atPath: place.file("detached"), toPath: place.file("attaching"))
      try writer.attach(november)
      try FileManager.default.removeItem(atPath: place.file("attaching"))
    }
    try FileManager.default.moveItem(atPath: place.file("detached"), toPath: place.file("attaching"))
    try writer.attach(november)
    try FileManager.default.removeItem(atPath: place.file("2026-11.sqlite"))
    let third = Place()
    #expect(throws: ArchiveError.self) { try ArchiveCopy(of: place.path, to: third.path) }
  }
}
