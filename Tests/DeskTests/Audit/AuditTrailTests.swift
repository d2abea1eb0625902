import Kernel
import Testing

@testable import Desk

@Suite("What staff has done is noted as a chain")
struct AuditTrailTests {
  private var desk = Desk()
  private static let root = Person(id: "root", role: .admin, name: "Root")
  private static let kim = Person(id: "kim", role: .supervisor, name: "Kim")

  init() { desk.raise(.eighth) }

  private func links(_ outcome: Desk.Outcome) -> [AuditLink] {
    outcome.effects.compactMap { if case .audited(let link) = $0 { link } else { nil } }
  }

  @discardableResult
  private mutating func erase(
    _ customer: String, _ id: String, in number: DeskNumber = .main
  ) -> Desk.Outcome {
    let record = DeskRecord(EraseCustomer(customer: customer), id: id)
    return desk.apply(.arrange(DeskEnvelope(record, by: Self.root, in: number, presence: nil)))
  }

  private mutating func close(_ session: SessionID, by person: Person, _ id: String = "c") -> Desk.Outcome {
    let epoch = desk.state.owner(of: session)?.epoch ?? Epoch(0)
    return desk.apply(.perform(Envelope(Close(session: session), id: id, by: person, epoch: epoch)))
  }

  private func read(_ session: SessionID, by person: Person) -> Command {
    let note = AuditNote(person, "history", AuditMatter(session: session), in: .main)
    return .noteRead(NoteRead(desk: .main, note: note))
  }

  @Test("each entry follows from the one before, and the state has the last")
  mutating func chain() throws {
    var all: [AuditLink] = []
    all += links(erase("alice", "e1"))
    let session = desk.open("bob")
    all += links(close(session, by: Self.kim))
    all += links(desk.apply(read(session, by: Self.kim)))
    var previous = AuditHash(beginningOf: .main)
    for (place, link) in all.enumerated() {
      #expect(link.entry.number == UInt64(place + 1) && link.previous == previous && link.isSound)
      #expect(link.hash == previous.followed(by: link.entry.encoded))
      #expect(try AuditLink(desk: .main, link.encoded()) == link)
      #expect(link.entry.encoded.count <= AuditEntry.mostBytes)
      previous = link.hash
    }
    #expect(all.map(\.entry.note.act) == ["erase", "close", "history"])
    #expect(all.map(\.entry.note.actor) == ["root", "kim", "kim"])
    #expect(all[1].entry.note.session == session && all[1].entry.time == desk.time)
    let trail = try #require(desk.state.audit(of: .main))
    #expect(trail.count == 3 && trail.head == previous)
  }

  @Test("a repetition, a refusal and an operation that is done already note nothing")
  mutating func once() {
    erase("alice", "e1")
    #expect(erase("alice", "e1").answer == .done)
    _ = desk.open("bob")
    #expect(erase("bob", "e2").answer == .refused(.customerInUse))
    let session = desk.open("carl")
    _ = close(session, by: Self.kim)
    #expect(close(session, by: Self.kim, "again").answer == .done)
    #expect(desk.state.audit(of: .main)?.count == 2)
  }

  @Test("what customers do, and agents in what they serve, is their everyday work")
  mutating func everyday() {
    desk.status("anna", .online)
    let first = desk.open("alice")
    #expect(links(close(first, by: Person(id: "anna", role: .agent, name: "anna"))).isEmpty)
    let second = desk.open("alice", request: "r2")
    #expect(links(close(second, by: .customer("alice"))).isEmpty)
    let third = desk.open("alice", request: "r3")
    #expect(links(close(third, by: Self.kim)).count == 1)
  }

