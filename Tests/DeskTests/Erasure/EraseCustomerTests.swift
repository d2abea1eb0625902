import Kernel
import Testing

@testable import Desk

@Suite("A customer is erased")
struct EraseCustomerTests {
  private var desk = Desk()
  private static let root = Person(id: "root", role: .admin, name: "Root")

  init() { desk.raise(.seventh) }

  @discardableResult
  private mutating func erase(
    _ customer: String, _ id: String = "e1", by person: Person = root, in number: DeskNumber = .main
  ) -> Desk.Outcome {
    let record = DeskRecord(EraseCustomer(customer: customer), id: id)
    return desk.apply(.arrange(DeskEnvelope(record, by: person, in: number, presence: nil)))
  }

  private mutating func talk(_ customer: String, request: String = "r1") -> SessionID {
    let session = desk.open(customer, request: request)
    desk.send(session, "m1", by: .customer(customer), body: "secret of \(customer)")
    desk.close(session, by: .customer(customer))
    return session
  }

  @Test("all that is over goes, of that customer alone; what is sent or opened again finds nothing")
  mutating func goes() {
    let (first, second, other) = (talk("alice"), talk("alice", request: "r2"), talk("bob"))
    let outcome = erase("alice")
    #expect(outcome.answer == .done)
    #expect(desk.state.session(first) == nil && desk.state.session(second) == nil)
    #expect(desk.state.leftOfLate == [first, second])
    #expect(desk.state.session(other) != nil && desk.state.sessionCounts.closed == 1)
    #expect(desk.send(first, "m1").answer == .refused(.notFound))
    #expect(desk.open("alice", request: "r1") != first)
    let bytes = String(decoding: desk.state.encodedSnapshot(), as: UTF8.self)
    #expect(!bytes.contains("secret of alice") && bytes.contains("secret of bob"))
  }

  @Test("an archive is told who, and what was before; nothing of the same entry comes behind it")
  mutating func rows() throws {
    let session = talk("alice")
    let outcome = erase("alice")
    var rows: [ArchiveRow] = []
    desk.state.archive(outcome.all, index: desk.index, into: &rows)
    guard case .customerErased(let erased)? = rows.first, rows.count == 1 else {
      return #expect(Bool(false), "\(rows)")
    }
    #expect(erased.customer == "alice" && erased.index == desk.index && erased.sessions == [session])
    desk.apply(.timePasses(TimePasses(limit: 1)))
    rows = []
    desk.state.archive([], index: desk.index, into: &rows)
    #expect(rows.isEmpty && desk.state.leftOfLate.isEmpty)
  }

  @Test("while a session is open nothing goes, and it is said so")
  mutating func open() {
    let over = talk("alice")
    let open = desk.open("alice", request: "r2")
    #expect(erase("alice").answer == .refused(.customerInUse))
    #expect(desk.state.session(over) != nil && desk.state.erasures.count == 0)
    desk.close(open)
    #expect(erase("alice", "e2").answer == .done)
    #expect(desk.state.sessionCounts.closed == 0)
  }

  @Test("asked again with the same id, it does not take what came since; with another one it does")
  mutating func again() {
    _ = talk("alice")
    erase("alice")
    let since = talk("alice")
    #expect(erase("alice").answer == .done)
    #expect(desk.state.session(since) != nil)
    #expect(erase("bob").answer == .refused(.conflict))
    #expect(erase("alice", "e2").answer == .done)
    #expect(desk.state.session(since) == nil)
  }

  @Test("it is for admins alone, of one desk, and not known below level 7")
  mutating func allowed() {
    let session = talk("alice")
    for role in [UserRole.customer, .agent, .supervisor] {
      #expect(erase("alice", by: Person(id: "x", role: role, name: "")).answer == .refused(.forbidden))
    }
    #expect(erase("alice", in: DeskNumber(5)).answer == .refused(.noSuchDesk))
    #expect(desk.state.session(session) != nil)
    var old = Desk()
    old.raise(.sixth)
    let record = DeskRecord(EraseCustomer(customer: "alice"), id: "e")
    let command = Command.arrange(DeskEnvelope(record, by: Self.root, in: .main, presence: nil))
    #expect(command.since == .seventh && old.apply(command).answer == .refused(.forbidden))
  }

  @Test("who was erased is remembered without the name, through snapshots, and ends up in the same bytes")
  mutating func ledger() throws {
    _ = talk("alice-in-wonderland")
    erase("alice-in-wonderland")
    erase("nobody-ever-heard-of", "e2")
    let bytes = desk.state.encodedSnapshot()
    #expect(!String(decoding: bytes, as: UTF8.self).contains("wonderland"))
    let again = try ReplicatedState(snapshot: bytes)
    #expect(again.erasures == desk.state.erasures && again.encodedSnapshot() == bytes)
    let mark = ErasureMark(desk: .main, customer: "alice-in-wonderland")
    #expect(again.erasures.entry(mark)?.index == desk.index - 1)
    #expect(again.erasures.count == 2 && again.lastErasure == desk.index)
    #expect(again.checkInvariants().isEmpty)
  }

  @Test("a mark has the desk in it, and is read back from its text and its bytes alone")
  func marks() {
    let mark = ErasureMark(desk: .main, customer: "alice")
    #expect(mark != ErasureMark(desk: DeskNumber(1), customer: "alice"))
    #expect(mark != ErasureMark(desk: .main, customer: "Alice"))
    #expect(ErasureMark(mark.description) == mark && ErasureMark(bytes: mark.bytes) == mark)
    #expect(mark.description.count == 32)
    for text in [
      "", "0", mark.description + "0", mark.description.uppercased() + "", "+" + mark.description.dropFirst(),
    ]
    where text != mark.description { #expect(ErasureMark(text) == nil, "\(text)") }
  }

  @Test("the list of erasures goes page by page through all of them, each once")
  func pages() {
    var ledger = ErasureLedger()
    for number in 1...50 {
      let mark = ErasureMark(desk: .main, customer: "c\(number % 40)")
      ledger.add(ErasureLedger.Entry(mark: mark, index: UInt64(number), time: 0))
    }
    #expect(ledger.count == 40 && ledger.lastIndex == 50)
    #expect(ledger.entry(ErasureMark(desk: .main, customer: "c3"))?.index == 43)
    #expect(ledger.entry(ErasureMark(desk: .main, customer: "c40")) == nil)
    var (found, after): ([ErasureMark], ErasureMark?) = ([], nil)
    while true {
      let page = ledger.page(after: after, limit: 7)
      found += page.entries.map(\.mark)
      after = page.entries.last?.mark
      #expect(page.more == (found.count < 40))
      if !page.more { break }
    }
    #expect(found == ledger.sorted.map(\.mark) && found == found.sorted() && Set(found).count == 40)
    // A mark that is gone or never was is a place all the same.
    let between = ErasureMark(desk: .main, customer: "nobody")
    #expect(ledger.page(after: between, limit: 40).entries.allSatisfy { $0.mark > between })
  }
}
