import Kernel
import Testing

@testable import Desk

@Suite("A history over the border between state and archive")
struct JoinedHistoryTests {
  private var desk = Desk()
  private var archive = RowArchive()
  private let session: SessionID
  private let count = 400

  init() {
    desk.raise(.sixth)
    session = desk.open()
    for number in 1...count {
      desk.time += UInt64(number % 3)
      take(desk.send(session, "m\(number)", body: String(repeating: "x", count: number % 50)))
    }
    take(desk.pass(1))
  }

  private mutating func take(_ outcome: Desk.Outcome) {
    var rows: [ArchiveRow] = []
    desk.state.archive(outcome.all, index: desk.index, into: &rows)
    for row in rows { archive.take(row) }
  }

  private func page(_ range: TranscriptRange, _ limit: Int, _ bytes: Int = .max) throws -> (
    [UInt64], more: Bool
  ) {
    let page = try desk.state.history(
      of: session, range, limit: limit, bytes: bytes, by: .customer("alice"), of: .main, from: archive,
      isCaughtUp: true)
    return (page.messages.map(\.sequence.rawValue), page.more)
  }

  @Test(
    "gives the same pages as a state that keeps everything, from any place, in any direction, by number and by bytes"
  )
  func same() throws {
    var whole = Desk()
    let twin = whole.open()
    for number in 1...count {
      whole.time += UInt64(number % 3)
      whole.send(twin, "m\(number)", body: String(repeating: "x", count: number % 50))
    }
    let kept = try #require(desk.state.session(session)).firstKept.rawValue
    #expect(kept > 200)
    let all = try #require(whole.state.session(twin))
    for place in stride(from: 0, through: UInt64(count) + 1, by: 7) + [
      1, 2, kept - 2, kept - 1, kept, kept + 1, .max,
    ] {
      for (limit, bytes) in [
        (1, Int.max), (10, .max), (64, .max), (150, .max), (1_000, .max), (100, 3_000), (5, 1),
      ] {
        let time = all.message(at: Sequence(min(max(place, 1), 400)))?.time ?? 0
        for range in [TranscriptRange.after(Sequence(place)), .before(Sequence(place)), .since(time)] {
          let expected = all.page(range, limit: limit, bytes: bytes)
          let found = try page(range, limit, bytes)
          #expect(
            found.0 == expected.messages.map(\.sequence.rawValue) && found.more == expected.more,
            "\(range), \(limit), \(bytes): more \(found.more)")
        }
      }
    }
  }

  @Test("has no hole where the archive is behind: it is refused")
  mutating func behind() throws {
    archive.drop(chunksFrom: 2)
    #expect(throws: Failure.self) { try page(.after(.zero), 200) }
    #expect(try page(.after(.zero), 128).0 == Array(1...128))
    #expect(throws: Failure.self) { try page(.after(Sequence(130)), 5) }
    #expect(throws: Failure.self) { try page(.before(Sequence(280)), 200) }
    let kept = try #require(desk.state.session(session)).firstKept.rawValue
    #expect(try page(.before(Sequence(kept + 10)), 10).0 == Array(kept..<kept + 10))
  }

  @Test(
    "of a session that is not in the archive yet is refused with `busy`, and is `not_found` when the archive has all"
  )
  mutating func notYet() throws {
    take(desk.close(session))
    desk.apply(.timePasses(TimePasses(limit: 10, endedBefore: .max)))
    let empty = RowArchive()
    for isCaughtUp in [false, true] {
      #expect(throws: isCaughtUp ? Failure.noSuchSession : .notInArchive) {
        try desk.state.history(
          of: session, .after(.zero), limit: 5, bytes: .max, by: nil, of: .main, from: empty,
          isCaughtUp: isCaughtUp)
      }
    }
    archive.drop(chunksFrom: 3)
    let page = try desk.state.history(
      of: session, .after(.zero), limit: 1_000, bytes: .max, by: nil, of: .main, from: archive, isCaughtUp: true
    )
    #expect(page.messages.count == 192 && page.more)
    #expect(throws: Failure.notInArchive) {
      try desk.state.history(
        of: session, .after(Sequence(192)), limit: 5, bytes: .max, by: nil, of: .main, from: archive,
        isCaughtUp: true)
    }
  }

  @Test("of a session that has left is for those alone who might read it before")
  mutating func gone() throws {
    desk.status("bob")
    take(desk.close(session))
    take(desk.apply(.timePasses(TimePasses(limit: 10, endedBefore: .max))))
    #expect(desk.state.session(session) == nil)
    #expect(try page(.after(.zero), 1_000).0 == Array(1...400))
    #expect(try page(.before(Sequence(.max)), 3).0 == [398, 399, 400])
    #expect(try page(.before(.zero), 3).0 == [] && page(.after(Sequence(.max)), 3).0 == [])
    func read(_ person: Person, _ desk: DeskName = .main) throws -> Int {
      try self.desk.state.history(
        of: session, .after(.zero), limit: 5, bytes: .max, by: person, of: desk, from: archive,
        isCaughtUp: true
      ).messages.count
    }
    for person in [Person.agent("bob"), .supervisor("sue"), .admin("root"), .customer("alice")] {
      #expect(try read(person) == 5)
    }
    for person in [Person.agent("eve"), .customer("bob"), .customer("ALICE")] {
      #expect(throws: Failure.notYours) { try read(person) }
    }
    #expect(throws: Failure.noSuchSession) { try read(.supervisor("sue"), DeskName("acme") ?? .main) }
    // Whoever serves the customer now reads what was said before.
    desk.status("eve")
    let next = desk.open("alice", request: "r2")
    #expect(desk.agents(of: next) == ["bob"] || desk.agents(of: next) == ["eve"])
    #expect(try read(.agent(desk.agents(of: next)[0])) == 5)
  }
}
