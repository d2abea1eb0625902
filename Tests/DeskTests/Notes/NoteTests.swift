import Kernel
import Testing

@testable import Desk

@Suite("Notes")
struct NoteTests {
  private static func body(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func read(_ desk: Desk, _ session: SessionID, by person: Person) throws -> [String] {
    try desk.ask(Notes(session: session), by: person).notes.map {
      "\($0.sequence.rawValue) \(String(decoding: $0.body, as: UTF8.self))"
    }
  }

  @Test("they have a sequence of their own, are written once, and leave no trace for the customer")
  func unseen() throws {
    var (desk, session) = Desk.served()
    desk.send(session, "m1")
    let before = desk.state.session(session)
    desk.time += 1_000
    let outcome = desk.perform(
      WriteNote(session: session, body: Self.body("careful")), by: .agent("bob"), id: "n1")
    let note = Note(
      sequence: Sequence(1), kind: .note, id: "n1", author: .agent("bob"), body: Self.body("careful"),
      time: desk.time)
    #expect(outcome.answer == .done && outcome.effects == [.news(session, NewsRecord(Noted(note: note)))])
    let again = desk.perform(
      WriteNote(session: session, body: Self.body("careful")), by: .agent("bob"), id: "n1")
    #expect(again.answer == .done && again.effects.isEmpty)
    let other = desk.perform(WriteNote(session: session, body: Self.body("other")), by: .agent("bob"), id: "n1")
    #expect(other.answer == .refused(.conflict))
    let after = desk.state.session(session)
    #expect(after?.version == before?.version && after?.updatedAt == before?.updatedAt)
    #expect(after?.sequence == Sequence(1))
    #expect(after?.facets.isEmpty == true)
    for _ in 0..<2 {
      #expect(try Self.read(desk, session, by: .agent("bob")) == ["1 careful"])
      try desk.reload()
    }
    #expect(desk.state.lastNote(of: session) == Sequence(1))
  }

  @Test("no customer writes or reads one, nor an agent who takes no part")
  func refusals() {
    var (desk, session) = Desk.served()
    desk.status("eve", .away)
    let note = WriteNote(session: session, body: Self.body("x"))
    for person in [Person.customer("alice"), .agent("eve")] {
      #expect(desk.perform(note, by: person).answer == .refused(.forbidden))
      #expect(throws: (any Error).self) { try Self.read(desk, session, by: person) }
    }
    #expect(throws: Failure.self) { try WriteNote.check(.customer) }
    #expect(throws: Failure.self) { try Notes.check(.customer) }
    let asker = Asker(
      requestID: "r", role: .agent,
      entitlement: Entitlement(
        priority: nil, skills: nil, capacity: nil, choices: ClientChoices(), isOfCluster: false), bodyBytes: 2)
    #expect(throws: Failure.self) { try WriteNote(session: session, body: [1, 2, 3]).request(by: asker) }
    #expect(throws: Failure.self) { try Whisper(session: session, body: [1, 2, 3]).request(by: asker) }
    #expect(throws: Failure.self) {
      try Transfer(session: session, skill: "tax", note: [1, 2, 3]).request(by: asker)
    }
  }

