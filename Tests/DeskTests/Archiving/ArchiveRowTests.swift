import Desk
import Kernel
import Testing

@Suite("What the state gives to an archive")
struct ArchiveRowTests {
  /// The rows of one command. Its outcome comes first, since it changes the desk.
  private func rows(_ outcome: Desk.Outcome, _ desk: Desk) -> [ArchiveRow] {
    var rows: [ArchiveRow] = []
    desk.state.archive(outcome.all, index: desk.index, into: &rows)
    return rows
  }

  private func words(_ rows: [ArchiveRow]) -> [String] {
    rows.map {
      switch $0 {
      case .chunk(let chunk, _): "chunk \(chunk.number): \(chunk.first.rawValue)-\(chunk.last.rawValue)"
      case .session(let row, _): "session of \(row.messages)"
      case .deskDeleted(let desk, let index): "desk \(desk.rawValue) before \(index)"
      case .customerErased(let erased): "\(erased.customer) before \(erased.index)"
      case .audit(let link, _): "entry \(link.entry.number) of the audit"
      case .monthsDropped(let month): "months before \(month)"
      }
    }
  }

  @Test(
    "a chunk is given once it is full and a message is behind it, and the last one when the session is closed")
  func chunks() {
    var desk = Desk()
    let session = desk.open()
    var given: [String] = []
    for number in 1...130 {
      desk.time += 10
      given += words(rows(desk.send(session, "m\(number)"), desk)).map { "\(number) \($0)" }
    }
    #expect(given == ["65 chunk 0: 1-64", "129 chunk 1: 65-128"])
    #expect(words(rows(desk.close(session), desk)) == ["chunk 2: 129-130", "session of 130"])
    #expect(words(rows(desk.close(session), desk)) == [], "it was closed before")
  }

  @Test("a session of just 64 messages gives them when it is closed, and one without any gives none")
  func fullAtClose() {
    var desk = Desk()
    let full = desk.open("alice")
    let empty = desk.open("bert")
    for number in 1...64 { #expect(rows(desk.send(full, "m\(number)"), desk).isEmpty) }
    #expect(words(rows(desk.close(full), desk)) == ["chunk 0: 1-64", "session of 64"])
    #expect(words(rows(desk.close(empty, by: .customer("bert")), desk)) == ["session of 0"])
  }

  @Test("what is said of a session after its end gives its row again")
  func rated() {
    var desk = Desk()
    desk.raise(.third)
    let session = desk.open()
    desk.close(session)
    let envelope = Envelope(
      Rate(session: session, score: 4, comment: "quick"), id: "r", by: .customer("alice"),
      epoch: Epoch(1))
    let outcome = desk.apply(.perform(envelope))
    #expect(outcome.answer == .done)
    guard case .session(let row, _)? = rows(outcome, desk).first else {
      Issue.record("no row")
      return
    }
    #expect(row.rating == 4 && row.comment == "quick" && row.closedBy == "alice")
  }

  @Test("a chunk says what the session says, also after it was bytes")
  func bytes() throws {
    var desk = Desk()
    desk.status("bob")
    let session = desk.open()
    for number in 1...70 {
      desk.time += 7
      desk.send(
        session, "m\(number)", by: number % 3 == 0 ? .agent("bob") : .customer("alice"), body: "第\(number)条")
    }
    let chunk = try #require(desk.state.session(session)?.chunk(0))
    let again = try ArchivedChunk(session: session, number: 0, chunk.encoded())
    #expect(again.messages == desk.state.main.messages(session, after: .zero, limit: 64))
    #expect(again.firstTime == chunk.messages.first?.time && again.lastTime == chunk.messages.last?.time)
    for length in 0..<chunk.encoded().count {
      #expect(throws: (any Error).self) {
        try ArchivedChunk(session: session, number: 0, Array(chunk.encoded().prefix(length)))
      }
    }
  }

  @Test("a whole state gives what its entries have given")
  func whole() {
    var desk = Desk()
    var given: [String] = []
    for customer in ["a", "b", "c"] {
      let session = desk.open(customer)
      for number in 1...(customer == "b" ? 140 : 3) {
        given += words(rows(desk.send(session, "m\(number)", by: .customer(customer)), desk))
      }
      if customer != "c" { given += words(rows(desk.close(session, by: .customer(customer)), desk)) }
    }
    var whole: [ArchiveRow] = []
    desk.state.forEachArchiveRow { whole.append($0) }
    #expect(words(whole).sorted() == given.sorted() && given.count == 6)
  }

  @Test("a deleted desk takes its rows with it, and no later desk of its number")
  func deletedDesk() throws {
    var desk = Desk()
    let number = desk.create("sales")
    let session = try #require(desk.open(in: number).session)
    desk.apply(
      .govern(ClusterEnvelope(ConfigureDesk(desk: Desk.name("sales"), open: false), id: "c", by: Desk.admin)))
    desk.close(session)
    let outcome = desk.apply(
      .govern(ClusterEnvelope(DeleteDesk(desk: Desk.name("sales")), id: "d", by: Desk.admin)))
    #expect(words(rows(outcome, desk)) == ["desk \(number.rawValue) before \(desk.index)"])
    #expect(session.wasOpened(in: number, before: desk.index))
    let later = try #require(SessionID(index: desk.index + 1, place: 0, desk: number))
    #expect(
      !later.wasOpened(in: number, before: desk.index) && !session.wasOpened(in: .main, before: desk.index))
    // What comes next is another entry.
    #expect(rows(desk.apply(.timePasses(TimePasses(limit: 1))), desk).isEmpty)
  }
}
