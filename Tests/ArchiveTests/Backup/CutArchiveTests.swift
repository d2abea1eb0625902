import Desk
import Foundation
import GRDB
import Testing

@testable import Archive

@Suite("An archive that is cut to an entry of the log")
struct CutArchiveTests {
  private let place = Place()
  private let other = Place()

  /// - Parameter states: chunks of sessions that had left the state; who is not named is not in it.
  private func cut(_ index: UInt64, states: [SessionID: Int] = [:]) throws -> Int {
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    return try writer.cut(after: index) { states[$0] }
  }

  private func write(_ rows: [ArchiveRow], upTo index: UInt64, to path: String) throws {
    let writer = try ArchiveWriter(path)
    try writer.write(rows, upTo: index)
    writer.close()
  }

  private func hash(_ path: String) throws -> UInt64 {
    let reader = try ArchiveReader(path)
    defer { reader.close() }
    for month in try reader.figures().months { _ = try reader.check(month.month) }
    return try reader.hash()
  }

  @Test("is the one that was written up to there, with its words and its people")
  func same() throws {
    let talks = (1...40).map { number in
      Talk(UInt64(number * 10), (0..<(number % 5 == 0 ? 150 : 3)).map { "word\(number) \($0)" }).changed {
        $0.made = UInt64(number * 10 + 5)
        $0.openedAt += UInt64(number % 3) * 86_400_000 * 31
        $0.customer = "c\(number)"
      }
    }
    try write(talks.flatMap(\.rows), upTo: 500, to: place.path)
    try write(talks.prefix(25).flatMap(\.rows), upTo: 256, to: other.path)
    // 15 conversations: 12 of one chunk and three of three, with a record each.
    #expect(try cut(256) == 12 * 2 + 3 * 4)
    #expect(try hash(place.path) == hash(other.path))
    #expect(place.holds("word25") == other.holds("word25"))
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    let contents = try reader.contents()
    #expect(contents.completeIndex == 256 && contents.needsWhole)
    for entry in contents.kept {
      let people = try reader.file(entry).connection.read {
        try String.fetchSet($0, sql: "SELECT person FROM participant")
      }
      #expect(people.isDisjoint(with: (26...40).map { "cc\($0)" }))
    }
    #expect(try cut(256) == 0, "once is enough")
  }

  @Test("keeps of a session in the state what has left the state, whatever is known of when it was made")
  func leftChunks() throws {
    let long = Talk(5, (0..<150).map { "line \($0)" }).changed { $0.made = 20 }
    let found = Talk(6, (0..<150).map { "text \($0)" })
    let lingering = Talk(7, ["one", "two"]).changed { $0.made = 30 }
    let gone = Talk(8, ["three"])
    let writer = try ArchiveWriter(place.path)
    // Of a whole state nobody knows exactly which entries have made its rows.
    try writer.fill(
      ArchiveWhole(desks: []) { body in
        for talk in [found, gone] {
          for row in talk.rows { try body(row.made(since: talk.index, by: 40)) }
        }
      }, then: long.rows + lingering.rows, upTo: 40)
    writer.close()
    let removed = try cut(10, states: [long.id: 0, found.id: 2, lingering.id: 0])
    #expect(removed == 4 + 2 + 2)
    let kept = found.chunks.prefix(2) + gone.rows
    try write(Array(kept), upTo: 10, to: other.path)
    #expect(try hash(place.path) == hash(other.path))
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    for entry in try reader.contents().kept {
      let latest = try reader.file(entry).connection.read {
        try Int.fetchOne(
          $0, sql: "SELECT max(made) FROM (SELECT made FROM chunk UNION ALL SELECT made FROM session)")
      }
      #expect(latest == 10, "nothing says that it was made later")
    }
  }

  @Test("forgets deletions of desks and gaps that came later, and keeps those before")
  func catalogue() throws {
    let writer = try ArchiveWriter(place.path)
    let talk = Talk(5, ["hello"]).changed { $0.desk = DeskNumber(900) }
    try writer.fill(
      ArchiveWhole(desks: [DeskNumber(900)], isAll: false, missing: ArchiveGap(after: 2, upTo: 30)) { _ in },
      then: talk.rows + [.deskDeleted(DeskNumber(7), index: 8), .deskDeleted(DeskNumber(8), index: 20)],
      upTo: 40)
    _ = try writer.cut(after: 10) { _ in nil }
    #expect(writer.contents.deletions == [7: 8])
    #expect(writer.contents.gaps == ArchiveGaps([ArchiveGap(after: 2, upTo: 10)]))
    #expect(writer.completeIndex == 10 && writer.needsWhole)
    writer.close()
  }
}

extension ArchiveRow {
  fileprivate func made(since: UInt64, by index: UInt64) -> ArchiveRow {
    let origin = RowOrigin(since: since, made: index)
    return switch self {
    case .chunk(let chunk, _): .chunk(chunk, origin)
    case .session(let session, _): .session(session, origin)
    case .deskDeleted, .customerErased, .monthsDropped, .audit: self
    }
  }
}
