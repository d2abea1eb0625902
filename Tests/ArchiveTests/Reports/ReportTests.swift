import Desk
import Foundation
import GRDB
import Kernel
import Testing

@testable import Archive

@Suite("The sums of days in an archive")
struct ReportTests {
  private let place = Place()
  private static let day: UInt64 = 86_400_000
  private static let first = ReportDay(Talk.november / day)

  /// Closed on one of some days, for a few agents, skills and channels, with figures or without.
  private func random(_ index: UInt64, _ random: inout SeededGenerator, desk: UInt16 = 0) -> ArchivedSession {
    var talk = Talk(index, [])
    talk.desk = DeskNumber(desk)
    var record = talk.record
    record.openedAt = Talk.november + random.next() % (40 * Self.day)
    record.closedAt = record.openedAt + random.next() % (3 * Self.day)
    record.messages = random.next() % 50
    record.agents = random.next() % 4 == 0 ? [] : ["a\(random.next() % 3)"]
    (record.skill, record.channel) = ("s\(random.next() % 2)", random.next() % 5 == 0 ? "" : "web")
    if random.next() % 3 > 0 {
      record.customerMessages = record.messages / 2
      record.staffMessages = record.messages / 3
      (record.transfers, record.releases) = (random.next() % 3, random.next() % 2)
      if !record.agents.isEmpty {
        record.assignedAt = record.openedAt + (record.closedAt - record.openedAt) / 3
        if random.next() % 3 > 0 {
          record.answeredAt = record.openedAt + (record.closedAt - record.openedAt) / 2
          record.answeredBy = "a\(random.next() % 3)"
        }
      }
    }
    if random.next() % 2 == 0 { rate(&record, &random) }
    return record
  }

  private func rate(_ record: inout ArchivedSession, _ random: inout SeededGenerator) {
    record.rating = 1 + UInt32(random.next() % 5)
    guard record.customerMessages != nil else { return }
    (record.ratedAt, record.ratedAgent) = (record.closedAt + 5, record.agents.first)
  }

  /// From the rows alone.
  private func recount(_ records: some Swift.Sequence<ArchivedSession>, _ question: ReportQuestion)
    -> [ReportGroup: ReportSums]
  {
    var groups: [ReportGroup: ReportSums] = [:]
    for record in records
    where record.session.desk == question.desk && question.days.contains(record.reportDay) {
      for (key, sums) in record.reportSums {
        groups[ReportGroup(question.by, day: record.reportDay, key: key, isOther: false), default: ReportSums()]
          .add(sums)
      }
    }
    return groups
  }

  private func report(_ question: ReportQuestion) throws -> (rows: [ReportGroup: ReportSums], isComplete: Bool)
  {
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    let report = try #require(try reader.report(question))
    #expect(report.rows.map(\.group) == report.rows.map(\.group).sorted())
    return (Dictionary(uniqueKeysWithValues: report.rows.map { ($0.group, $0.sums) }), report.isComplete)
  }

  private func expectSums(of records: some Collection<ArchivedSession>, desks: [DeskNumber] = [.main]) throws {
    for desk in desks {
      for by in ReportGrouping.allCases {
        for days in [Self.first..<Self.first + 60, Self.first + 20..<Self.first + 33, 0..<Self.first] {
          let question = ReportQuestion(desk: desk, days: days, by: by)
          let (rows, isComplete) = try report(question)
          #expect(rows == recount(records, question) && isComplete, "\(desk) \(by) \(days)")
        }
      }
    }
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    for month in 11...12 { _ = try reader.check(Month(year: 2026, month: month)) }
  }

  @Test("are those of the rows, whatever is written, written again, replaced and removed, in whatever order")
  func random() throws {
    var random = SeededGenerator(seed: 12)
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    let desks: [UInt16] = [0, 3, 700]
    var kept: [SessionID: ArchivedSession] = [:]
    var entry: UInt64 = 0
    for round in 0..<12 {
      var rows: [ArchiveRow] = []
      for _ in 0..<40 {
        entry += 1
        if random.next() % 4 == 0, let known = kept.values.randomElement(using: &random) {
          var record = known
          if random.next() % 3 > 0 { rate(&record, &random) }
          kept[record.session] = record
          rows.append(.session(record, RowOrigin(entry)))
          continue
        }
        let record = self.random(entry, &random, desk: desks[Int(random.next() % 3)])
        kept[record.session] = record
        rows.append(.session(record, RowOrigin(entry)))
      }
      if round % 3 == 2 {
        entry += 1
        let gone = DeskNumber(desks[1 + Int(random.next() % 2)])
        kept = kept.filter { $0.key.desk != gone }
        rows.append(.deskDeleted(gone, index: entry))
      }
      try writer.write(rows, upTo: entry)
      // What comes again changes nothing, and what is older neither.
      let known = try #require(kept.values.randomElement(using: &random))
      let older: ArchivedSession = {
        var older = known
        older.rating = 1
        return older
      }()
      let whole = ArchiveWhole(desks: Set(desks.map { DeskNumber($0) }), isAll: true, missing: nil) {
        [entry] take in
        try take(.session(known, RowOrigin(since: 0, made: entry)))
        try take(.session(older, RowOrigin(since: 0, made: 0)))
      }
      try writer.fill(whole, then: [], upTo: entry)
      try expectSums(of: kept.values, desks: desks.map { DeskNumber($0) })
    }
    #expect(kept.count > 100)
    try writer.drop(Month(year: 2026, month: 12))
    let rest = kept.values.filter { Month(ms: $0.closedAt) == Month(year: 2026, month: 11) }
    try expectSums(of: rest, desks: desks.map { DeskNumber($0) })
  }