  @Test("desks are in the audit of the main one, and a desk that is deleted takes its own along")
  mutating func desks() throws {
    let number = desk.create("sales")
    #expect(desk.state.audit(of: .main)?.count == 1)
    erase("alice", "e1", in: number)
    #expect(desk.state.audit(of: number)?.count == 1 && desk.state.audit(of: .main)?.count == 1)
    desk.govern(ConfigureDesk(desk: Desk.name("sales"), open: false))
    let outcome = desk.apply(
      .govern(ClusterEnvelope(DeleteDesk(desk: Desk.name("sales")), id: "d", by: Desk.admin)))
    #expect(links(outcome).map(\.entry.note.detail) == ["sales"])
    #expect(desk.state.audit(of: number) == nil && desk.state.audit(of: .main)?.count == 3)
  }

  @Test("nobody who was erased is in it: neither the id nor anything from which it can be read")
  mutating func namesNobody() {
    let link = links(erase("quagga-77", "e1")).first
    #expect(link?.entry.note.customer == ErasureMark(desk: .main, customer: "quagga-77"))
    let bytes = String(decoding: link?.encoded() ?? [], as: UTF8.self)
    #expect(!bytes.contains("quagga"))
    let odd = AuditNote(
      Self.root, "x", AuditMatter(detail: "a\u{7}é" + String(repeating: "b", count: 500)), in: .main)
    #expect(odd.detail?.utf8.allSatisfy { (0x20...0x7E).contains($0) } == true)
    #expect(odd.detail?.utf8.count == AuditNote.mostDetail)
  }

  @Test("a note of a customer, and one for a desk that is not there, are refused")
  mutating func refused() {
    let session = desk.open("alice")
    #expect(desk.apply(read(session, by: .customer("alice"))).answer == .refused(.forbidden))
    let note = AuditNote(Self.kim, "history", .none, in: DeskNumber(9))
    #expect(desk.apply(.noteRead(NoteRead(desk: DeskNumber(9), note: note))).answer == .refused(.noSuchDesk))
    #expect(desk.state.audit(of: .main)?.count == 0)
  }

  @Test("a snapshot of level 8 has it, and so has the sum over the state; one of level 7 begins it anew")
  mutating func snapshot() throws {
    erase("alice", "e1")
    let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.audit(of: .main) == desk.state.audit(of: .main) && copy.audit(of: .main)?.count == 1)
    var other = ReplicatedState()
    let effects = [
      Effect.audited(
        AuditLink(
          AuditEntry(number: 1, time: 2, note: AuditNote(Self.kim, "a", .none, in: .main)), of: .main,
          behind: AuditHash(beginningOf: .main)))
    ]
    other.level = .eighth
    var same = other
    other.seal(index: 1, term: 1, checksum: 1, effects)
    same.seal(index: 1, term: 1, checksum: 1, [])
    #expect(other.digest != same.digest)

    var old = Desk()
    old.raise(.seventh)
    let record = DeskRecord(EraseCustomer(customer: "alice"), id: "e1")
    let outcome = old.apply(.arrange(DeskEnvelope(record, by: Self.root, in: .main, presence: nil)))
    #expect(outcome.answer == .done && links(outcome).isEmpty)
    let unread = old.open()
    #expect(old.apply(read(unread, by: Self.kim)).answer == .refused(.forbidden))
    let before = try ReplicatedState(snapshot: old.state.encodedSnapshot())
    #expect(before.level == .seventh && before.audit(of: .main)?.count == 0)
  }

  @Test("an archive is given each entry once, and a page of the audit ends where the state does")
  mutating func rows() throws {
    let outcome = erase("alice", "e1")
    var rows: [ArchiveRow] = []
    desk.state.archive(outcome.all, index: desk.index, into: &rows)
    let links = rows.compactMap { row -> AuditLink? in if case .audit(let link, _) = row { link } else { nil } }
    #expect(links.count == 1 && links.first?.hash == desk.state.audit(of: .main)?.head)
    let page = AuditPage(
      entries: links.map(AuditPage.Line.init), previous: links.first?.previous, count: 1,
      head: try #require(links.last).hash, place: nil, isComplete: true)
    #expect(try AuditPage.fields.decode(AuditPage.fields.encode(page)) == page)
  }
}
