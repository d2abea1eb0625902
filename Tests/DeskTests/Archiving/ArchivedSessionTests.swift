import Kernel
import Testing

@testable import Desk

@Suite("The row of a session that is over")
struct ArchivedSessionTests {
  private func row(at level: Level) throws -> ArchivedSession {
    var desk = Desk()
    desk.raise(level)
    desk.time = 2_000
    let session = desk.open("alice", skill: "tax")
    desk.time = 2_500
    desk.status("bob", skills: ["tax"])
    desk.send(session, "m1")
    desk.time = 3_000
    desk.send(session, "a1", by: .agent("bob"))
    desk.time = 4_000
    desk.close(session)
    desk.time = 5_000
    let rate = Envelope(
      Rate(session: session, score: 4, comment: "ok"), id: "r", by: .customer("alice"), epoch: Epoch(1))
    #expect(desk.apply(.perform(rate)).answer == .done)
    return try #require(desk.state.session(session)?.archived)
  }

  private static let earlier: [UInt8] =
    [1, 2, 0x80, 0x40, 2, 6, 5] + Array("alice".utf8) + [3, 6, 5] + Array("ALICE".utf8)
    + [4, 4, 3] + Array("web".utf8) + [5, 4, 3] + Array("tax".utf8) + [6, 7, 6] + Array("refund".utf8)
    + [7, 1, 0, 8, 10, 1, 5] + Array("order".utf8) + [2] + Array("17".utf8) + [9, 5, 1, 3] + Array("bob".utf8)
    + [10, 2, 0xD0, 0x0F, 11, 2, 0xA0, 0x1F, 12, 6, 5] + Array("alice".utf8)
    + [13, 7, 6] + Array("solved".utf8) + [14, 1, 2, 15, 1, 4, 16, 3, 2] + Array("ok".utf8)

  @Test("of a session that was opened below level 7 it has the bytes that it always had")
  func sameBytes() throws {
    let row = try row(at: .sixth)
    #expect(ArchivedSession.fields.encode(row) == Self.earlier)
    #expect(try ArchivedSession.fields.decode(Self.earlier) == row)
    #expect(row.facets.isEmpty, "when it was rated nobody has noted")
  }

  @Test("from level 7 on it says in addition what reports are made of, and how it was rated")
  func counts() throws {
    let row = try row(at: .seventh)
    let added: [UInt8] =
      [17, 2, 0xC4, 0x13, 18, 2, 0xB8, 0x17, 19, 4, 3] + Array("bob".utf8)
      + [20, 1, 1, 21, 1, 1, 22, 1, 0, 23, 1, 0, 24, 2, 0x88, 0x27, 25, 4, 3] + Array("bob".utf8)
    #expect(ArchivedSession.fields.encode(row) == Self.earlier + added)
    #expect(try ArchivedSession.fields.decode(Self.earlier + added) == row)
    let rating = try #require(row.facets.read(Rating.self))
    #expect(rating.score == 4 && rating.comment == "ok" && rating.agent == "bob" && rating.time == 5_000)
  }

  @Test("bytes with a field that this build does not know are no row")
  func unknown() {
    #expect(throws: (any Error).self) { try ArchivedSession.fields.decode(Self.earlier + [26, 1, 1]) }
  }
}