  @Test(
    "a month of an earlier release is counted part by part, while others are written, and says so until then")
  func earlier() throws {
    var random = SeededGenerator(seed: 13)
    var kept: [SessionID: ArchivedSession] = [:]
    var writer = try ArchiveWriter(place.path)
    // Twice what is counted at once, in one month.
    let count = UInt64(ArchiveWriter.mostCounted * 2)
    var rows: [ArchiveRow] = []
    for entry in 1...count {
      var record = self.random(entry, &random)
      record.closedAt = Talk.november + entry
      (record.openedAt, record.assignedAt, record.answeredAt) = (Talk.november, nil, nil)
      kept[record.session] = record
      rows.append(.session(record, RowOrigin(entry)))
    }
    try writer.write(rows, upTo: count)
    writer.close()
    let queue = try DatabaseQueue(path: place.file("2026-11.sqlite"))
    try queue.inDatabase { db in
      try db.execute(
        sql: """
          DROP TABLE day; DELETE FROM fact WHERE name IN ('counted', 'counted_stamp')
          """)
    }
    try queue.close()

    writer = try ArchiveWriter(place.path)
    #expect(writer.hasUncounted)
    let question = ReportQuestion(desk: .main, days: Self.first..<Self.first + 1, by: .none)
    let none = try report(question)
    #expect(none.rows.isEmpty && !none.isComplete)
    try writer.countSome()
    #expect(writer.hasUncounted)
    let some = try report(question)
    #expect(some.rows.values.first?.conversations == Int64(ArchiveWriter.mostCounted) && !some.isComplete)
    // One that is counted, one that is not, and one that is new.
    let sorted = kept.values.sorted { $0.session < $1.session }
    var changed = [sorted[3], sorted[Int(count) - 3]]
    for place in changed.indices { rate(&changed[place], &random) }
    var new = self.random(count + 1, &random)
    new.closedAt = Talk.november + 7
    new.openedAt = Talk.november
    changed.append(new)
    for record in changed { kept[record.session] = record }
    try writer.write(changed.map { .session($0, RowOrigin(count + 1)) }, upTo: count + 1)
    while writer.hasUncounted { try writer.countSome() }
    try expectSums(of: kept.values)
    writer.close()
    writer = try ArchiveWriter(place.path)
    #expect(!writer.hasUncounted)
    writer.close()
  }

  @Test("what a release has written that knows no sums, and opens the file as it did, is counted afterwards")
  func takenBack() throws {
    var writer = try ArchiveWriter(place.path)
    let talks = (1...5).map { Talk(UInt64($0), ["a"]) }
    try writer.write(talks.flatMap(\.rows), upTo: 5)
    writer.close()
    let queue = try DatabaseQueue(path: place.file("2026-11.sqlite"))
    try queue.inDatabase { db in
      let migrations = try String.fetchAll(
        db, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
      #expect(migrations == ["1", "2"], "an earlier release would not open it")
      try db.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [talks[0].id.stored])
      try db.execute(sql: "UPDATE fact SET value = value - 1 WHERE name = 'sessions'")
      try db.execute(sql: "UPDATE fact SET value = value + 1 WHERE name = 'stamp'")
    }
    try queue.close()
    writer = try ArchiveWriter(place.path)
    #expect(writer.hasUncounted && writer.findings.isEmpty)
    while writer.hasUncounted { try writer.countSome() }
    try expectSums(of: talks.dropFirst().map(\.record))
    writer.close()
    #expect(try !ArchiveWriter(place.path).hasUncounted)
  }