  @Test("a whisper is for whoever serves then, supervisors and admins, and not for whoever serves later")
  func whisper() throws {
    var (desk, session) = Desk.served()
    desk.status("ann", capacity: 0)
    desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob"))
    let outcome = desk.perform(Whisper(session: session, body: Self.body("offer 10 %")), by: .supervisor("sue"))
    guard case .news(session, let news)? = Desk.told(outcome).first,
      let whispered = news.opened(as: Whispered.self)
    else {
      Issue.record("\(outcome.effects)")
      return
    }
    #expect(
      whispered.isFor(.agent("bob")) && whispered.isFor(.supervisor("kim")) && whispered.isFor(.admin("root")))
    #expect(!whispered.isFor(.agent("ann")) && !whispered.isFor(.customer("bob")))
    desk.perform(WriteNote(session: session, body: Self.body("all right")), by: .agent("bob"))
    #expect(try Self.read(desk, session, by: .agent("bob")) == ["1 offer 10 %", "2 all right"])
    #expect(try Self.read(desk, session, by: .agent("ann")) == ["2 all right"])
    #expect(try Self.read(desk, session, by: .supervisor("kim")) == ["1 offer 10 %", "2 all right"])
    desk.status("ann", capacity: 1)
    desk.transfer(session, to: .agent(AgentID("ann")))
    #expect(try Self.read(desk, session, by: .agent("ann")) == ["2 all right"])
    #expect(desk.perform(Whisper(session: session, body: []), by: .agent("ann")).answer == .refused(.forbidden))
    desk.status("bob", .away)
    desk.status("ann", .away)
    let waiting = desk.open("ben")
    #expect(
      desk.perform(Whisper(session: waiting, body: []), by: .supervisor("sue")).answer == .refused(.unserved))
  }

  @Test("a session has room for so many, and so much; the error says so")
  func bounds() throws {
    var (desk, session) = Desk.served()
    for number in 0..<NoteList.most {
      desk.perform(WriteNote(session: session, body: []), by: .agent("bob"), id: "n\(number)")
    }
    #expect(desk.state.lastNote(of: session) == Sequence(UInt64(NoteList.most)))
    #expect(
      desk.perform(WriteNote(session: session, body: []), by: .agent("bob")).answer == .refused(.tooManyNotes))
    let full = desk.perform(Transfer(session: session, skill: "tax", note: []), by: .agent("bob"))
    #expect(full.answer == .refused(.tooManyNotes) && desk.agents(of: session) == ["bob"])
    let other = desk.open("ben")
    desk.perform(
      WriteNote(session: other, body: Array(repeating: 97, count: NoteList.mostBytes - 1)),
      by: .supervisor("sue"),
      id: "a")
    #expect(
      desk.perform(WriteNote(session: other, body: []), by: .supervisor("sue"), id: "b").answer
        == .refused(.tooManyNotes))
    var (found, query) = ([Sequence](), Notes(session: session, limit: 200))
    while true {
      let page = try desk.ask(query, by: .agent("bob"))
      found += page.notes.map(\.sequence)
      guard let place = query.place(behind: page) else { break }
      #expect(Sequence(bytes: place.bytes) == place)
      query.place = place
    }
    #expect(found == (1...NoteList.most).map { Sequence(UInt64($0)) })
    try desk.reload()
  }

  @Test("one that comes with a transfer is told to whoever gets the session")
  func transfer() throws {
    var (desk, session) = Desk.served()
    desk.status("ann")
    let transfer = Transfer(session: session, agent: "ann", note: Self.body("wants a refund"))
    let outcome = desk.perform(transfer, by: .agent("bob"))
    guard case .news(session, let news)? = outcome.effects.last else {
      Issue.record("\(outcome.effects)")
      return
    }
    #expect(news.opened(as: Noted.self)?.note.kind == .transfer)
    #expect(try Self.read(desk, session, by: .agent("ann")) == ["1 wants a refund"])
    // Nodes of earlier levels neither know the field nor drop it.
    for level in [Level.first, .second, .eighth] {
      let envelope = Envelope(transfer, id: "t", by: .agent("bob"), epoch: Epoch(1), level: level)
      #expect(envelope.level == .ninth && !envelope.isLegacy)
    }
    let plain = Envelope(
      Transfer(session: session, agent: "ann"), id: "t", by: .agent("bob"), epoch: Epoch(1), level: .first)
    #expect(plain.isLegacy)
  }

  @Test("notes are written behind the end, are in the row of the archive, and go with the customer")
  func archived() throws {
    var (desk, session) = Desk.served()
    desk.perform(WriteNote(session: session, body: Self.body("one")), by: .agent("bob"))
    desk.perform(Whisper(session: session, body: Self.body("two")), by: .supervisor("sue"))
    desk.close(session)
    desk.perform(WriteNote(session: session, body: Self.body("three")), by: .agent("bob"))
    #expect(
      desk.perform(Whisper(session: session, body: []), by: .supervisor("sue")).answer
        == .refused(.sessionClosed))
    let row = try #require(desk.state.session(session)?.archived)
    #expect(row.team?.notes.list.count == 3)
    #expect(try ArchivedSession(stored: row.stored) == row)
    #expect(!ArchivedSession.fields.json(of: row).contains("three"), "no list of sessions says so")
    #expect(try ArchivedSession.fields.decode(ArchivedSession.fields.encode(row)).team == nil)
    for cut in 1..<20 {
      #expect(throws: (any Error).self) { try ArchivedSession(stored: Array(row.stored.dropLast(cut))) }
    }
    #expect(throws: (any Error).self) { try ArchivedSession(stored: row.stored + [0x7F, 0]) }

    var archive = RowArchive()
    archive.take(.session(row, RowOrigin(1)))
    desk.time += 10_000
    desk.apply(.timePasses(TimePasses(limit: 10, endedBefore: desk.time)))
    #expect(desk.state.session(session) == nil)
    let asked = QueryRequest(Notes(session: session), isOfCluster: false)
    #expect(asked.archivedSession == session)
    func answer(_ person: Person) throws -> [UInt64] {
      let answer = try desk.state.answer(asked, by: person, of: .main, over: archive, isCaughtUp: true).get()
      return try #require(answer as? NotePage).notes.map(\.sequence.rawValue)
    }
    #expect(try answer(.agent("bob")) == [1, 2, 3])
    #expect(try answer(.supervisor("kim")) == [1, 2, 3])
    #expect(throws: (any Error).self) { try answer(.customer("alice")) }
    #expect(throws: (any Error).self) { try answer(.agent("eve")) }
  }

  @Test("what was erased of a customer has taken its notes along")
  func erased() {
    var (desk, session) = Desk.served()
    desk.perform(WriteNote(session: session, body: Self.body("Rumpelstiltskin")), by: .agent("bob"))
    desk.close(session)
    #expect(desk.arrange(EraseCustomer(customer: "alice")).answer == .done)
    let bytes = desk.state.encodedSnapshot()
    let word = Self.body("Rumpelstiltskin")
    let isThere = bytes.indices.contains { bytes[$0...].starts(with: word) }
    #expect(!isThere)
  }

  @Test("a snapshot of level 8 has nothing of teams, and is read as ever")
  func earlier() throws {
    var desk = Desk()
    desk.raise(.eighth)
    desk.status("bob")
    desk.open()
    try desk.reload()
    desk.raise(.ninth)
    try desk.reload()
  }

  @Test("damaged notes, and too many people, are refused", arguments: 0..<3)
  func damage(_ kind: Int) {
    var (desk, session) = Desk.served()
    desk.perform(WriteNote(session: session, body: [97]), by: .agent("bob"))
    guard let found = desk.state.session(session) else { return }
    var writer = ByteWriter()
    writer.write(UInt8(1))
    switch kind {
    case 0: writer.writeVarint(UInt64(Team.mostInvited + 1))
    case 1:
      for _ in 0..<2 { writer.writeVarint(0) }
      writer.writeVarint(2)
      for _ in 0..<2 { writer.write(bytes: Note.fields.encode(found.team?.notes.list.first ?? desk.note)) }
    default: for _ in 0..<4 { writer.writeVarint(0) }
    }
    for _ in 0..<40 { writer.write(UInt8(0)) }
    #expect(throws: DecodingFailure.self) {
      var (reader, session) = (ByteReader(writer.bytes), found)
      try session.decodeTeam(from: &reader, now: desk.time)
    }
  }
}

extension Desk {
  fileprivate var note: Note {
    Note(sequence: Sequence(1), kind: .note, id: "", author: .agent("bob"), body: [], time: 0)
  }
}
