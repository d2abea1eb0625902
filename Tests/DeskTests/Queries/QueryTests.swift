import Kernel
import Testing

@testable import Desk

/// Whatever is declared as a query.
@Suite("Queries")
struct QueryTests {
  private static let seed: UInt64 = 20_261_133

  /// - Returns: what a sample of the query is answered, as bytes.
  private static func ask<One: Query>(
    _: One.Type, _ random: inout SeededGenerator, by person: Person, of desk: DeskName,
    in states: [ReplicatedState]
  ) -> [(bytes: [UInt8]?, looked: Int)] {
    let drawn = One.fields.sample(&random)
    // What is asked of a session is asked of one that is there.
    let known = states[0].main.sessionTable.sortedKeys
    let place = known.isEmpty ? nil : Int(random.next() % UInt64(known.count))
    let query =
      place.flatMap { place in
        Explain(session: known[place]) as? One ?? Notes(session: known[place]) as? One
          ?? Participants(session: known[place]) as? One
      } ?? drawn
    return states.map { state in
      let asked = QueryRequest(query, isOfCluster: desk == .main && person.role == .admin)
      let (answer, looked) =
        asked.isOfArchive
        ? (state.answer(asked, by: person, of: desk, from: ModelArchive(state)), 0)
        : state.answer(asked, by: person, of: desk)
      let record = try? answer.get() as? One.Answer
      return (record.map { One.Answer.fields.encode($0) }, looked)
    }
  }

  @Test("whoever is of one desk is answered as if there were no other", arguments: 0..<Operations.queries.count)
  func isolation(_ place: Int) throws {
    var (full, bare) = (Desk(), Desk())
    let (other, _) = (full.create("other"), bare.create("other"))
    // Named alike in both desks, and all of them serve or are served in one.
    for number in 0..<20 { full.open("p\(number % 2)", in: .main, request: "r\(number)") }
    for name in ["p0", "p1"] { full.status(name, in: .main, capacity: 5) }
    // Some are over, and something was said in them and in others.
    for number in 0..<20 {
      let customer = Person.customer("p\(number % 2)")
      guard let id = full.open(customer.id, in: .main, request: "r\(number)").session else { continue }
      full.send(id, "m\(number)", by: customer)
      if number % 3 == 0 { full.close(id, by: customer) }
    }
    full.raise(.newest)
    bare.raise(.newest)
    full.arrange(SetPolicy(channel: "*", intent: "*", policy: Policy(algorithm: .skill)))
    full.arrange(SetTimers(TimerRules(queueLimit: 60_000)))
    let erase = DeskRecord(EraseCustomer(customer: "gone"), id: "e")
    let root = Person(id: "root", role: .admin, name: "")
    full.apply(.arrange(DeskEnvelope(erase, by: root, in: .main, presence: nil)))
    for number in 0..<SetCalendar.most {
      let set = SetCalendar(
        calendar: "n\(number * 15)", hours: BusinessHours(zone: "UTC", week: Array(repeating: [], count: 7)))
      full.apply(
        .arrange(DeskEnvelope(DeskRecord(set, id: "c\(number)"), by: root, in: .main, presence: nil)))
    }
    #expect(full.state.desks.first { $0.number == other }?.sessionCounts == SessionCounts())
    var random = SeededGenerator(seed: Self.seed)
    var differing = 0
    for round in 0..<200 {
      for role in UserRole.allCases {
        let person = Person(id: "p\(round % 2)", role: role, name: "")
        var again = random
        let told = Self.ask(
          Operations.queries[place], &random, by: person, of: Desk.name("other"), in: [full.state, bare.state])
        #expect(told[0].bytes == told[1].bytes, "\(Operations.queries[place].name), seed \(Self.seed)")
        let own = Self.ask(
          Operations.queries[place], &again, by: person, of: .main, in: [full.state, bare.state])
        if own[0].bytes != own[1].bytes { differing += 1 }
      }
    }
    // Else nothing that is kept apart would have been seen.
    #expect(differing > 0)
  }

  @Test("no query looks at more than its bound", arguments: 0..<Operations.queries.count)
  func bound(_ place: Int) {
    var state = ReplicatedState()
    var effects: [Effect] = []
    let openings = (0..<(QueryReader.most + 200)).map { number in
      OpenSession.by("p0", request: "r\(number)", skill: "", priority: 0, owner: Desk.one)
    }
    for (entry, start) in stride(from: 0, to: openings.count, by: 1_000).enumerated() {
      let some = openings[start..<min(start + 1_000, openings.count)]
      let submissions = some.map {
        Submission(origin: Origin(server: Desk.one, request: 0), command: .open($0))
      }
      state.apply(submissions, index: UInt64(entry + 1), now: 1_000, into: &effects)
    }
    #expect(state.sessionCounts.queued == openings.count)
    var random = SeededGenerator(seed: Self.seed)
    for round in 0..<40 {
      let person = Person(id: "p0", role: UserRole.allCases[round % 4], name: "")
      let told = Self.ask(Operations.queries[place], &random, by: person, of: .main, in: [state])
      #expect(told[0].looked <= QueryReader.most, "\(Operations.queries[place].name)")
    }
  }

  @Test("nobody is answered from a desk that is not there")
  func unknown() {
    let state = ReplicatedState()
    let asked = QueryRequest(Sessions(), isOfCluster: true)
    let answer = state.answer(asked, by: .customer("a"), of: Desk.name("nowhere")).answer
    guard case .failure(let failure) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(failure.code == .notFound)
  }

  @Test("the pages of a list hold all of it once, from the newest on")
  func pages() throws {
    var desk = Desk()
    let opened = (0..<25).map { desk.open("alice", request: "r\($0)") }
    var (found, query) = ([SessionID](), Sessions(limit: 7))
    while true {
      let asked = QueryRequest(query, isOfCluster: false)
      let answer = try desk.state.answer(asked, by: .customer("alice"), of: .main).answer.get()
      let page = try #require(answer as? OwnSessions)
      found += page.sessions.map(\.session)
      guard let place = query.place(behind: page) else { break }
      #expect(SessionID(bytes: place.bytes) == place)
      query.place = place
    }
    #expect(found == opened.reversed())
  }

  @Test("times are numbers in frames and RFC 3339 in documents, and nothing else differs")
  func documents() {
    let session = OwnSessions.Session(
      session: SessionID(rawValue: 7), state: "active", seq: Sequence(2), position: 0, eta: 0, agents: ["bob"],
      channel: "", skill: "", openedAt: 1_000, updatedAt: .max)
    let own = OwnSessions(sessions: [session], more: false)
    let frame = OwnSessions.fields.json(of: own)
    #expect(frame.contains(#""opened_at":1000,"updated_at":18446744073709551615}"#))
    #expect(
      OwnSessions.fields.json(of: own, asDocument: true)
        == frame.replacing("1000", with: #""1970-01-01T00:00:01.000Z""#)
        .replacing("18446744073709551615", with: #""9999-12-31T23:59:59.999Z""#))
    #expect(OwnSessions.fields.list[0].documentSchema.contains("date-time"))
    #expect(!OwnSessions.fields.list[0].schema.contains("date-time"))
  }
}