  @Test("the archive's thread counts by itself what is not counted")
  func byItself() async throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(Talk(7, ["a"]).rows, upTo: 7)
    writer.close()
    let queue = try DatabaseQueue(path: place.file("2026-11.sqlite"))
    try queue.inDatabase { db in
      try db.execute(
        sql: "DELETE FROM day; UPDATE fact SET value = -9223372036854775807 WHERE name = 'counted'")
    }
    try queue.close()
    let archivist = try Archivist(directory: place.path) { _ in }
    defer { archivist.close() }
    let question = ReportQuestion(desk: .main, days: Self.first..<Self.first + 1, by: .none)
    let end = ContinuousClock.now + .seconds(10)
    while try !report(question).isComplete, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    let (rows, isComplete) = try report(question)
    #expect(isComplete && rows.values.first?.conversations == 1)
  }

  @Test("more names than a day keeps apart are together in one row, out of which they can be taken again")
  func other() throws {
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    writer.writing.mostNames = 3
    let desk = DeskNumber(5)
    func talk(_ index: UInt64, _ agent: String, _ desk: DeskNumber) -> ArchivedSession {
      var record = Talk(index, []).changed { ($0.agents, $0.desk) = ([agent], desk) }.record
      record.rating = 4
      return record
    }
    var all: [ArchivedSession] = []
    for index in UInt64(1)...20 { all.append(talk(index, "a\(index % 6)", desk)) }
    for index in UInt64(21)...22 { all.append(talk(index, "b\(index)", .main)) }
    for (place, record) in all.enumerated() {
      try writer.write([.session(record, RowOrigin(UInt64(place + 1)))], upTo: UInt64(place + 1))
    }
    let question = ReportQuestion(desk: desk, days: Self.first..<Self.first + 2, by: .agent)
    let rows = try report(question).rows
    #expect(rows.keys.filter { !$0.isOther }.map(\.name.text).sorted() == ["a1", "a2", "a3"])
    #expect(rows.first { $0.key.isOther }?.value.conversations == 9)
    #expect(rows.values.reduce(0) { $0 + $1.conversations } == 20)
    // One of those that are not kept apart gets another rating.
    var rated = all[3]
    #expect(rated.agents == ["a4"])
    rated.rating = 1
    try writer.write([.session(rated, RowOrigin(30))], upTo: 30)
    #expect(try report(question).rows.first { $0.key.isOther }?.value.ratingSum == 9 * 4 - 3)
    try writer.write([.deskDeleted(desk, index: 40)], upTo: 40)
    #expect(try report(question).rows.isEmpty && !writer.hasUncounted)
    try writer.write([.session(talk(50, "a5", desk), RowOrigin(50))], upTo: 50)
    #expect(try report(question).rows.keys.map(\.isOther) == [false], "there is room again")
    let main = ReportQuestion(desk: .main, days: question.days, by: .agent)
    #expect(try report(main).rows.count == 2, "each desk has room of its own")
  }

  @Test("sums that are not those of the rows are thrown away and counted anew, and a check finds them")
  func wrong() throws {
    var writer = try ArchiveWriter(place.path)
    let talks = (1...5).map { Talk(UInt64($0), ["a"]) }
    try writer.write(talks.flatMap(\.rows), upTo: 5)
    writer.close()
    let queue = try DatabaseQueue(path: place.file("2026-11.sqlite"))
    try queue.inDatabase { try $0.execute(sql: "DELETE FROM day") }
    try queue.close()
    let month = Month(year: 2026, month: 11)
    #expect(throws: ArchiveError.self) { try ArchiveReader(place.path).check(month) }
    writer = try ArchiveWriter(place.path)
    let other = talks[2].changed { ($0.rating, $0.agents) = (5, ["kim"]) }
    try writer.write([.session(other.record, RowOrigin(6))], upTo: 6)
    #expect(writer.hasUncounted)
    while writer.hasUncounted { try writer.countSome() }
    writer.close()
    #expect(try ArchiveReader(place.path).check(month) == 10)
    let question = ReportQuestion(desk: .main, days: Self.first..<Self.first + 1, by: .none)
    let sums = try #require(try report(question).rows.values.first)
    #expect(sums.conversations == 5 && sums.ratingSum == 5)
  }

  @Test("what would be too much to add up is not added up, and a flipped bit in a sum is found")
  func bounds() throws {
    let writer = try ArchiveWriter(place.path)
    let talks = (1...3).map { number in
      Talk(UInt64(number), ["a"]).changed { $0.agents = ["marker\(number)"] }
    }
    try writer.write(talks.flatMap(\.rows), upTo: 3)
    writer.close()
    let question = ReportQuestion(desk: .main, days: 0..<ReportDay.max, by: .none)
    let much = try ArchiveReader(place.path).report(question, most: 2)
    #expect(much == nil)
    #expect(try ArchiveReader(place.path).report(question, most: 3)?.rows.first?.sums.conversations == 3)
    let queue = try DatabaseQueue(path: place.file("2026-11.sqlite"))
    try queue.inDatabase { try $0.execute(sql: "UPDATE day SET skill = CAST('other' AS BLOB)") }
    try queue.close()
    let error = #expect(throws: ArchiveError.self) { try ArchiveReader(place.path).report(question) }
    #expect(error?.kind == .damaged && error?.month == Month(year: 2026, month: 11))
  }
}
