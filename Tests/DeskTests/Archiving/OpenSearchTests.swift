import Testing

@testable import Desk

@Suite("Searching")
struct OpenSearchTests {
  private func pages(_ desk: Desk, _ person: Person, limit: Int) throws -> [[String]] {
    var (pages, query) = ([[String]](), Search(q: "x", limit: limit))
    while true {
      try query.check()
      let asked = QueryRequest(query, isOfCluster: false)
      let answer = try desk.state.answer(asked, by: person, of: .main, from: ModelArchive(desk.state)).get()
      let page = try #require(answer as? Found)
      pages.append(page.hits.map { "\($0.session.logIndex)#\($0.seq.rawValue)" })
      guard let place = query.place(behind: page), pages.count < 100 else { break }
      #expect(ArchivePlace(bytes: place.bytes) == place)
      query.place = place
    }
    return pages
  }

  @Test(
    "finds what is open first, newest first, then what is in the archive, each once, whatever the size of a page"
  )
  func order() throws {
    var desk = Desk()
    let first = desk.open("alice", request: "r1")
    let second = desk.open("alice", request: "r2")
    let over = desk.open("alice", request: "r3")
    var expected: [String] = []
    for number in 1...70 {
      desk.time += 10
      desk.send(first, "f\(number)")
      if number % 10 == 0 { desk.send(second, "s\(number)") }
    }
    desk.send(over, "o1")
    desk.close(over)
    // Two at one moment: the session that was opened later comes first.
    for number in stride(from: 70, through: 65, by: -1) {
      if number == 70 { expected.append("\(second.logIndex)#7") }
      expected.append("\(first.logIndex)#\(number)")
    }
    expected += (1...6).reversed().map { "\(second.logIndex)#\($0)" }
    for limit in [1, 3, 13, 14] {
      let found = try pages(desk, .customer("alice"), limit: limit).flatMap { $0 }
      #expect(Array(found.prefix(expected.count)) == expected, "pages of \(limit)")
      #expect(Set(found).count == found.count)
    }
    // The model gives one page of the archive.
    let all = try pages(desk, .supervisor("sue"), limit: 100).flatMap { $0 }
    #expect(all.count == 78 && Set(all).count == 78)
  }

  @Test("finds in open sessions what the person may read alone")
  func ownAlone() throws {
    var desk = Desk()
    desk.status("bob", capacity: 1)
    let served = desk.open("alice")
    let waits = desk.open("carol")
    desk.send(served, "a")
    desk.send(waits, "c", by: .customer("carol"))
    func found(_ person: Person) throws -> Set<String> {
      Set(try pages(desk, person, limit: 10).flatMap { $0 })
    }
    #expect(try found(.customer("alice")) == ["\(served.logIndex)#1"])
    #expect(try found(.agent("bob")) == ["\(served.logIndex)#1"])
    #expect(try found(.agent("kim")) == [])
    #expect(try found(.supervisor("sue")).count == 2)
  }

  @Test(
    "goes on from nowhere but where a page has ended",
    arguments: [
      "s.2026-11.-9223372036854775808.0", "s.2026-11.-1.0", "s.2026-11.9223372036854775808.0", "s.2026-11.1",
      "s.99999999999999999999-12.1.0", "l.1.2", "l.-1.2.3", "c.1.2", "c.18446744073709551616.1", "x", "s",
      "...",
    ])
  func hostilePlaces(_ text: String) {
    let place = ArchivePlace(text)
    #expect(throws: Failure.self) { try Search(q: "x", after: place).check() }
    if !text.hasPrefix("c.1.2") {
      let sessions = PastSessions(
        customer: nil, agent: nil, skill: nil, channel: nil, ratingFrom: nil, ratingTo: nil, openedFrom: nil,
        openedBefore: nil, closedFrom: nil, closedBefore: nil, limit: 1, after: place)
      #expect(throws: Failure.self) { try sessions.check() }
    }
  }
}
